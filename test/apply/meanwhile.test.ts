import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sweepEmptied } from '../../src/apply/clear.ts'
import { recover } from '../../src/apply/recover.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import type { Machine } from '../../src/host/machine.ts'
import { InTheWay, removeOwn } from '../../src/ledger/remove.ts'
import type { Want } from '../../src/model/change.ts'
import type { Event } from '../../src/model/event.ts'
import { openOn } from '../support/in-the-way.ts'
import { applyWants, machine, sandbox, session } from '../support/sandbox.ts'

/** A machine on which another program writes a file into a folder at the last moment before it is removed. */
const busy = (folder: (path: string) => boolean): Machine => ({
  ...machine,
  rmdir(path) {
    if (folder(path)) writeFileSync(`${path}/late`, 'theirs')
    machine.rmdir(path)
  },
})

test.each<[string, Want]>([
  ['a folder', { kind: 'directory', path: '', mode: 0o755 }],
  ['a cache', { kind: 'cache', path: '' }],
  ['a tree', { kind: 'download', path: '', files: [], licence: null, unpack: 'none' }],
])('%s into which another program writes at the last moment is kept with that', async (_what, want) => {
  const { home, state } = sandbox()
  const path = `${home}/it`
  const s = openOn(state, busy((at) => at === path || at.includes('/.gb10-trash-')))
  await applyWants(s, 'demo', [{ ...want, path } as Want])
  const { failed, kept } = await undo(s, 'u', { all: true }, false)
  expect([failed, kept[0]?.reason, verifyGone(s)]).toEqual([[], expect.stringMatching(/late|did not put it there/), []])
  const place = kept[0]!.savedCopy ?? path
  expect(readFileSync(existsSync(`${place}/late`) ? `${place}/late` : place, 'utf8')).toBe('theirs')
})

test('a cache that a program goes on writing into fails by itself, and keeps nobody from setting up something else', async () => {
  const { home, state } = sandbox()
  const s = openOn(state, busy((at) => at.endsWith('/uv')))
  await applyWants(s, 'demo', [{ kind: 'cache', path: `${home}/cache` }])
  mkdirSync(`${home}/cache/uv`)
  expect((await undo(s, 'u', { all: true }, false)).failed[0]?.error).toMatch(/a program wrote into .*cache\/uv/)
  const events: Event[] = []
  await recover({ ...s, emit: (event) => events.push(event) }, 'r')
  expect(events).toEqual([{ type: 'kept', kept: expect.objectContaining({ reason: expect.stringMatching(/a program wrote into .*cache\/uv/) }) }])
  s.close()
  expect(await undo(session(state), 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect(existsSync(`${home}/cache`)).toBe(false)
})

test('a folder that had to stay, was emptied, and is written into again, stays', async () => {
  const { home, state } = sandbox()
  const s = openOn(state, machine)
  await applyWants(s, 'demo', [{ kind: 'directory', path: `${home}/it`, mode: 0o755 }])
  writeFileSync(`${home}/it/late`, 'first')
  await undo(s, 'u', { all: true }, false)
  s.close()
  rmSync(`${home}/it/late`)
  sweepEmptied(busy((at) => at === `${home}/it`), state)
  expect(readFileSync(`${home}/it/late`, 'utf8')).toBe('theirs')
})

test('a program that writes into a folder of ours while it is removed is in the way', () => {
  const { home } = sandbox()
  mkdirSync(`${home}/it`)
  expect(() => removeOwn(busy((at) => at === `${home}/it`), `${home}/it`)).toThrow(InTheWay)
  expect(readFileSync(`${home}/it/late`, 'utf8')).toBe('theirs')
})
