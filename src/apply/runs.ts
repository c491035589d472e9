import { present } from '../ledger/state.ts'
import type { LedgerRecord, OpState } from '../model/ledger.ts'

/** One run as the ledger tells it. `ended` is null for a run that was killed. */
export type Run = { run: string; at: string; command: string; recipes: string[]; plan: string; ended: 'done' | 'failed' | 'stopped' | 'undone' | null }

/** The runs of a ledger, oldest first. */
export function runsOf(records: readonly LedgerRecord[]): Run[] {
  const runs = new Map<string, Run>()
  for (const r of records) {
    if (r.k === 'run.begin') {
      const known = runs.get(r.run)
      if (known) known.ended = null
      else runs.set(r.run, { run: r.run, at: r.ts, command: r.command, recipes: r.recipes, plan: r.plan, ended: null })
    }
    const run = r.k === 'run.end' ? runs.get(r.run) : undefined
    if (run && r.k === 'run.end') run.ended = r.status
  }
  return [...runs.values()]
}

/** The last run that set something up, did not come to its end, and was neither taken back nor made up for since: what `resume` goes on with. */
export function unfinishedRun(records: readonly LedgerRecord[], ops: readonly OpState[]): Run | null {
  const runs = runsOf(records)
  const needed = new Set(present(ops).flatMap((op) => op.refs))
  return runs.findLast((run, at) => {
    if (run.plan === '' || run.ended === 'done' || run.ended === 'undone') return false
    const later = runs.slice(at + 1).filter((one) => one.ended === 'done')
    const takenBack = later.some((one) => one.plan === '') && run.recipes.every((name) => !needed.has(name))
    const madeUpFor = run.recipes.every((name) => later.some((one) => one.plan !== '' && one.recipes.includes(name)))
    return !takenBack && !madeUpFor
  }) ?? null
}

/** The newest plan that named a recipe. */
export function planOf(records: readonly LedgerRecord[], recipe: string): string | null {
  return runsOf(records).findLast((run) => run.plan !== '' && run.recipes.includes(recipe))?.plan ?? null
}
