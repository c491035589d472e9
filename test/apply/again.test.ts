import { appendFileSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rollBack } from '../../src/apply/roll-back.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import { verifyEverything } from '../../src/apply/verify-objects.ts'
import { peek } from '../../src/ledger/ledger.ts'
import type { Want } from '../../src/model/change.ts'
import type { Event } from '../../src/model/event.ts'
import { applyWants, change, machine, sandbox, session } from '../support/sandbox.ts'
import { manifestOf } from '../support/manifest.ts'
import { makeChanges } from '../../src/apply/run.ts'

const put = (path: string): void => {
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true })
  writeFileSync(path, 'theirs\nX=old\n')
}
const outside = (home: string): string[] => manifestOf(home).filter((l) => !l.startsWith('/.local'))
const take = (path: string): void => rmSync(path, { recursive: true })

const KINDS: [string, (p: string) => Want, (p: string) => void, (p: string) => void][] = [
  ['a file', (path) => ({ kind: 'file', path, content: 'ours', mode: 0o644 }), () => undefined, take],
  ['a file that replaced one', (path) => ({ kind: 'file', path, content: 'ours', mode: 0o644 }), put, take],
  ['a link that replaced one', (path) => ({ kind: 'symlink', path, target: 'ours' }), (p) => symlinkSync('theirs', p), take],
  ['a folder', (path) => ({ kind: 'directory', path, mode: 0o755 }), () => undefined, take],
  ['a folder, with the one it is in', (path) => ({ kind: 'directory', path: `${path}/b`, mode: 0o755 }), () => undefined, take],
  ['a cache', (path) => ({ kind: 'cache', path }), () => undefined, take],
  ['a block', (path) => ({ kind: 'block', path, name: 'x', lines: ['X=1'] }), put, put],
  ['a line', (path) => ({ kind: 'env-line', path, name: 'Y', value: '1' }), put, put],
  ['a command', (path) => ({ kind: 'exec', probe: ['test', '-e', path], perform: ['touch', path], undo: ['rm', path] }), () => undefined, take],
]

test.each(KINDS)('%s that is gone is made again, and taken back to what was there at first', async (_what, want, prepare, remove) => {
  const { home, state } = sandbox()
  prepare(`${home}/x`)
  const before = outside(home).map((l) => l.replace(/ \d{19} /, ' '))
  const s = session(state)
  const wants = [want(`${home}/x`)]
  await applyWants(s, 'demo', wants)
  await applyWants(s, 'other', wants)
  const made = outside(home).map((l) => l.replace(/ \d{19} |[0-9a-f]{64}$/g, ' '))
  remove(`${home}/x`)
  const run = await makeChanges(s, 'again', [change('demo', 'c0', wants[0]!)])
  expect(run.outcomes.map((o) => o.status)).toEqual(['done'])
  expect(outside(home).map((l) => l.replace(/ \d{19} |[0-9a-f]{64}$/g, ' '))).toEqual(made)
  expect((await verifyEverything(machine, state, peek(machine, state)!, () => undefined)).wrong).toEqual([])
  expect((await applyWants(s, 'demo', wants)).outcomes.map((o) => [o.status, o.drift])).toEqual([['skipped', undefined]])
  await undo(s, 'u1', { recipe: 'demo' }, false)
  expect(outside(home).map((l) => l.replace(/ \d{19} |[0-9a-f]{64}$/g, ' ')), 'another recipe needs it').toEqual(made)
  expect(await undo(s, 'u2', { recipe: 'other' }, false)).toMatchObject({ kept: [], failed: [] })
  expect(verifyGone(s)).toEqual([])
  expect(outside(home).map((l) => l.replace(/ \d{19} /, ' '))).toEqual(before)
})

test('what somebody changed is named, and left', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  const wants: Want[] = [{ kind: 'file', path: `${home}/x`, content: 'ours\n', mode: 0o644 }]
  await applyWants(s, 'demo', wants)
  appendFileSync(`${home}/x`, 'mine\n')
  expect((await applyWants(s, 'demo', wants)).outcomes).toMatchObject([{ status: 'skipped', drift: [`${home}/x was changed`] }])
  expect(readFileSync(`${home}/x`, 'utf8')).toBe('ours\nmine\n')
})

test('a run that made something again and is rolled back leaves it gone, and it can be made again', async () => {
  const { home, state } = sandbox()
  put(`${home}/x`)
  const s = session(state)
  const wants: Want[] = [{ kind: 'file', path: `${home}/x`, content: 'ours', mode: 0o644 }, { kind: 'cache', path: `${home}/y` }]
  await applyWants(s, 'demo', wants)
  take(`${home}/x`)
  take(`${home}/y`)
  mkdirSync(`${home}/taken`)
  const failing: Want[] = [...wants, { kind: 'clone', path: `${home}/taken`, url: 'u', revision: 'r' }]
  const { failed } = await makeChanges(s, 'second', failing.map((want, i) => change('demo', `c${i}`, want)))
  expect(failed?.kind).toBe('clone')
  expect(await rollBack(s, 'second')).toMatchObject({ failed: [], kept: [] })
  expect(lstatSync(`${home}/x`, { throwIfNoEntry: false })).toBeUndefined()
  expect((await applyWants(s, 'demo', wants)).outcomes.map((o) => o.status)).toEqual(['done', 'done'])
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ kept: [], failed: [] })
  expect([readFileSync(`${home}/x`, 'utf8'), verifyGone(s)]).toEqual(['theirs\nX=old\n', []])
})

test('an upgrade of a file that two recipes need is taken back with the last of them', async () => {
  const { home, state } = sandbox()
  put(`${home}/x`)
  const s = session(state)
  const file = (content: string): Want => ({ kind: 'file', path: `${home}/x`, content, mode: 0o644 })
  await applyWants(s, 'one', [file('1')])
  await applyWants(s, 'one', [file('2')])
  await applyWants(s, 'two', [file('2')])
  await undo(s, 'u', { recipe: 'one' }, false)
  expect(readFileSync(`${home}/x`, 'utf8')).toBe('2')
  expect(await undo(s, 'u', { recipe: 'two' }, false)).toMatchObject({ kept: [], failed: [] })
  expect(readFileSync(`${home}/x`, 'utf8')).toBe('theirs\nX=old\n')
})

test('what somebody made of an older version is saved, and they are told, when a newer one takes its place', async () => {
  const { home, state } = sandbox()
  const events: Event[] = []
  const s = session(state, events)
  const version = (n: number): Want[] => [
    { kind: 'file', path: `${home}/x`, content: `version ${n}\n`, mode: 0o644 },
    { kind: 'symlink', path: `${home}/y`, target: `${n}` },
  ]
  await applyWants(s, 'demo', version(1))
  await applyWants(s, 'demo', version(2))
  expect(events.filter((e) => e.type === 'kept')).toEqual([])
  appendFileSync(`${home}/x`, 'mine\n')
  rmSync(`${home}/y`)
  symlinkSync('mine', `${home}/y`)
  await applyWants(s, 'demo', version(3))
  const kept = events.flatMap((e) => (e.type === 'kept' ? [e.kept] : []))
  expect(kept.map((k) => k.path)).toEqual([`${home}/x`, `${home}/y`])
  expect(readFileSync(kept[0]!.savedCopy!, 'utf8')).toBe('version 2\nmine\n')
  await undo(s, 'u', { all: true }, false)
  expect([readFileSync(`${home}/x`, 'utf8'), readlinkSync(`${home}/y`)]).toEqual(['version 2\nmine\n', 'mine'])
})
