import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { clearState } from '../../src/apply/clear.ts'
import { undo } from '../../src/apply/undo.ts'
import type { Machine } from '../../src/host/machine.ts'
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
