import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { applyChanges } from '../../src/apply/run.ts'
import { driftOfAll } from '../../src/apply/drift.ts'
import { openSession, type Session } from '../../src/apply/session.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import type { Machine } from '../../src/host/machine.ts'
import { present } from '../../src/ledger/state.ts'
import type { Change, Want } from '../../src/model/change.ts'
import { manifestOf } from '../support/manifest.ts'
import { change, machine, sandbox } from '../support/sandbox.ts'

/** A home with a disk mounted at `usb`: what lies there has another device number, and goes as a whole when it is pulled out. */
function plugged() {
  const { home, state } = sandbox()
  const usb = `${home}/usb`
  mkdirSync(usb)
  let there = true
  const lstat: Machine['lstat'] = (path) => {
    const stat = machine.lstat(path)
    return stat && there && `${path}/`.startsWith(`${usb}/`) ? { ...stat, dev: '4711' } : stat
  }
  const options = { folder: state, command: 'test', emit: () => undefined, signal: new AbortController().signal }
  const s = openSession({ ...machine, lstat }, options)
  onTestFinished(() => s.close())
  const pull = (mountPointGoes: boolean): void => {
    renameSync(usb, `${home}/../pulled`)
    if (!mountPointGoes) mkdirSync(usb)
    there = false
  }
  const plug = (): void => {
    rmSync(usb, { recursive: true, force: true })
    renameSync(`${home}/../pulled`, usb)
    there = true
  }
  return { home, usb, s, pull, plug }
}

const wants = (home: string, usb: string): Change[] =>
  [
    { kind: 'file', path: `${home}/here`, content: 'x', mode: 0o644 } as Want,
    { kind: 'file', path: `${usb}/deep/there`, content: 'x', mode: 0o644 } as Want,
    { kind: 'file', path: `${usb}/there`, content: 'x', mode: 0o644 } as Want,
  ].map((want, i) => change('demo', `c${i}`, want))

const live = (s: Session): unknown[] => present(s.ledger.ops()).map((op) => 'path' in op.want && op.want.path)

test.each([false, true])('what lies on a disk that is not there stays on record until it is (mount point gone: %s)', async (mountPointGoes) => {
  const { home, usb, s, pull, plug } = plugged()
  await applyChanges(s, 'one', wants(home, usb))
  const made = [`${usb}/deep`, `${usb}/deep/there`, `${usb}/there`]
  pull(mountPointGoes)
  const drift = await driftOfAll(s.machine, s.ledger.folder, s.ledger.ops())
  expect(Object.values(drift).map((d) => [d.away, d.gone])).toEqual(made.map(() => [true, false]))
  expect((await applyChanges(s, 'two', wants(home, usb))).failed?.error).toMatch(/mount that first/)
  const first = await undo(s, 'u1', { all: true }, false)
  expect([first.away.sort(), first.failed, first.kept, live(s)]).toEqual([made, [], [], made])
  plug()
  expect(readFileSync(`${usb}/deep/there`, 'utf8')).toBe('x')
  expect(await undo(s, 'u2', { all: true }, false)).toMatchObject({ away: [], failed: [], kept: [] })
  expect([verifyGone(s), live(s), manifestOf(home).filter((l) => !/^\/(\.local|usb )/.test(l))]).toEqual([[], [], []])
})

test('an older ledger, which names no disk: a mount point is missing that gb10 did not make', async () => {
  const { home, usb, s, pull } = plugged()
  await applyChanges(s, 'one', wants(home, usb))
  for (const op of s.ledger.ops()) op.disk = undefined
  pull(true)
  expect((await undo(s, 'u', { all: true }, false)).away).toHaveLength(3)
})

test.each(['here', 'usb/there', 'usb/deep'])('%s that the user removed by hand is no disk that is not there', async (name) => {
  const { home, usb, s } = plugged()
  await applyChanges(s, 'one', wants(home, usb))
  rmSync(`${home}/${name}`, { recursive: true })
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ away: [], failed: [], kept: [] })
  expect(live(s)).toEqual([])
})
