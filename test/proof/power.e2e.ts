import { afterAll, beforeAll, expect, test } from 'vitest'
import { mountable, powerBench, type PowerBench, type Trial } from './power.ts'

// Loss of power at random calls of apply, undo and uninstall, on an ext4 image. GB10_POWER_RUNS=N: N times ten trials and more.
const runs = Number(process.env['GB10_POWER_RUNS'] ?? 6)
const able = mountable()

let bench: PowerBench
beforeAll(async () => {
  if (able) bench = await powerBench()
})
afterAll(() => bench?.close())

/** Numbers from a seed: what fails can be run again. */
function randomFrom(seed: number): () => number {
  let x = seed
  return () => (x = (x * 48271) % 2147483647) / 2147483647
}

const tell = ({ at, after, wrong }: Trial): string => `call ${at}${after ? ` (after ${after})` : ''}:\n  ${wrong.join('\n  ')}`

test.skipIf(!able)('after a loss of power everything comes back, and what was said to be done is', async () => {
  const seed = Number(process.env['GB10_SEED'] ?? Date.now() % 1e6) + 1
  const random = randomFrom(seed)
  const trials: Trial[] = []
  for (let i = 0; i < runs; i++) trials.push(...(await bench.run('', 10, random)))
  const wrong = trials.filter((trial) => trial.wrong.length > 0)
  process.stdout.write(`power loss (seed ${seed - 1}): ${trials.length} trials, ${wrong.length} wrong\n`)
  expect(wrong.map(tell)).toEqual([])
})

test.skipIf(!able).each(['ledger', 'files'])('a gb10 that does not sync its %s is caught', async (mutant) => {
  const trials = await bench.run(mutant, 10, randomFrom(7))
  const wrong = trials.filter((trial) => trial.wrong.length > 0)
  process.stdout.write(`power loss without syncing the ${mutant}: ${wrong.length} of ${trials.length} trials wrong\n`)
  expect(wrong.length).toBeGreaterThan(0)
})
