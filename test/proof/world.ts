import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { App } from '../../src/cli/app.ts'
import { execute } from '../../src/cli/execute.ts'
import { run as runResume } from '../../src/cli/commands/resume.ts'
import { run as runUndo } from '../../src/cli/commands/undo.ts'
import { run as runUninstall } from '../../src/cli/commands/uninstall.ts'
import { EXIT, UserError } from '../../src/cli/exit.ts'
import type { Machine } from '../../src/host/machine.ts'
import { LedgerDamaged } from '../../src/ledger/ledger.ts'
import { driftOfAll } from '../../src/apply/drift.ts'
import { orderedChanges, type PlanRecord } from '../../src/apply/plan-record.ts'
import type { Change, Want } from '../../src/model/change.ts'
import type { Plan } from '../../src/model/plan.ts'
import { settle } from '../../src/plan/settle.ts'
import { liveOps } from '../../src/cli/planning.ts'
import { manifestOf } from '../support/manifest.ts'
import { appOn } from './app.ts'
import { faulty, type Fault } from './faults.ts'
import { changesOf } from './recipes.ts'

/** Homes lie in memory where that can be. */
const fast = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A home, what its user put there, and what has happened to it. */
export type World = {
  home: string
  state: string
  before: string[]
  /** Texts that the user wrote and has not removed again: each must be found in the home to the last. */
  marks: Set<string>
  /** Those of them that lie in trees whose ledger was cut. */
  atRisk: Set<string>
  /** A number that no two acts of the user share. */
  serial: number
  clock: { offset: number }
  /** The user did something; the ledger was cut; a folder was swapped for a link. */
  touched: boolean
  cut: boolean
  swapped: boolean
  faults: number
  /** Texts that went because the records of where they lay were cut off the ledger. */
  cutOff: number
  /** A fault in gb10 itself that is to be noticed. */
  mutate: (machine: Machine) => Machine
}

/** What a command said; `thrown` only for errors that a fault, a cut ledger or a swapped folder explains. */
export type Ended = {
  code: number
  said: { kept?: unknown[]; failed?: { error: string }[]; verified?: { differences: string[] } }
  thrown: unknown
}

export const SECONDS = 1_700_000_000

export function furnish(): World {
  const home = realpathSync(mkdtempSync(`${fast}/gb10-proof-`))
  writeFileSync(`${home}/old.conf`, 'theirs-old\n')
  writeFileSync(`${home}/.bashrc`, 'alias theirs-bashrc=b')
  writeFileSync(`${home}/environment`, 'PATH=/usr/bin\nTHEIRS=theirs-environment')
  writeFileSync(`${home}/twin`, 'theirs-twin\n')
  linkSync(`${home}/twin`, `${home}/twin-too`)
  symlinkSync('theirs-link', `${home}/current`)
  mkdirSync(`${home}/documents`)
  writeFileSync(`${home}/documents/thesis`, 'theirs-thesis\n')
  for (const name of ['old.conf', '.bashrc', 'environment', 'twin', 'documents/thesis'])
    utimesSync(`${home}/${name}`, SECONDS, SECONDS)
  return worldOf(home, ['theirs-old', 'theirs-bashrc', 'theirs-environment', 'theirs-twin', 'theirs-link', 'theirs-thesis'])
}

export const worldOf = (home: string, marks: string[]): World => ({
  home,
  state: `${home}/.local/state/gb10`,
  before: manifestOf(home),
  marks: new Set(marks),
  atRisk: new Set(),
  serial: 0,
  clock: { offset: 0 },
  touched: false,
  cut: false,
  swapped: false,
  faults: 0,
  cutOff: 0,
  mutate: (machine) => machine,
})

/** Runs a command of gb10 as the command line does it, with a fault in it or none. */
async function command(world: World, fault: Fault | null, work: (app: App) => Promise<number>): Promise<Ended> {
  const { machine, watch } = faulty(world.state, fault, world.clock)
  let said: Ended['said'] = {}
  const app = appOn(
    world.home,
    () => world.mutate(machine),
    (document) => (said = document as Ended['said']),
  )
  let ended: Ended
  try {
    ended = { code: await work(app), said, thrown: null }
  } catch (error) {
    const explained = watch.fired || world.swapped || (error instanceof LedgerDamaged && world.cut) || error instanceof UserError
    if (!explained) throw error
    ended = { code: -1, said, thrown: error }
  }
  if (watch.fired) world.faults++
  if (watch.loose.length > 0) throw new Error(`removed without a record that names it: ${watch.loose.join(', ')}`)
  return { ...ended, said }
}

