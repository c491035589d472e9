import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { LedgerDamaged, openLedger, peek, type Ledger } from '../../src/ledger/ledger.ts'
import { checkState, ensureState, StateRefused } from '../../src/ledger/home.ts'
import { Locked } from '../../src/host/lock.ts'
import { seal } from '../../src/ledger/chain.ts'
import type { Machine } from '../../src/host/machine.ts'
import { machine, sandbox, session } from '../support/sandbox.ts'

/** A state folder with a ledger of some records. */
function written(records = 3, m: Machine = machine): { state: string; file: string; ledger: Ledger } {
  const { state } = sandbox()
  ensureState(m, state)
  const ledger = openLedger(m, state)
  for (let i = 0; i < records; i++) ledger.append({ k: 'run.end', run: `r${i}`, status: 'done' }, true)
  return { state, file: `${state}/ledger.jsonl`, ledger }
}

describe('a torn last line', () => {
  test.each(['{"v":1,"seq":5', '{"v":1,"seq":5}\n', '\0\0\0\0', '\u{1f600}'.slice(0, 1)])('%j is cut off, set aside, and the ledger goes on', (torn) => {
    const { state, file } = written()
    appendFileSync(file, torn)
    const ledger = openLedger(machine, state)
    expect(readdirSync(state)).toContain('ledger.torn.4')
    ledger.append({ k: 'run.end', run: 'next', status: 'done' }, true)
    expect(peek(machine, state)).toMatchObject({ damage: null, torn: null, head: { seq: 5 } })
  })

  test('is damage when head.json says that it once was whole', () => {
    const { state, file, ledger } = written()
    ledger.anchor()
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -10))
    expect(() => openLedger(machine, state)).toThrow(LedgerDamaged)
  })

  test('is cut off even when a run was killed while it set the line aside', () => {
    const { state, file } = written()
    appendFileSync(file, 'torn')
    writeFileSync(`${state}/.ledger.torn.tmp`, 'half of i')
    openLedger(machine, state)
    expect(readFileSync(`${state}/ledger.torn.4`, 'utf8')).toBe('torn')
  })
})

describe('damage makes it read-only', () => {
  const lines = (file: string): string[] => readFileSync(file, 'utf8').split(/(?<=\n)/)
  test.each<[string, (file: string) => void, RegExp]>([
    ['a changed byte in the middle', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('"run":"r1"', '"run":"rX"')), /line 3: its hash/],
    ['a line taken out', (file) => writeFileSync(file, lines(file).toSpliced(2, 1).join('')), /line 3: it is number 4/],
    ['two lines exchanged', (file) => writeFileSync(file, [...lines(file).slice(0, 2), lines(file)[3], lines(file)[2]].join('')), /line 3/],
    ['a dropped tail', (file) => writeFileSync(file, lines(file).slice(0, 2).join('')), /records 3 to 4.*missing/],
    ['an empty file', (file) => writeFileSync(file, ''), /records 1 to 4.*missing/],
  ])('%s', (_name, harm, message) => {
    const { state, file, ledger } = written()
    ledger.anchor()
    harm(file)
    const before = readFileSync(file)
    expect(peek(machine, state)!.damage).toMatch(message)
    expect(() => openLedger(machine, state)).toThrow(LedgerDamaged)
    expect(readFileSync(file)).toEqual(before)
  })

  test('a record of a newer gb10', () => {
    const { state, file, ledger } = written()
    const head = ledger.head()
    appendFileSync(file, seal({ v: 2, seq: 5, ts: '', boot: '', mono: 0, k: 'run.end', run: 'n', status: 'done', prev: head.hash } as never).line)
    expect(() => openLedger(machine, state)).toThrow(/newer gb10 \(format 2, this gb10 knows 1\)/)
  })

  test('a head.json that cannot be read', () => {
    const { state, ledger } = written()
    ledger.anchor()
    writeFileSync(`${state}/head.json`, '{')
    expect(() => openLedger(machine, state)).toThrow(LedgerDamaged)
  })
})

