import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { driftOfAll } from '../../src/apply/drift.ts'
import { recover } from '../../src/apply/recover.ts'
import { statusOf } from '../../src/apply/status.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import { verifyEverything } from '../../src/apply/verify-objects.ts'
import type { Machine } from '../../src/host/machine.ts'
import { peek } from '../../src/ledger/ledger.ts'
import type { Want } from '../../src/model/change.ts'
import type { Event } from '../../src/model/event.ts'
import { openOn, shutting } from '../support/in-the-way.ts'
import { applyWants, sandbox } from '../support/sandbox.ts'

/** A recipe of a folder with something in it, one of a file beside it, on a machine where a closed folder is closed. */
async function made() {
  const { home, state } = sandbox()
  const s = openOn(state, shutting)
  const wants: Want[] = [
    { kind: 'directory', path: `${home}/x/d`, mode: 0o755 },
    { kind: 'file', path: `${home}/x/f`, content: 'ours', mode: 0o644 },
    { kind: 'symlink', path: `${home}/x/l`, target: 'f' },
  ]
  expect((await applyWants(s, 'closed', wants)).failed).toBeNull()
  await applyWants(s, 'other', [{ kind: 'file', path: `${home}/g`, content: 'ours', mode: 0o644 }])
  const close = (path: string, mode = 0): void => {
    chmodSync(path, mode)
    onTestFinished(() => void (existsSync(path) && chmodSync(path, 0o755)))
  }
  return { home, state, s, close }
}

test('of what lies in a folder that its user closed it is told that nobody can look, and how to open it; the rest is shown as usual', async () => {
  const { home, state, s, close } = await made()
  close(`${home}/x`)
  const told = (name: string): string => `${home}/x/${name} cannot be looked into: its folder ${home}/x is closed to you (chmod u+rwx ${home}/x)`
  const read = peek(shutting, state)!
  const lines = [`${home}/x has mode 0 instead of 755`, told('d'), told('f'), told('l')]
  expect(statusOf(shutting, state, read).recipes.map((r) => [r.name, r.drift])).toEqual([['closed', lines], ['other', []]])
  expect((await verifyEverything(shutting, state, read, () => undefined)).wrong).toEqual(lines)
  const drift = await driftOfAll(shutting, state, s.ledger.ops())
  expect(Object.values(drift).map((d) => [d.gone, d.away === true])).toEqual([[false, false], [false, true], [false, true], [false, true]])
})

test('a file that its user closed is told of when it has to be read', async () => {
  const { home, state, close } = await made()
  close(`${home}/x/f`)
  const { wrong } = await verifyEverything(shutting, state, peek(shutting, state)!, () => undefined)
  expect(wrong).toEqual([`${home}/x/f cannot be read: it is closed to you (chmod u+r ${home}/x/f)`])
})

test('a closed folder in a tree is told of, and the rest of the machine is verified', async () => {
  const { home, state, s, close } = await made()
  mkdirSync(`${home}/y`)
  await applyWants(s, 'tree', [{ kind: 'download', path: `${home}/y/tree`, files: [], licence: null, unpack: 'none' }])
  mkdirSync(`${home}/y/tree/mine`)
  close(`${home}/y/tree/mine`)
  const { wrong } = await verifyEverything(shutting, state, peek(shutting, state)!, () => undefined)
  expect(wrong).toEqual([`${home}/y/tree/mine cannot be looked into: it is closed to you (chmod u+rwx ${home}/y/tree/mine)`])
})

test('what a stopped run left in a closed folder keeps nobody from setting up something else', async () => {
  const { home, s, close } = await made()
  const { want, pre } = s.ledger.ops().find((op) => op.id === 'c1')!
  s.ledger.append({
    k: 'intent', run: 'r', recipe: 'closed', op: 'half', id: 'half', key: 'path:half', summary: 'half', want, pre, before: null, reversible: 'full', as: 0,
  }, true)
  close(`${home}/x`)
  const events: Event[] = []
  expect((await recover({ ...s, emit: (event) => events.push(event) }, 'r')).map((op) => op.op)).toEqual(['half'])
  expect(events).toEqual([{ type: 'kept', kept: expect.objectContaining({ path: `${home}/x/f`, reason: expect.stringContaining(`chmod u+rwx ${home}/x`) }) }])
  expect(lstatSync(`${home}/x`).mode & 0o777).toBe(0)
})

