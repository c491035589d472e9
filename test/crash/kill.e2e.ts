import { afterAll, beforeAll, expect, test } from 'vitest'
import { gaps, mismatches, table } from './coverage.ts'
import { workshop, type Workshop } from './material.ts'
import { appliedShape, parallel, reach, sample, strike, type Result, type Scenario } from './suite.ts'
import { steady, type Injection, type Point } from './strace.ts'

// Every point with GB10_CRASH_FULL=1 (an hour); else one or two for each kind × phase × call.
const full = process.env['GB10_CRASH_FULL'] === '1'
const kill = { how: 'signal=SIGKILL' } as const

let shop: Workshop
let shape: string[]
beforeAll(async () => {
  shop = await workshop()
  shape = await appliedShape(shop)
})
afterAll(() => shop?.close())

type Job = { scenario: Scenario; injection: Injection; finish: boolean }
const all: Result[] = []

/** Node's own writes, to the pipes of what it starts, move the count of a call by a few from one run to the next. */
const BESIDE = Array.from({ length: 12 }, (_, i) => i + 1).flatMap((by) => [by, -by])

/** Interrupts at the points, and again beside those that missed their cell. */
async function strikeAll(name: string, reached: readonly Point[], jobs: readonly Job[]): Promise<Result[]> {
  const go = ({ scenario, injection, finish }: Job): Promise<Result> => strike(shop, scenario, injection, finish ? { finish: shape } : {})
  const results = await parallel(jobs, go)
  for (const by of BESIDE) {
    const missing = new Set(gaps(reached, results))
    const again = jobs.filter((job) => missing.delete(job.injection.cell))
    results.push(...(await parallel(again, (job) => go({ ...job, injection: { ...job.injection, when: Math.max(1, job.injection.when + by) } }))))
  }
  all.push(...results)
  process.stdout.write(`${[`${name}: ${results.length} crash points, ${mismatches(results).length} mismatches`, ...mismatches(results)].join('\n')}\n`)
  return results
}

const jobsOf = (scenario: Scenario, points: Point[], each: number): Job[] =>
  sample(points, full ? 'all' : each).map((point, i) => ({ scenario, injection: { ...point, ...kill }, finish: i % 3 === 0 }))

const judge = (reached: readonly Point[], results: readonly Result[]): void => {
  expect(mismatches(results)).toEqual([])
  expect(gaps(reached, results)).toEqual([])
}

test.each<[string, Scenario]>([
  ['apply', { name: 'apply', before: [], command: 'apply' }],
  ['undo', { name: 'undo', before: ['apply'], command: 'undo' }],
])('killed at every call of %s', async (name, scenario) => {
  const reached = await reach(shop, scenario)
  judge(reached, await strikeAll(name, reached, jobsOf(scenario, reached, 2)))
})

test('killed while the last traces go', async () => {
  const scenario: Scenario = { name: 'uninstall', before: ['undo'], command: 'uninstall' }
  const after: Scenario = { ...scenario, before: ['apply', 'undo'] }
  const reached = await reach(shop, after)
  judge(reached, await strikeAll('uninstall', reached, jobsOf(after, reached, 1)))
})

/**
 * The point in the middle of a kind's work, for each kind, as the second kill counts from it: on a file, if there is one. Calls without are
 * counted over all of them, and how many folders objects are kept in hangs on their hashes; nor an open, since Node opens files of its own.
 */
function middles(points: readonly Point[], phase: string): Map<string, Point> {
  const found = new Map<string, Point>()
  const groups = Map.groupBy(points.filter((p) => p.cell.split(':')[2] === phase && p.call !== 'openat' && steady(p)), (p) => p.cell.split(':')[1]!)
  for (const [kind, group] of groups) {
    const sure = group.filter(({ on }) => on !== null)
    const from = sure.length > 0 ? sure : group
    found.set(kind, from[Math.floor(from.length / 2)]!)
  }
  return found
}

test.each<[string, Scenario, string[], string]>([
  ['resume', { name: 'resume', before: [], command: 'apply' }, full ? ['perform', 'done'] : ['perform'], 'resume'],
  ['undo once more', { name: 'undo once more', before: ['apply'], command: 'undo' }, ['restore'], 'uninstall'],
])('killed again in %s after a kill', async (name, first, phases, second) => {
  const points = await reach(shop, first)
  const jobs: Job[] = []
  const reached: Point[] = []
  for (const phase of phases) {
    const starts = [...middles(points, phase)]
    const found = await parallel(starts, async ([kind, point]) => {
      const scenario: Scenario = { name: `${name} (${kind} ${phase})`, before: [...first.before, { command: first.command, injection: { ...point, ...kill } }], command: second }
      const own = (await reach(shop, scenario)).filter((p) => p.cell.includes(`:${kind}:`))
      return { own, jobs: jobsOf(scenario, own, 1) }
    })
    for (const one of found) {
      reached.push(...one.own)
      jobs.push(...one.jobs)
    }
  }
  judge(reached, await strikeAll(name, reached, jobs))
})

test.each(['EIO', 'ENOSPC'] as const)('%s in a call: heard of, nothing half-applied, all comes back', async (errno) => {
  const scenario: Scenario = { name: errno, before: [], command: 'apply' }
  const able = errno === 'EIO' ? /:(fsync|fdatasync|write|rename|mkdir|openat)$/ : /:(write|mkdir|openat|rename|symlink)$/
  const reached = (await reach(shop, scenario)).filter((p) => able.test(p.cell) && steady(p))
  const points = sample(reached, full ? 'all' : 1).filter((_, i) => full || i % 2 === 0)
  const jobs = points.map((point, i): Job => ({ scenario, injection: { ...point, how: `error=${errno}` }, finish: i % 3 === 0 }))
  expect(mismatches(await strikeAll(errno, [], jobs))).toEqual([])
})

test.each(['intent-after-action', 'undone-before-restore'])('a ledger with a fault (%s) is caught', async (mutant) => {
  const scenario: Scenario = mutant.startsWith('intent') ? { name: mutant, before: [], command: 'apply' } : { name: mutant, before: ['apply'], command: 'undo' }
  const phase = mutant.startsWith('intent') ? 'intent' : 'restore'
  const points = sample((await reach(shop, scenario, mutant)).filter((p) => p.cell.split(':')[2] !== 'open'), 1)
  const results = await parallel(points, (p) => strike(shop, scenario, { ...p, ...kill }, { mutant }))
  const caught = mismatches(results).length
  process.stdout.write(`${mutant}: caught ${caught} times in ${points.length} points\n`)
  expect(caught, phase).toBeGreaterThan(0)
})

afterAll(() => {
  process.stdout.write(`\n${table(all)}\n\n${all.length} crash points, ${mismatches(all).length} mismatches\n`)
})
