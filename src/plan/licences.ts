import type { Plan, PlannedRecipe } from '../model/plan.ts'

export type Licence = PlannedRecipe['licences'][number]

/** The licences of what a plan is still to download, but for those that were accepted by name. */
export function openLicences({ recipes, changes }: Plan, accepted: readonly string[]): Licence[] {
  const open = changes.flatMap(({ recipe, want }) =>
    recipes.flatMap(({ name, licences }) => (name === recipe && want.kind === 'download' ? licences.filter((one) => one.name === want.licence) : [])),
  )
  return [...new Set(open)].filter(({ name }) => !accepted.includes(name))
}
