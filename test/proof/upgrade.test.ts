import { existsSync, readlinkSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { applyChanges, type Prove } from '../../src/apply/run.ts'
import { openSession, type Session } from '../../src/apply/session.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import type { Want } from '../../src/model/change.ts'
import { manifestOf } from '../support/manifest.ts'
import { quickMachine } from './quick-machine.ts'
import { changesOf, modelsOf, RECIPES, treeOf } from './recipes.ts'
import { furnish, type World } from './world.ts'

let w: World
let s: Session
beforeEach(() => {
  w = furnish()
  s = openSession(quickMachine, { folder: w.state, command: 'test', emit: () => undefined, signal: new AbortController().signal })
})
afterEach(() => {
  s.close()
  rmSync(w.home, { recursive: true })
})

const tree = (version: number): string => treeOf(w.home, version)
const link = (): string => readlinkSync(`${w.home}/envs/demo`)
const apply = (version: number, prove: Prove) =>
  applyChanges(s, `run-${version}`, changesOf('env', RECIPES['env']!(w.home, version)), [], prove)
const never: Prove = async () => expect.unreachable('nothing is switched')

test('a new tree is made beside the old, proved, switched to; the old one goes; undo leads back to the very start', async () => {
  expect((await apply(1, never)).failed).toBeNull()
  const proved: string[] = []
  const { failed } = await apply(2, async (change, path) => {
    proved.push(change.recipe, path)
    expect([link(), existsSync(tree(1)), existsSync(`${tree(2)}/bin/python`)]).toEqual([tree(1), true, true])
  })
  expect([failed, proved, link(), existsSync(tree(1))]).toEqual([null, ['env', tree(2)], tree(2), false])
  expect((await apply(2, never)).outcomes.map((o) => o.status)).toEqual(Array(6).fill('skipped'))
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect(verifyGone(s)).toEqual([])
  expect(manifestOf(w.home).filter((l) => !l.startsWith('/.local'))).toEqual(w.before)
})

test('while the new tree does not prove itself, the old one stays in use; later it is proved again, or undone', async () => {
  await apply(1, never)
  const bad: Prove = async () => Promise.reject(new Error('it computes nonsense'))
  for (const _ of [1, 2]) {
    const { failed } = await apply(2, bad)
    expect([failed?.kind, failed?.error, link(), existsSync(tree(1)), existsSync(tree(2))]).toEqual([
      'symlink',
      'it computes nonsense',
      tree(1),
      true,
      true,
    ])
  }
  expect(await undo(s, 'u', { run: 'run-2' }, false)).toMatchObject({ failed: [], kept: [] })
  expect([link(), existsSync(`${tree(1)}/bin/python`), existsSync(tree(2))]).toEqual([tree(1), true, false])
  expect((await apply(2, async () => undefined)).failed).toBeNull()
  expect([link(), existsSync(tree(1))]).toEqual([tree(2), false])
  await undo(s, 'u', { all: true }, false)
  expect(manifestOf(w.home).filter((l) => !l.startsWith('/.local'))).toEqual(w.before)
})

test('while the new files do not come, the old ones stay in use', async () => {
  await apply(1, never)
  s.close()
  const fetch = (): never => {
    expect([readlinkSync(`${w.home}/models`), existsSync(`${w.home}/models/weights`)]).toEqual([modelsOf(w.home, 1), true])
    throw new Error('no network')
  }
  s = openSession({ ...quickMachine, fetch }, { folder: w.state, command: 'test', emit: () => undefined, signal: new AbortController().signal })
  expect((await apply(2, async () => undefined)).failed).toMatchObject({ kind: 'download', error: 'no network' })
  expect(existsSync(`${w.home}/models/weights`)).toBe(true)
  await undo(s, 'u', { all: true }, false)
  expect(manifestOf(w.home).filter((l) => !l.startsWith('/.local'))).toEqual(w.before)
})

test('a folder that an older recipe put where a link is wanted now makes way for it', async () => {
  const files = [{ name: 'weights', url: 'http://models.invalid/weights', sha256: null, bytes: null }]
  const old: Want = { kind: 'download', path: `${w.home}/models`, files, licence: null, unpack: 'none' }
  await applyChanges(s, 'run-0', changesOf('env', [old]))
  expect((await apply(1, never)).failed).toBeNull()
  expect(readlinkSync(`${w.home}/models`)).toBe(modelsOf(w.home, 1))
  await undo(s, 'u', { all: true }, false)
  expect(manifestOf(w.home).filter((l) => !l.startsWith('/.local'))).toEqual(w.before)
})

test('a tree that was begun anew after two kills is taken back whole', async () => {
  const open = (kill?: 'run' | 'prune'): Session => {
    const died = (): never => {
      throw new Error('killed')
    }
    const machine = kill === undefined ? quickMachine : { ...quickMachine, [kill]: died }
    return openSession(machine, { folder: w.state, command: 'test', emit: () => undefined, signal: new AbortController().signal })
  }
  for (const kill of ['run', 'prune'] as const) {
    s.close()
    s = open(kill)
    expect((await apply(1, never)).failed?.error).toBe('killed')
  }
  s.close()
  s = open()
  expect((await apply(1, never)).failed).toBeNull()
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect(verifyGone(s)).toEqual([])
  expect(manifestOf(w.home).filter((l) => !l.startsWith('/.local'))).toEqual(w.before)
})
