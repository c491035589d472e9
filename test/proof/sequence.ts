import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { mkdtempSync, realpathSync } from 'node:fs'
import fc from 'fast-check'
import { recover } from '../../src/apply/recover.ts'
import { openExisting } from '../../src/apply/session.ts'
import { LedgerDamaged } from '../../src/ledger/ledger.ts'
import { putUp, type Recording } from '../ledger/recording.ts'
import { manifestOf } from '../support/manifest.ts'
import { faulty, type Fault } from './faults.ts'
import { cutLedger, HAND } from './hand.ts'
import { NAMES, RECIPES } from './recipes.ts'
import { apply, findable, furnish, resume, standing, undoRecipe, uninstall, worldOf, type Ended, type World } from './world.ts'

/** One step of a life: what happens, to which recipe in which version, with what fault; `n` is for whoever needs a number. */
export type Step = { what: string; recipe: string; version: number; n: number; fault: Fault | null }
/** How a home begins: as a user furnished it, or as an old gb10 left it. */
export type Life = { start: 'furnished' | 'v1'; steps: Step[] }

const OURS = ['apply', 'apply', 'apply', 'undo', 'uninstall', 'resume', 'restart', 'clock', 'again']
const fault = fc.option(
  fc.record({
    how: fc.constantFrom<Fault['how']>('before', 'after', 'torn', 'EIO', 'full'),
    at: fc.oneof(...[20, 60, 160].map((max) => fc.integer({ min: 1, max }))),
  }),
  { freq: 2 },
)
const stepOf = (names: string[], recipes: string[]) =>
  fc.record({
    what: fc.constantFrom(...names),
    recipe: fc.constantFrom(...recipes),
    version: fc.constantFrom(1, 2, 3),
    n: fc.nat(60),
    fault,
  })
const steps = (names: string[], recipes = NAMES) =>
  fc.array(stepOf(names, recipes), { minLength: 1, maxLength: 12, size: 'max' })
const start = fc.constantFrom<Life['start']>('furnished', 'furnished', 'furnished', 'furnished', 'furnished', 'v1')

const ENV = ['apply', 'apply', 'apply', 'apply', 'resume', 'undo']

/**
 * Lives in which the user does nothing, in which they do, and in which the ledger gets cut besides; and those of one environment, which goes
 * from version to version and back, and of which the user deletes a part.
 */
export const lives = fc.oneof(
  fc.record({ start, steps: steps(OURS) }),
  fc.record({ start, steps: steps([...OURS, ...OURS, ...Object.keys(HAND)]) }),
  fc.record({ start, steps: steps([...OURS, ...OURS, ...Object.keys(HAND), 'cut', 'cut']) }),
  fc.record({ start, steps: steps(ENV, ['env']) }),
  fc.record({ start, steps: steps([...ENV, 'deleteTree', 'deleteLink', 'deleteModels', 'deleteCache'], ['env']) }),
)

const OLD = JSON.parse(readFileSync(new URL('../ledger/fixtures/v1.json', import.meta.url), 'utf8')) as Recording

/** A home in which an old gb10 set something up: its ledger is to be undone by this one, whatever comes in between. */
function inherited(): World {
  const fresh = furnish()
  rmSync(fresh.home, { recursive: true })
  const home = realpathSync(mkdtempSync(`${fresh.home.slice(0, fresh.home.lastIndexOf('/'))}/gb10-proof-`))
  putUp(OLD, home)
  const world = worldOf(home, ['alias ll="ls -l"', 'LANG=C'])
  world.before = []
  return world
}

/** What a life came to, for the sum at the end. */
export type Sum = { commands: number; faults: number; edits: number; marks: number; cutOff: number }

type Mutate = World['mutate']

