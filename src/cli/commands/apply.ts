import type { PlanRecord } from '../../apply/plan-record.ts'
import type { Licence } from '../../plan/licences.ts'
import type { App } from '../app.ts'
import { confirm } from '../confirm.ts'
import { execute, type Executed } from '../execute.ts'
import { EXIT, UserError } from '../exit.ts'
import { askedLicences } from '../licences.ts'
import { pairs } from '../options.ts'
import { consent, ownRecipes } from '../own-recipes.ts'
import { planFor, type Planned } from '../planning.ts'
import { preflight } from '../preflight.ts'

export type ApplyOptions = { set: string[]; yes: boolean; onFailure: 'keep' | 'rollback'; profile?: string; accept: string[] }

/** `gb10 apply RECIPE…`: plan, show, confirm, apply. */
export async function run(app: App, recipes: string[], options: ApplyOptions): Promise<number> {
  if (recipes.length === 0 && options.profile === undefined) throw new UserError('name a recipe', EXIT.usage, 'gb10 recipes')
  const { names, own } = await ownRecipes(app, recipes)
  const planned = await planFor(app, { recipes: names, profile: options.profile, set: pairs('--set', options.set), host: undefined, auto: false })
  const refused = await showRefusals(app, planned)
  if (refused !== null) return refused
  for (const recipe of idle(planned) ? [] : own) if (!(await consent(app, recipe, options.accept))) return EXIT.failed
  const licences = await askedLicences(app, planned.plan, options, own.map(({ sha256 }) => sha256))
  if (planned.plan.changes.length > 0) await preflight(app, planned.plan)
  if (!(await agreed(app, planned, options.yes, licences))) return EXIT.failed
  const executed = await execute(app, await recordOf(app, planned), { command: `apply ${names.join(' ')}`, onFailure: options.onFailure })
  await showExecuted(app, executed, planned.plan.recipes)
  return executed.code
}

/** Shows a refused plan, which is an error here, and gives its exit code; null when nothing is refused. */
export async function showRefusals(app: App, { plan }: Planned): Promise<number | null> {
  if (plan.refused.length === 0) return null
  const { planExit, planJson, planText } = await import('../../report/plan.ts')
  app.terminal.err(planText(plan, app.terminal.width, app.terminal.colourErr))
  app.show(() => planJson(plan), () => '')
  return planExit(plan)
}

/** Nothing is to be made, and nothing goes. */
const idle = ({ plan }: Pick<Planned, 'plan'>): boolean => plan.changes.length === 0 && plan.superseded.length === 0

/** Shows the plan on stderr and asks, for its licences too; nothing is asked when there is nothing to do. */
export async function agreed(app: App, { plan }: Planned, yes: boolean, licences: readonly Licence[]): Promise<boolean> {
  if (idle({ plan })) return true
  const { planText } = await import('../../report/plan.ts')
  const { plain } = await import('../../report/text.ts')
  if (!app.options.quiet) app.terminal.err(planText(plan, app.terminal.width, app.terminal.colourErr, false))
  const names = [...new Set(licences.map(({ name }) => plain(name)))].join(', ')
  const answer = await confirm(app, names === '' ? 'Make these changes?' : `Make these changes, and accept ${names}?`, yes)
  if (!answer) app.note('Nothing was changed.')
  return answer
}

/** The plan as the ledger keeps it, with what `env` and `smoke` need later. */
export async function recordOf(app: App, { plan, device }: Planned): Promise<PlanRecord> {
  const { orderedChanges } = await import('../../apply/plan-record.ts')
  const { fill } = await import('../../model/placeholders.ts')
  const catalog = await app.catalog()
  const recipes = plan.recipes.map((recipe) => {
    const templates = catalog.recipes.find(({ name }) => name === recipe.name)?.env ?? {}
    const values = { ...recipe.parameters, home: app.owner.home, data: app.owner.data, cache: app.owner.cache }
    return { ...recipe, env: Object.fromEntries(Object.entries(templates).map(([name, value]) => [name, fill(value, values)])) }
  })
  return { recipes, changes: orderedChanges(plan), asserted: plan.asserted, device }
}

/** `set`: the recipes of the run, with the proofs that each has. */
export async function showExecuted(app: App, executed: Executed, set: readonly { name: string; smoke: string[] }[]): Promise<void> {
  const recipes = set.map(({ name }) => name)
  const proofs = set.filter(({ smoke }) => smoke.length > 0).map(({ name }) => name)
  const { executedJson, executedText } = await import('../../report/executed.ts')
  app.show(() => executedJson('apply', executed, recipes), () => executedText(executed, recipes, app.terminal.width, proofs))
}
