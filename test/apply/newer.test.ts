import { existsSync, mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { driftOfAll } from '../../src/apply/drift.ts'
import { recover } from '../../src/apply/recover.ts'
import { statusOf } from '../../src/apply/status.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import { verifyEverything } from '../../src/apply/verify-objects.ts'
import { peek } from '../../src/ledger/ledger.ts'
import type { Want } from '../../src/model/change.ts'
import type { Event } from '../../src/model/event.ts'
import { applyWants, machine, sandbox, session } from '../support/sandbox.ts'

/** A recipe whose folder holds a change of a kind that only a newer gb10 knows, and another recipe. */
async function newer() {
  const { home, state } = sandbox()
  const s = session(state)
  await applyWants(s, 'newer', [{ kind: 'directory', path: `${home}/x`, mode: 0o755 }])
  const want = { kind: 'snap', path: `${home}/x/snap` } as unknown as Want
  const intent = { run: 'r', recipe: 'newer', op: 'new', id: 'snap', key: 'snap:x', summary: 'A snap', want, pre: null, before: null, reversible: 'full', as: 0 } as const
  s.ledger.append({ k: 'intent', ...intent }, true)
  mkdirSync(`${home}/x/snap`)
  const done = () => s.ledger.append({ k: 'done', run: 'r', op: 'new', post: { manifest: 'of another form' }, recovered: false }, true)
  await applyWants(s, 'other', [{ kind: 'file', path: `${home}/g`, content: 'ours', mode: 0o644 }])
  return { home, state, s, done, line: `${home}/x/snap was made by a newer gb10: this one cannot look at it` }
}

test('a change of a kind that only a newer gb10 knows is shown as one that cannot be looked at', async () => {
  const { state, s, done, line } = await newer()
  done()
  const read = peek(machine, state)!
  expect(statusOf(machine, state, read).recipes.map((r) => [r.name, r.drift])).toEqual([['newer', [line]], ['other', []]])
  expect((await verifyEverything(machine, state, read, () => undefined)).wrong).toEqual([line])
  expect(await driftOfAll(machine, state, s.ledger.ops())).toEqual({ new: { gone: false, away: true, lines: [line] } })
})

test('taking it back fails for it and for what it stands on, and nothing of that is begun', async () => {
  const { home, s, done } = await newer()
  done()
  const { failed } = await undo(s, 'u', { all: true }, false)
  expect(failed.map((f) => [f.id, f.error])).toEqual([
    ['snap', expect.stringMatching(/does not know changes of the kind snap.*newer/)],
    ['c0', expect.stringMatching(/^it waits for what is at .*snap/)],
  ])
  expect([s.ledger.op('new').status, existsSync(`${home}/g`), existsSync(`${home}/x/snap`), verifyGone(s)]).toEqual(['live', false, true, []])
})

test.each(['open', 'undoing'])('%s, it keeps nobody from setting up something else', async (status) => {
  const { home, s, done } = await newer()
  if (status === 'undoing') {
    done()
    s.ledger.append({ k: 'undo.intent', run: 'u', op: 'new', purge: false }, true)
  }
  const events: Event[] = []
  await recover({ ...s, emit: (event) => events.push(event) }, 'r')
  expect(events).toEqual([{ type: 'kept', kept: expect.objectContaining({ path: `${home}/x/snap`, reason: expect.stringContaining('newer') }) }])
  expect(s.ledger.op('new').status).toBe(status)
})
