import type { App } from '../app.ts'
import { EXIT, UserError } from '../exit.ts'
import { pairs } from '../options.ts'
import { planFor } from '../planning.ts'

export type PlanOptions = { profile?: string; set: string[]; host?: string }

/** `gb10 plan RECIPE… | --profile P`: what would change. Changes nothing. */
export async function run(app: App, recipes: string[], options: PlanOptions): Promise<number> {
  if (recipes.length === 0 && options.profile === undefined) throw new UserError('name a recipe or a profile', EXIT.usage, 'gb10 recipes')
  const { plan } = await planFor(app, { recipes, profile: options.profile, set: pairs('--set', options.set), host: options.host, auto: false })
  const { planExit, planJson, planText } = await import('../../report/plan.ts')
  app.show(() => planJson(plan), () => planText(plan, app.terminal.width, app.terminal.colourOut))
  return planExit(plan)
}
