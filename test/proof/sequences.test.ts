import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Machine } from '../../src/host/machine.ts'
import { live, lives, type Sum } from './sequence.ts'
import { MUTANTS } from './mutants.ts'

// `npm run proof` lives 20,000 of them.
const numRuns = Number(process.env['GB10_PROOF_RUNS'] ?? 200)

test(`${numRuns} random lives of a home: no byte of the user's is lost, nothing of ours stays`, async () => {
  const total: Sum = { commands: 0, faults: 0, edits: 0, marks: 0, cutOff: 0 }
  const property = fc.asyncProperty(lives, async (life) => {
    const sum = await live(life)
    for (const [name, value] of Object.entries(sum)) total[name as keyof Sum] += value
  })
  await fc.assert(property, { numRuns })
  process.stdout.write(`${numRuns} sequences: ${JSON.stringify(total)}, 0 user bytes lost\n`)
}, 300_000)

test.each<[string, (machine: Machine) => Machine]>(Object.entries(MUTANTS))(
  'a gb10 that %s is caught',
  async (_name, mutate) => {
    const result = await fc.check(
      fc.asyncProperty(lives, async (life) => void (await live(life, mutate))),
      { numRuns: 1000, seed: 1, endOnFailure: true },
    )
    expect(result.failed).toBe(true)
  },
  300_000,
)