/** Lives a life and checks what must hold after every step and at its end. Throws what does not. */
export async function live({ start: begin, steps: all }: Life, mutate: Mutate = (machine) => machine): Promise<Sum> {
  const world = begin === 'v1' ? inherited() : furnish()
  world.mutate = mutate
  const sum: Sum = { commands: 0, faults: 0, edits: 0, marks: 0, cutOff: 0 }
  try {
    for (const step of all) {
      await take(world, step)
      sum[step.what in HAND ? 'edits' : 'commands']++
    }
    await end(world, begin)
    return { ...sum, faults: world.faults, marks: world.marks.size, cutOff: world.cutOff }
  } finally {
    rmSync(world.home, { recursive: true, force: true })
  }
}

async function take(world: World, { what, recipe, version, n, fault: failing }: Step): Promise<void> {
  const wants = RECIPES[recipe]!(world.home, version)
  if (what === 'apply') await apply(world, recipe, wants, failing)
  else if (what === 'undo') await undoRecipe(world, recipe, failing)
  else if (what === 'uninstall') await uninstall(world, failing)
  else if (what === 'resume') await resume(world, failing)
  else if (what === 'restart') await recoverTwice(world)
  else if (what === 'clock') world.clock.offset = (n - 30) * 86_400_000 * 100
  else if (what === 'again') await applyAgain(world, recipe, version)
  else if (what === 'cut') cutLedger(world, n)
  else {
    world.touched = true
    HAND[what]!(world, n)
  }
}

/** P3: recovering twice is recovering once. */
async function recoverTwice(world: World): Promise<void> {
  const once = async (): Promise<string[]> => {
    const { machine } = faulty(world.state, null, world.clock)
    const session = openExisting(machine, {
      folder: world.state,
      command: 'test',
      emit: () => undefined,
      signal: new AbortController().signal,
    })
    try {
      if (session) await recover(session, 'recover')
    } finally {
      session?.close()
    }
    return standing(world)
  }
  try {
    assert.deepEqual(await once(), await once())
  } catch (error) {
    if (!world.swapped && !(world.cut && error instanceof LedgerDamaged)) throw error
  }
}

/** P8: what is applied, taken back and applied again is as it was, while only gb10 is at work. */
async function applyAgain(world: World, recipe: string, version: number): Promise<void> {
  const wants = RECIPES[recipe]!(world.home, version)
  const good = async (work: Promise<Ended>): Promise<boolean> => (await work).code === 0
  if (!(await good(apply(world, recipe, wants, null)))) return
  const first = shape(world)
  if (!(await good(undoRecipe(world, recipe, null))) || !(await good(apply(world, recipe, wants, null))) || world.touched) return
  assert.deepEqual(shape(world), first)
}

/**
 * Without what differs from one run to the next: times, and the operation that a tree belongs to. Blocks go to the end of a
 * file: so not their order.
 */
const shape = (world: World): string[] =>
  standing(world)
    .filter((l) => !/gb10-tree|^\/(\.bashrc|environment|twin|twin-too|fresh) /.test(l))
    .map((l) => l.replace(/ \d{19} /, ' '))

/** The end of every life: all is taken back, twice. */
async function end(world: World, begin: Life['start']): Promise<void> {
  const everything = findable(world, true)
  for (const mark of world.marks) assert.ok(everything.includes(mark), `lost before the end: ${mark}`)
  const first = await uninstall(world, null)
  const calm = !world.cut && !world.swapped
  if (calm)
    assert.deepEqual([first.said.failed, first.said.verified?.differences], [[], []], 'the last undo failed or left something')
  // Where a folder was swapped for a link, nothing is written back: what was replaced waits in the saved copies until it can be.
  const left = findable(world, world.cut || world.swapped)
  for (const mark of world.marks) assert.ok(left.includes(mark), `lost: ${mark}`)
  for (const mark of world.atRisk) if (!left.includes(mark)) world.cutOff++
  if (calm && !world.touched) {
    assert.equal(first.code, 0)
    if (begin === 'furnished') assert.deepEqual(manifestOf(world.home), world.before)
  }
  const once = standing(world)
  await uninstall(world, null)
  assert.deepEqual(standing(world), once, 'taking back twice is not taking back once')
}
