// node power-driver.ts PAUSES HOME MATERIAL MUTANT COMMAND…: gb10's commands one after the other on a plan of every kind of
// change. At the calls that the first word names (`12,40,77`, counted over all commands) it says so on stdout and waits for a
// byte on stdin.
import { readFileSync, readSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { execute } from '../../src/cli/execute.ts'
import { run as runUndo } from '../../src/cli/commands/undo.ts'
import { run as runUninstall } from '../../src/cli/commands/uninstall.ts'
import { statusOf } from '../../src/apply/status.ts'
import { peek } from '../../src/ledger/ledger.ts'
import { realMachine } from '../../src/host/real.ts'
import type { Machine } from '../../src/host/machine.ts'
import type { PlanRecord } from '../../src/apply/plan-record.ts'
import { changesOf, everyKind, type Material } from '../crash/wants.ts'
import { manifestOf } from '../support/manifest.ts'
import { appOn } from './app.ts'

const [pauses, home, material, mutant, ...commands] = process.argv.slice(2) as [string, string, string, string, ...string[]]
const stops = new Set(pauses.split(',').map(Number))
const say = (what: object): void => void writeSync(1, `${JSON.stringify(what)}\n`)
let calls = 0

function pause(what: object): void {
  say({ pause: calls, ...what })
  for (;;) {
    try {
      readSync(0, Buffer.alloc(1))
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
    }
  }
}

const CHANGING = [
  'write',
  'overwrite',
  'mkdir',
  'rmdir',
  'unlink',
  'symlink',
  'rename',
  'chmod',
  'setTimes',
  'run',
  'fetch',
  'syncAll',
] as const

/** Counts every call that changes something, before it is made. */
function counted(m: Machine): Machine {
  const tick = (): void => {
    if (stops.has(++calls)) pause({})
  }
  const wrapped = CHANGING.map((name) => [
    name,
    (...args: never[]) => (tick(), (m[name] as (...args: never[]) => unknown)(...args)),
  ])
  return {
    ...m,
    ...Object.fromEntries(wrapped),
    *prune(root, mine) {
      yield* m.prune(root, (entry) => mine(entry) && (tick(), true))
    },
    append(path) {
      const real = m.append(path)
      return { ...real, write: (line) => (tick(), real.write(line)), sync: () => (tick(), real.sync()) }
    },
  }
}

/** A gb10 that leaves out a sync: of its ledger, or of the files it writes. */
function unsynced(m: Machine): Machine {
  if (mutant === 'ledger') return { ...m, append: (path) => ({ ...m.append(path), sync: () => undefined }) }
  if (mutant !== 'files') return m
  return {
    ...m,
    syncFolder: () => undefined,
    write(path, bytes, options) {
      const temp = `${path.slice(0, path.lastIndexOf('/'))}/${options.temp}`
      writeFileSync(temp, bytes, { mode: options.mode })
      if (options.mtimeNs) m.setTimes(temp, options.mtimeNs)
      renameSync(temp, path)
    },
  }
}

const env = {
  PATH: process.env['PATH']!,
  LC_ALL: 'C.UTF-8',
  HOME: home,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
}
const machine = counted(unsynced(realMachine(env)))
let document: object = {}
const app = appOn(
  home,
  () => machine,
  (shown) => (document = shown),
)
const changes = changesOf('demo', everyKind(home, JSON.parse(readFileSync(material, 'utf8')) as Material))
const recipe = { name: 'demo', title: 'demo', parameters: {}, licences: [], smoke: [], verifiedOn: [], env: {} }
const record: PlanRecord = { recipes: [recipe], changes, asserted: [], device: null }

/** What is set up and is not as the ledger says. */
function drift(): string[] {
  const read = peek(machine, app.owner.state)
  if (read === null || read.damage !== null) return [`no ledger to go by: ${read?.damage ?? 'it is gone'}`]
  return statusOf(machine, app.owner.state, read).recipes.flatMap((one) => [...one.drift, ...one.unfinished])
}

async function command(name: string): Promise<number> {
  if (name === 'apply') return (await execute(app, record, { command: 'apply demo', onFailure: 'keep' })).code
  if (name === 'undo') return runUndo(app, ['demo'], { yes: true })
  return runUninstall(app, { yes: true })
}

for (const name of commands) {
  try {
    if (name === 'drift') say({ drift: drift() })
    else if (name === 'manifest') say({ manifest: manifestOf(home) })
    else {
      const code = await command(name)
      say({ command: name, code, calls, document })
      if (pauses !== '') pause({ after: name })
    }
  } catch (error) {
    say({ command: name, thrown: String((error as Error).stack) })
  }
}
