import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { clearState } from '../../src/apply/clear.ts'
import { undo } from '../../src/apply/undo.ts'
import type { Machine } from '../../src/host/machine.ts'
import { sweepNursery } from '../../src/ledger/home.ts'
import { applyWants, machine, sandbox, session } from '../support/sandbox.ts'

async function undone() {
  const { home, state } = sandbox()
  const s = session(state)
  await applyWants(s, 'demo', [{ kind: 'file', path: `${home}/f`, content: 'x', mode: 0o644 }])
  await undo(s, 'u', { all: true }, false)
  s.ledger.anchor()
  s.close()
  return { home, state }
}

test('the state folder goes with everything that was made for it', async () => {
  const { home, state } = await undone()
  clearState(machine, state, home)
  expect(existsSync(`${home}/.local`)).toBe(false)
})

test('a file that someone put into the state folder stays, and the folder with it', async () => {
  const { home, state } = await undone()
  writeFileSync(`${state}/notes.txt`, 'mine')
  clearState(machine, state, home)
  expect(readFileSync(`${state}/notes.txt`, 'utf8')).toBe('mine')
  expect(existsSync(`${state}/ledger.jsonl`)).toBe(true)
})

test('a run that begins meanwhile keeps its ledger', async () => {
  const { home, state } = await undone()
  const late: Machine = {
    ...machine,
    lock(folder, command) {
      const s = session(state)
      s.ledger.append({
        k: 'intent', run: 'r', recipe: 'demo', op: 'o', id: 'c', key: 'path:/x', summary: '', want: { kind: 'cache', path: '/x' }, pre: null, before: null,
        reversible: 'full', as: 0,
      }, true)
      s.close()
      return machine.lock(folder, command)
    },
  }
  clearState(late, state, home)
  expect(existsSync(`${state}/ledger.jsonl`)).toBe(true)
})

test.each(['.local/state/otherapp', '.local/otherapp'])('what another program puts into %s while the state folder goes is not touched', async (name) => {
  const { home, state } = await undone()
  const late: Machine = {
    ...machine,
    rename(from, to) {
      mkdirSync(`${home}/${name}`)
      writeFileSync(`${home}/${name}/history`, 'precious')
      machine.rename(from, to)
    },
  }
  clearState(late, state, home)
  expect(readFileSync(`${home}/${name}/history`, 'utf8')).toBe('precious')
  expect(readdirSync(home, { recursive: true }).sort()).toEqual([...new Set(['.local', name.slice(0, name.lastIndexOf('/')), name, `${name}/history`])].sort())
})

test.each(['rename', 'rmdir'] as const)('killed after the first %s, the next command takes the folders away that were made for it', async (call) => {
  const { home, state } = await undone()
  const dying = { ...machine, [call]: (...args: [string, string]) => (machine[call](...args), expect.unreachable('killed')) }
  expect(() => clearState(dying, state, home)).toThrow('killed')
  sweepNursery(machine, state)
  expect(readdirSync(home)).toEqual([])
})