describe('a write or sync that fails', () => {
  const failing = (call: 'write' | 'sync', at: number): Machine => {
    let count = 0
    return {
      ...machine,
      append(path) {
        const real = machine.append(path)
        const broken = (line: string): void => {
          if (call === 'write' && ++count === at) {
            real.write(line.slice(0, 20))
            throw new Error('ENOSPC: no space left on device, write')
          }
          real.write(line)
        }
        const sync = (): void => {
          if (call === 'sync' && ++count === at) throw new Error('EIO: i/o error, fdatasync')
          real.sync()
        }
        return { ...real, write: broken, sync }
      },
    }
  }
  test.each(['write', 'sync'] as const)('ends all writing (%s), and the next run goes on', (call) => {
    const { state, ledger } = written(2, failing(call, 3))
    expect(() => ledger.append({ k: 'run.end', run: 'x', status: 'done' }, true)).toThrow(/ENOSPC|EIO/)
    expect(() => ledger.append({ k: 'run.end', run: 'y', status: 'done' }, true)).toThrow(/ENOSPC|EIO/)
    expect(() => ledger.anchor()).toThrow(/ENOSPC|EIO/)
    ledger.close()
    const again = openLedger(machine, state)
    again.append({ k: 'run.end', run: 'z', status: 'done' }, true)
    expect(peek(machine, state)!.damage).toBeNull()
  })
})

describe('the state folder', () => {
  test.each<[string, (state: string) => void, RegExp]>([
    ['a link', (state) => symlinkSync('/tmp', state), /is a link/],
    ['a file', (state) => writeFileSync(state, ''), /is a file/],
    ['writable by others', (state) => {
      mkdirSync(state)
      chmodSync(state, 0o777)
    }, /can be written by others/],
  ])('%s is refused', (_name, make, message) => {
    const { state } = sandbox()
    mkdirSync(state.slice(0, state.lastIndexOf('/')), { recursive: true })
    make(state)
    expect(() => checkState(machine, state)).toThrow(StateRefused)
    expect(() => ensureState(machine, state)).toThrow(message)
    expect(() => peek(machine, state)).toThrow(message)
  })

  test("another user's is refused", () => {
    const { state } = sandbox()
    ensureState(machine, state)
    const other: Machine = { ...machine, uid: machine.uid + 1 }
    expect(() => checkState(other, state)).toThrow(/another user/)
  })

  test('what a run killed while making it left behind is swept', () => {
    const { home, state } = sandbox()
    mkdirSync(`${home}/.gb10-new-state.999999999/state`, { recursive: true })
    ensureState(machine, state)
    expect(existsSync(`${home}/.gb10-new-state.999999999`)).toBe(false)
    expect(peek(machine, state)).toMatchObject({ damage: null, head: { seq: 1 } })
  })
})

test('a ledger that is gone, but left traces, is damage: nothing is begun anew over it', () => {
  const { state } = sandbox()
  const s = session(state)
  s.ledger.anchor()
  s.close()
  rmSync(`${state}/ledger.jsonl`)
  expect(peek(machine, state)?.damage).toMatch(/it is gone/)
  expect(() => session(state)).toThrow(/cannot be trusted/)
  expect(existsSync(`${state}/ledger.jsonl`)).toBe(false)
})

describe('the lock', () => {
  test('is held by one process at a time and freed when that is killed', async () => {
    const { state } = sandbox()
    ensureState(machine, state)
    const lockFile = fileURLToPath(new URL('../../src/host/lock.ts', import.meta.url))
    const text = `import { lock } from ${JSON.stringify(lockFile)}; lock(${JSON.stringify(state)}, 'apply demo'); gc(); console.log('held'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', text], { stdio: ['ignore', 'pipe', 'ignore'] })
    await new Promise((done) => child.stdout.once('data', done))
    expect(() => machine.lock(state, 'undo')).toThrow(new Locked(`process ${child.pid}, apply demo`))
    const gone = new Promise((done) => child.once('exit', done))
    child.kill('SIGKILL')
    await gone
    const unlock = machine.lock(state, 'undo')
    unlock()
    machine.lock(state, 'again')()
  })
})
