import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { clearState, nothingLeft, purgeKept, sweepEmptied } from '../../src/apply/clear.ts'
import { undo } from '../../src/apply/undo.ts'
import type { Machine } from '../../src/host/machine.ts'
import { sweepNursery } from '../../src/ledger/home.ts'
import type { Want } from '../../src/model/change.ts'
import { openOn, refusing, shutting } from '../support/in-the-way.ts'
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
  const left = new Set(['.local', name.slice(0, name.lastIndexOf('/')), name, `${name}/history`])
  expect(new Set(readdirSync(home, { recursive: true, encoding: 'utf8' }))).toEqual(left)
})

test.each(['rename', 'rmdir'] as const)('killed after the first %s, the next command takes the folders away that were made for it', async (call) => {
  const { home, state } = await undone()
  const dying = { ...machine, [call]: (...args: [string, string]) => (machine[call](...args), expect.unreachable('killed')) }
  expect(() => clearState(dying, state, home)).toThrow('killed')
  sweepNursery(machine, state)
  expect(readdirSync(home)).toEqual([])
})

describe('what was kept', () => {
  const applied = async (recipe: string, state: string, wants: Want[]) => {
    const s = session(state)
    expect((await applyWants(s, recipe, wants)).failed).toBeNull()
    s.close()
  }
  const takenBack = async (state: string, purge = false) => {
    const s = session(state)
    await undo(s, 'u', { all: true }, purge)
    s.ledger.anchor()
    s.close()
  }

  const tree = (home: string): Want => ({ kind: 'download', path: `${home}/tree`, files: [], licence: null, unpack: 'none' })
  const keptTree = async (home: string, state: string, recipe: string) => {
    await applied(recipe, state, [tree(home)])
    mkdirSync(`${home}/tree/sub`)
    writeFileSync(`${home}/tree/sub/weights`, 'model')
    await takenBack(state)
  }

  test('goes at the word of the user, though it was kept twice, and then every folder that was made goes too', async () => {
    const { home, state } = sandbox()
    for (const name of ['first', 'second']) await keptTree(home, state, name)
    const { gone, stays } = purgeKept(machine, state)
    expect([gone.length, stays]).toEqual([2, []])
    sweepEmptied(machine, state)
    clearState(machine, state, home)
    expect(readdirSync(home)).toEqual([])
  })

  test('goes too where it had to be kept beside the tree, on another disk than the state folder', async () => {
    const { home, state } = sandbox()
    await applied('demo', state, [tree(home)])
    writeFileSync(`${home}/tree/weights`, 'model')
    const far: Machine = {
      ...machine,
      rename: (from, to) => {
        if (to.startsWith(`${state}/kept/`)) throw Object.assign(new Error('another disk'), { code: 'EXDEV' })
        machine.rename(from, to)
      },
    }
    const s = openOn(state, far)
    await undo(s, 'u', { all: true }, false)
    s.close()
    expect([purgeKept(machine, state).gone, readdirSync(home)]).toEqual([[expect.stringContaining(`${home}/tree.kept-`)], ['.local']])
  })

  test('where it lay is the user\'s, and so is what they put there since', async () => {
    const { home, state } = sandbox()
    const path = `${home}/.cache/gb10`
    await applied('demo', state, [{ kind: 'cache', path }])
    mkdirSync(`${path}/huggingface`)
    writeFileSync(`${path}/huggingface/weights`, 'model')
    await takenBack(state)
    writeFileSync(`${path}/huggingface/thesis`, 'years')
    await applied('demo', state, [{ kind: 'cache', path }])
    mkdirSync(`${path}/torch`)
    writeFileSync(`${path}/torch/weights`, 'model')
    await takenBack(state, true)
    expect([purgeKept(machine, state), readdirSync(path)]).toEqual([
      { gone: [], stays: [expect.stringMatching(/huggingface: it was handed back to you .*rm -r/)] },
      ['huggingface'],
    ])
    expect(readFileSync(`${path}/huggingface/thesis`, 'utf8')).toBe('years')
  })

  test('holds nothing up any more once the user took it away', async () => {
    const { home, state } = sandbox()
    writeFileSync(`${home}/f`, 'theirs')
    await applied('demo', state, [{ kind: 'file', path: `${home}/f`, content: 'x', mode: 0o644 }, { kind: 'directory', path: `${home}/d`, mode: 0o755 }])
    writeFileSync(`${home}/f`, 'mine')
    writeFileSync(`${home}/d/mine`, '')
    await takenBack(state)
    expect(nothingLeft(machine, state)).toBe(false)
    for (const path of execFileSync('find', [`${state}/kept`, `${home}/d`, '-type', 'f'], { encoding: 'utf8' }).trim().split('\n')) rmSync(path)
    sweepEmptied(machine, state)
    clearState(machine, state, home)
    expect(readdirSync(home)).toEqual(['f'])
  })

  test('and lies in a folder that its user closed afterwards: the folder goes with it', async () => {
    const { home, state } = sandbox()
    await applied('demo', state, [{ kind: 'directory', path: `${home}/d`, mode: 0o755 }])
    writeFileSync(`${home}/d/mine`, '')
    await takenBack(state)
    rmSync(`${home}/d/mine`)
    chmodSync(`${home}/d`, 0)
    sweepEmptied(shutting, state)
    expect(readdirSync(home)).toEqual(['.local'])
  })

  test('and cannot be looked at does not go unnoticed', async () => {
    const { home, state } = sandbox()
    mkdirSync(`${home}/theirs`)
    await applied('demo', state, [{ kind: 'directory', path: `${home}/theirs/d`, mode: 0o755 }, { kind: 'cache', path: `${home}/theirs/c` }])
    for (const name of ['d', 'c/torch']) mkdirSync(`${home}/theirs/${name}/mine`, { recursive: true })
    writeFileSync(`${home}/theirs/c/torch/mine/weights`, '')
    await takenBack(state)
    chmodSync(`${home}/theirs`, 0)
    sweepEmptied(shutting, state)
    expect([purgeKept(shutting, state).gone, nothingLeft(shutting, state)]).toEqual([[], false])
    chmodSync(`${home}/theirs`, 0o755)
    expect(readdirSync(`${home}/theirs`).sort()).toEqual(['c', 'd'])
  })

  test('and cannot be removed is told of', async () => {
    const { home, state } = sandbox()
    await keptTree(home, state, 'demo')
    const { gone, stays } = purgeKept(refusing('weights'), state)
    expect([gone, stays]).toEqual([[], [expect.stringContaining(`sudo rm -r ${state}/kept/`)]])
  })
})
