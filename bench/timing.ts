import { spawnSync } from 'node:child_process'

/** Something that is measured: one call is one sample, and gives its milliseconds. */
export type Sample = () => number | Promise<number>

/** On a machine that is busy a part stops after the round in which this much time has passed: the bench must end by itself. */
const PATIENCE = 20_000

/** Samples of several things taken in turn: a load that comes and goes falls on all of them. The order turns with every round. */
export async function interleaved<Name extends string>(
  rounds: number,
  things: Record<Name, Sample>,
): Promise<Record<Name, number[]>> {
  const end = performance.now() + PATIENCE
  const names = Object.keys(things) as Name[]
  const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds && (round === 0 || performance.now() < end); round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length]!
      taken[name].push(await things[name]())
    }
  }
  return taken
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** The median of the differences (or ratios) within each round: what the machine did meanwhile cancels. */
export const medianDifference = (values: readonly number[], base: readonly number[]): number =>
  median(values.map((v, i) => v - base[i]!))
export const medianRatio = (values: readonly number[], base: readonly number[]): number =>
  median(values.map((v, i) => v / base[i]!))

export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** The environment of what is measured, without what steers Node. */
export const plainEnv = (more: Record<string, string> = {}): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      (pair): pair is [string, string] => !/^(NODE_|npm_|FORCE_COLOR)/.test(pair[0]) && pair[1] !== undefined,
    ),
  ),
  ...more,
})

/** Runs a command with its output thrown away, and gives its milliseconds. Throws when it ends with an unexpected code. */
export function timeCommand(
  argv: readonly string[],
  { env = plainEnv(), codes = [0] }: { env?: Record<string, string>; codes?: number[] } = {},
): number {
  const start = performance.now()
  const { status, error } = spawnSync(argv[0]!, argv.slice(1), { env, stdio: 'ignore', timeout: 120_000 })
  const ms = performance.now() - start
  if (error) throw error
  if (status === null || !codes.includes(status)) throw new Error(`${argv.join(' ')} ended with ${status}`)
  return ms
}

/** Runs a command and gives what it printed. */
export function output(
  argv: readonly string[],
  { env = plainEnv(), cwd }: { env?: Record<string, string>; cwd?: string } = {},
): string {
  const { stdout, stderr, status } = spawnSync(argv[0]!, argv.slice(1), {
    env,
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 1 << 26,
  })
  if (status === null || status > 2) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}