/** Plans what a recipe wants and applies the plan. What gb10 calls done must be there then, and no link may lead nowhere. */
export async function apply(world: World, name: string, wants: Want[], fault: Fault | null): Promise<Ended> {
  const ended = await command(world, fault, async (app) => {
    const changes = await planned(app, name, wants)
    if (changes === null) return EXIT.failed
    const recipe = { name, title: name, parameters: {}, licences: [], smoke: [], verifiedOn: [], env: {} }
    const record: PlanRecord = { recipes: [recipe], changes, asserted: [], device: null }
    const onFailure = (fault?.at ?? 0) % 2 ? 'rollback' : 'keep'
    return (await execute(app, record, { command: `apply ${name}`, onFailure })).code
  })
  if (ended.code === EXIT.good) {
    const there = (want: Want): boolean =>
      want.kind === 'symlink' ? readlinkOf(want.path) === want.target : existsSync('path' in want ? want.path : want.probe.at(-1)!)
    const missing = wants.filter((want) => !there(want))
    if (missing.length > 0) throw new Error(`called done, but not there: ${JSON.stringify(missing)}`)
  }
  const environment = readlinkOf(`${world.home}/envs/demo`)
  if (!world.touched && !world.cut && environment !== null && !existsSync(`${environment}/bin/python`))
    throw new Error(`the environment in use is gone: ${environment}`)
  return ended
}

const readlinkOf = (path: string): string | null =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : null

/** What a plan makes of a recipe's wants: null when it refuses. Any link may be replaced here, which the planner would refuse. */
async function planned(app: App, recipe: string, wants: Want[]): Promise<Change[] | null> {
  const live = await liveOps(app)
  const drift = await driftOfAll(await app.machine(), app.owner.state, live)
  const claim = { recipe, wanted: changesOf(recipe, wants), values: {}, earlier: [], live, drift, occupied: () => 'absent' as const }
  const settled = settle(claim)
  return 'reason' in settled ? null : orderedChanges({ recipes: [{ name: recipe }], ...settled } as unknown as Plan)
}

export const undoRecipe = (world: World, name: string, fault: Fault | null): Promise<Ended> =>
  command(world, fault, (app) => runUndo(app, [name], { yes: true }))

/**
 * With a ledger that was cut short where no finished run had anchored it, gb10 cannot know what the lost records named: the saved
 * copies of what they replaced go with its folder. What lay nowhere else is counted, not looked for.
 */
export async function uninstall(world: World, fault: Fault | null): Promise<Ended> {
  const visible = world.cut ? findable(world, false) : ''
  const ended = await command(world, fault, (app) => runUninstall(app, { yes: true }))
  if (!world.cut || existsSync(world.state)) return ended
  const left = findable(world, false)
  for (const mark of world.marks) {
    if (visible.includes(mark) || left.includes(mark)) continue
    world.marks.delete(mark)
    world.cutOff++
  }
  return ended
}

export const resume = (world: World, fault: Fault | null): Promise<Ended> => command(world, fault, (app) => runResume(app))

/**
 * The whole home, but for gb10's own state, which says something of every run and goes when nothing is kept in it; what is kept
 * there counts.
 */
export const standing = (world: World): string[] =>
  manifestOf(world.home).filter((line) => !line.startsWith('/.local') || line.startsWith('/.local/state/gb10/kept/'))

/**
 * Every byte that the user can find under the home, names and link targets too; what gb10 keeps for them counts, its own objects
 * do not.
 */
export function findable(world: World, objects: boolean): string {
  const lines = manifestOf(world.home).filter(
    (l) => !l.startsWith('/.local/state/gb10/') || l.startsWith(`/.local/state/gb10/${objects ? '' : 'kept'}`),
  )
  return lines
    .map((line) => {
      const path = /^(.*?) \d+ \d+:\d+/s.exec(line)![1]!
      return lstatSync(world.home + path).isFile() ? readFileSync(world.home + path, 'latin1') : line
    })
    .join('\n')
}
