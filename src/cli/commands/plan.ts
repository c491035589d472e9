import type { App } from '../app.ts'
import { EXIT, UserError } from '../exit.ts'
import { pairs } from '../options.ts'
import { ownRecipes } from '../own-recipes.ts'
import { planFor } from '../planning.ts'

export type PlanOptions = { profile?: string; set: string[]; host?: string }

/** `gb10 plan RECIPE… | --profile P`: what would change. Changes nothing. */
export async function run(app: App, recipes: string[], options: PlanOptions): Promise<number> {
  if (recipes.length === 0 && options.profile === undefined) throw new UserError('name a recipe or a profile', EXIT.usage, 'gb10 recipes')
  const { names, own } = await ownRecipes(app, recipes)
  const { plan } = await planFor(app, { recipes: names, profile: options.profile, set: pairs('--set', options.set), host: options.host, auto: false })
  const { applyCommand, planExit, planJson, planText } = await import('../../report/plan.ts')
  const command = applyCommand(plan, Object.fromEntries(own.map(({ name, path }) => [name, path])))
  app.show(() => planJson(plan), () => planText(plan, app.terminal.width, app.terminal.colourOut, true, command))
  return planExit(plan)
}
