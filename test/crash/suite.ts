import { availableParallelism } from 'node:os'
import { bench, shapeOf, type Bench, type Said } from './bench.ts'
import type { Workshop } from './material.ts'
import { steady, type Injection, type Point } from './strace.ts'

/** How the place to interrupt is reached: commands that run whole before, interruptions before, and the command that is interrupted. */
export type Scenario = { name: string; before: (string | { command: string; injection: Injection })[]; command: string }

/** What an interruption led to. `wrong` is empty when nothing was lost and nothing stayed. */
export type Result = { scenario: string; asked: Point; cell: string | null; wrong: string[] }

/** Runs jobs on as many benches at a time as there are processors. */
export async function parallel<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at]!, at)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return results
}

/** Does what comes before; false when an interruption of it missed its place, so that what follows is another scenario. */
async function prepare(b: Bench, scenario: Scenario): Promise<boolean> {
  let met = true
  for (const step of scenario.before) {
    if (typeof step === 'string') await b.command(step)
    else met = (await b.interrupt(step.command, onFile(step.injection, b.home))).cell !== null && met
  }
  return met
}

/** All points of a scenario's command, from a run that nothing interrupts. A file counts as the same in every run when it is in a second one too. */
export async function reach(shop: Workshop, scenario: Scenario, mutant?: string): Promise<Point[]> {
  const [points, others] = [await reachOnce(shop, scenario, mutant), await reachOnce(shop, scenario, mutant)]
  const key = ({ cell, on }: Point): string => `${cell} ${on?.path} ${on?.when}`
  const known = new Set(others.map(key))
  return points.map((point) => (known.has(key(point)) ? point : { ...point, on: null }))
}

async function reachOnce(shop: Workshop, scenario: Scenario, mutant?: string): Promise<Point[]> {
  for (let tries = 1; ; tries++) {
    const b = bench(shop)
    try {
      if (await prepare(b, scenario)) return await b.points(scenario.command, mutant)
      if (tries === 5) throw new Error(`${scenario.name}: the interruption before it missed its place ${tries} times`)
    } finally {
      b.remove()
    }
  }
}

/** Interrupts a scenario at one point, then takes everything back (after finishing it first, with `finish`) and compares. */
export async function strike(shop: Workshop, scenario: Scenario, asked: Injection, options: { finish?: string[]; mutant?: string } = {}): Promise<Result> {
  const b = bench(shop)
  const wrong: string[] = []
  const injection = onFile(asked, b.home)
  try {
    const met = await prepare(b, scenario)
    const { cell: where, said } = await b.interrupt(scenario.command, injection, options.mutant)
    // strace shows calls on that file only then, and no marks; but the n-th call on it is the same one in every run.
    const cell = !met ? null : where !== null && injection.file ? asked.cell : where
    const failed = injection.how !== 'signal=SIGKILL'
    if (failed && cell !== null && !asked.line.includes('/lock.holder>') && said?.code === 0 && scenario.command !== 'uninstall') wrong.push(...unheard(cell))
    if (options.finish && scenario.command !== 'undo') {
      for (const command of ['resume', 'apply']) wrong.push(...complaints(command, await b.command(command)))
      const shape = shapeOf(b.home)
      wrong.push(...shape.filter((l) => !options.finish!.includes(l)).map((l) => `not as applied: ${l}`))
      wrong.push(...options.finish.filter((l) => !shape.includes(l)).map((l) => `missing after resume: ${l}`))
    }
    wrong.push(...complaints('uninstall', await b.command('uninstall')), ...b.differences())
    return { scenario: scenario.name, asked, cell, wrong }
  } finally {
    b.remove()
  }
}

/** Calls on a file are counted on that file alone, where it has one name in every run. */
const onFile = (asked: Injection, home: string): Injection => (asked.on === null ? asked : { ...asked, when: asked.on.when, file: home + asked.on.path })

/** A call that failed must be heard of, but where only a note for people (who holds the lock) was at stake. */
const unheard = (cell: string): string[] => [`the error in ${cell} was not reported`]

function complaints(command: string, said: Said): string[] {
  const wrong = [
    said.thrown && `threw ${said.thrown}`, said.error && `failed: ${said.error}`, said.code !== 0 && `ended with ${said.code} ${JSON.stringify(said.changes?.filter(({ status }) => status === 'failed') ?? '')}`,
    said.kept?.length && `kept ${JSON.stringify(said.kept)}`, said.failed?.length && `failed ${JSON.stringify(said.failed)}`,
    said.verified?.differences.length && `differs ${JSON.stringify(said.verified.differences)}`,
  ]
  return wrong.filter((w) => typeof w === 'string').map((w) => `${command} ${w}`)
}

/** What a complete apply leaves, to compare a resumed one with. */
export async function appliedShape(shop: Workshop): Promise<string[]> {
  const b = bench(shop)
  try {
    const said = await b.command('apply')
    if (said.code !== 0) throw new Error(`apply failed: ${JSON.stringify(said)}`)
    return shapeOf(b.home)
  } finally {
    b.remove()
  }
}

/** Every point, or at least `each` of every cell, spread evenly over those that can be hit for certain, if there are any. */
export function sample(points: readonly Point[], each: number | 'all'): Point[] {
  if (each === 'all') return [...points]
  return [...Map.groupBy(points, (p) => p.cell).values()].flatMap((group) => {
    const cell = group.some(steady) ? group.filter(steady) : group
    const take = Math.min(each, cell.length)
    return Array.from({ length: take }, (_, i) => cell[Math.floor(((i + 0.5) * cell.length) / take)]!)
  })
}
