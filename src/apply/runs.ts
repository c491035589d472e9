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

/**
 * The last run that set something up, did not come to its end, and was neither taken back nor made up for since: what `resume` goes on with.
 * Of its recipes those that were not taken back, asked for by name or all at once, and not set up since.
 */
export function unfinishedRun(records: readonly LedgerRecord[], ops: readonly OpState[]): Run | null {
  const runs = runsOf(records)
  const needed = new Set(present(ops).flatMap((op) => op.refs))
  for (const [at, run] of [...runs.entries()].toReversed()) {
    if (run.plan === '' || run.ended === 'done' || run.ended === 'undone') continue
    const later = runs.slice(at + 1)
    const recipes = run.recipes.filter((name) => !later.some((one) => settles(one, run, name)))
    const takenBack = later.some((one) => one.plan === '' && one.ended === 'done') && recipes.every((name) => !needed.has(name))
    if (recipes.length > 0 && !takenBack) return { ...run, recipes }
  }
  return null
}

/** Whether a later run says what is to become of a recipe of a stopped one: set up by it, or to be taken back, even if that failed. */
function settles(later: Run, run: Run, recipe: string): boolean {
  if (later.plan !== '') return later.ended === 'done' && later.recipes.includes(recipe)
  const [command, ...names] = later.command.split(' ')
  return command === 'uninstall' || names.includes(recipe) || names.includes(run.run)
}

/** The newest plan that named a recipe. */
export function planOf(records: readonly LedgerRecord[], recipe: string): string | null {
  return runsOf(records).findLast((run) => run.plan !== '' && run.recipes.includes(recipe))?.plan ?? null
}
