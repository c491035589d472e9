// node test/proof/run.ts [SEQUENCES] [SEED]: random lives of a home, until one breaks a promise or the number is reached.
import fc from 'fast-check'
import { live, lives, type Sum } from './sequence.ts'

const numRuns = Number(process.argv[2] ?? 20_000)
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
const total: Sum = { commands: 0, faults: 0, edits: 0, marks: 0, cutOff: 0 }
const began = performance.now()
let count = 0
const property = fc.asyncProperty(lives, async (life) => {
  const sum = await live(life)
  for (const [name, value] of Object.entries(sum)) total[name as keyof Sum] += value
  if (++count % 1000 === 0)
    process.stderr.write(`${count} sequences, ${Math.round((performance.now() - began) / count)} ms each\n`)
})
const result = await fc.check(property, {
  numRuns,
  seed,
  interruptAfterTimeLimit: Number(process.env['GB10_PROOF_SECONDS'] ?? 3600) * 1000,
})
if (result.failed) {
  process.stdout.write(`${fc.defaultReportMessage(result) ?? ''}\n${String((result.errorInstance as Error).stack)}\n`)
  process.exitCode = 1
} else {
  const seconds = Math.round((performance.now() - began) / 1000)
  process.stdout.write(
    `${count} sequences (seed ${seed}): ${total.commands} commands, ${total.faults} interrupted by a crash or a failing disk, `,
  )
  process.stdout.write(`${total.edits} acts of the user, ${seconds} s\n`)
  process.stdout.write(`${total.marks} texts of the user looked for and found: 0 user bytes lost\n`)
  process.stdout.write(`${total.cutOff} texts went because the records of where they lay were cut off the ledger\n`)
}