test("what its user closed is opened to be taken back; a closed folder that is theirs stays as they closed it", async () => {
  const { home, s, close } = await made()
  const tree: Want = { kind: 'download', path: `${home}/tree`, files: [], licence: null, unpack: 'none' }
  const wants: Want[] = [{ kind: 'directory', path: `${home}/mine`, mode: 0o755 }, { kind: 'cache', path: `${home}/cache` }, tree, { ...tree, path: `${home}/added` }]
  expect((await applyWants(s, 'more', wants)).failed).toBeNull()
  for (const name of ['mine', 'added']) writeFileSync(`${home}/${name}/notes`, 'mine')
  for (const name of ['x/d', 'mine', 'cache', 'tree', 'added']) chmodSync(`${home}/${name}`, 0)
  close(`${home}/mine`)
  const { failed, kept } = await undo(s, 'u', { all: true }, false)
  expect([failed, kept.map((k) => k.path), verifyGone(s)]).toEqual([[], [`${home}/added`, `${home}/mine`], []])
  expect([readdirSync(home).sort(), lstatSync(`${home}/mine`).mode & 0o777]).toEqual([['.local', 'mine'], 0])
  expect(readFileSync(`${kept[0]!.savedCopy}/notes`, 'utf8')).toBe('mine')
})

test('what lies in a closed folder waits with the command that opens it, and the rest is taken back', async () => {
  const { home, s, close } = await made()
  close(`${home}/x`)
  const { failed } = await undo(s, 'u', { all: true }, false)
  expect(failed.map((f) => f.error)).toEqual([
    ...['l', 'f', 'd'].map((name) => `${home}/x/${name} cannot be looked into: its folder ${home}/x is closed to you (chmod u+rwx ${home}/x)`),
    expect.stringMatching(/^it waits for what is at/),
  ])
  expect([existsSync(`${home}/g`), verifyGone(s)]).toEqual([false, []])
  close(`${home}/x`, 0o555)
  const again = await undo(s, 'u', { all: true }, false)
  expect(again.failed[0]!.error).toBe(`${home}/x/l cannot be changed: its folder ${home}/x is closed to you (chmod u+rwx ${home}/x)`)
  chmodSync(`${home}/x`, 0o755)
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect(existsSync(`${home}/x`)).toBe(false)
})

test('a folder with something in it is kept, though the one around it may not be changed', async () => {
  const { home, s, close } = await made()
  writeFileSync(`${home}/x/d/notes`, 'mine')
  close(`${home}/x`, 0o555)
  expect((await undo(s, 'u', { all: true }, false)).kept).toEqual([expect.objectContaining({ path: `${home}/x/d`, reason: expect.stringContaining('notes') })])
})

test("a folder that was given to another user, who closed it, is kept with the command that shows what is in it", async () => {
  const { home, state } = sandbox()
  const path = `${home}/tree`
  const given: Machine = {
    ...shutting,
    lstat: (at) => (at === path && shutting.lstat(at) ? { ...shutting.lstat(at)!, uid: 4711 } : shutting.lstat(at)),
  }
  const s = openOn(state, shutting)
  await applyWants(s, 'tree', [{ kind: 'download', path, files: [], licence: null, unpack: 'none' }])
  s.close()
  chmodSync(path, 0)
  const { failed, kept } = await undo(openOn(state, given), 'u', { all: true }, false)
  expect([failed, kept]).toEqual([[], [expect.objectContaining({ path, reason: expect.stringMatching(`belongs to another user now .*sudo ls -A ${path}`) })]])
  chmodSync(path, 0o755)
  expect(existsSync(`${path}/.gb10-tree`)).toBe(true)
})
