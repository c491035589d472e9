import { parseArgs } from 'node:util'
import { root } from './places.ts'
import { notMeasured, type Part, type Row } from './row.ts'
import { start } from './start.ts'
import { beside } from './peers.ts'
import { environment } from './environment.ts'
import { explain } from './explain.ts'
import { hung } from './hung.ts'
import { ledger } from './ledger.ts'
import { packageSize } from './package.ts'
import { undoTree } from './undo.ts'
import { writePage, table } from './table.ts'

process.chdir(root)

/** What is measured elsewhere. */
const pending: Part = () => [
  notMeasured('crash suite: every kind × phase × system call', '0 mismatches', 'counted by the crash tests, not here'),
]

const parts: Record<string, Part> = {
  start,
  package: packageSize,
  hung,
  ledger,
  environment,
  undo: undoTree,
  explain,
  beside,
  pending,
}

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, only: { type: 'string', multiple: true }, where: { type: 'string' } },
})
const rows: Row[] = []
for (const [name, part] of Object.entries(parts)) {
  if (values.only && !values.only.includes(name)) continue
  process.stderr.write(`bench: ${name}\n`)
  try {
    rows.push(...(await part()))
  } catch (error) {
    rows.push(notMeasured(name, '', `stopped: ${(error as Error).message}`))
  }
}
process.stdout.write(`${table(rows)}\n`)
if (values.write && !values.only) writePage(rows, values.where)
// Timings never fail a build: a limit that is not met is a line to read, on a quiet machine.
process.exitCode = 0
