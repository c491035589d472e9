import type { Result } from './suite.ts'
import type { Point } from './strace.ts'

/** The cells that a run without interruptions reached and that no interruption hit. */
export function gaps(reached: readonly Point[], results: readonly Result[]): string[] {
  const hit = new Set(results.map((r) => r.cell))
  return [...new Set(reached.map((p) => p.cell))].filter((cell) => !hit.has(cell)).sort()
}

/** A table of kind × phase × call with the number of points that hit each. */
export function table(results: readonly Result[]): string {
  const rows = new Map<string, Map<string, number>>()
  for (const { cell } of results) {
    if (cell === null) continue
    const at = cell.lastIndexOf(':')
    const row = rows.get(cell.slice(0, at)) ?? new Map<string, number>()
    rows.set(cell.slice(0, at), row.set(cell.slice(at + 1), (row.get(cell.slice(at + 1)) ?? 0) + 1))
  }
  const width = Math.max(...[...rows.keys()].map((name) => name.length))
  const line = ([name, calls]: [string, Map<string, number>]): string =>
    `${name.padEnd(width)}  ${[...calls].sort(([a], [b]) => (a < b ? -1 : 1)).map(([call, count]) => `${call} ${count}`).join('  ')}`
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(line).join('\n')
}

/** The mismatches of a run of the suite, one paragraph each. */
export const mismatches = (results: readonly Result[]): string[] =>
  results.filter((r) => r.wrong.length > 0).map((r) => `${r.scenario}: ${r.asked.cell}, call ${r.asked.when}: ${r.asked.line}\n  ${r.wrong.join('\n  ')}`)
