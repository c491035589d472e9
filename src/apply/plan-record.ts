import type { Change } from '../model/change.ts'
import type { Asserted, Plan, PlannedRecipe } from '../model/plan.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** What a run set out to do, kept as an object so that `resume`, `smoke` and `env` need neither the recipe files nor the machine's facts again. */
export type PlanRecord = {
  recipes: (PlannedRecipe & { env: Record<string, string> })[]
  changes: Change[]
  asserted: Asserted[]
  device: 'cuda' | 'cpu' | null
}

/**
 * Everything a plan makes or shares, in the order of its recipes: what is there already comes first in each, so that the claim on it is
 * written down before anything is built on it.
 */
export function orderedChanges(plan: Plan): Change[] {
  return plan.recipes.flatMap(({ name }) => [
    ...plan.shares.filter((s) => s.recipe === name).map(({ recipe, id, summary, want }): Change => ({
      recipe, id, summary, want, scope: 'user', reversible: 'full', seconds: 0, bytes: 0,
    })),
    ...plan.changes.filter((c) => c.recipe === name),
  ])
}

export const savePlan = (ledger: Ledger, record: PlanRecord): string => ledger.objects.put(Buffer.from(JSON.stringify(record)))

/** Throws when the object is gone or damaged. */
export const loadPlan = (ledger: Pick<Ledger, 'objects'>, sha: string): PlanRecord => JSON.parse(ledger.objects.get(sha).toString()) as PlanRecord
