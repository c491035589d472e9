import type { SmokeResult } from '../../model/smoke.ts'
import type { App } from '../app.ts'
import { execute, type Executed } from '../execute.ts'
import { askedLicences } from '../licences.ts'
import { pairs } from '../options.ts'
import { planFor } from '../planning.ts'
import { setUp } from '../records.ts'
import { smokeOne, smokesOf } from '../smoking.ts'
import { agreed, recordOf, showRefusals } from './apply.ts'
import { preflight } from '../preflight.ts'

export type UpOptions = { profile?: string; model?: string; set: string[]; yes: boolean; accept: string[]; onFailure: 'keep' | 'rollback' }

/** `gb10 up`: detect, plan, confirm, apply, verify, prove, summarise. */
export async function run(app: App, options: UpOptions): Promise<number> {
  const model = options.model === undefined ? {} : { models: options.model.startsWith('/') ? options.model : `${process.cwd()}/${options.model}` }
  const request = { recipes: [], profile: options.profile, set: { ...pairs('--set', options.set), ...model }, host: undefined, auto: true }
  const planned = await planFor(app, request)
  const refused = await showRefusals(app, planned)
  if (refused !== null) return refused
  const { profile, recipes } = planned.plan
  app.note(`Profile ${profile?.name}: ${profile?.why}.`)
  const licences = await askedLicences(app, planned.plan, options)
  if (planned.plan.changes.length > 0) await preflight(app, planned.plan)
  if (!(await agreed(app, planned, options.yes, licences))) return 1
  const record = await recordOf(app, planned)
  const executed = await execute(app, record, { command: 'up', onFailure: options.onFailure })
  const results: SmokeResult[] = []
  if (!executed.failed && !executed.stopped) {
    const names = new Set(recipes.map((r) => r.name))
    for (const { name, setUp: one } of smokesOf(await setUp(app))) {
      if (!names.has(one.recipe.name) || one.environment === null) continue
      results.push(await smokeOne(app, name, one, { models: null, input: null, device: null }))
    }
  }
  return summarise(app, executed, results, recipes.map((r) => r.name), profile?.name ?? null)
}

async function summarise(app: App, executed: Executed, results: SmokeResult[], recipes: string[], profile: string | null): Promise<number> {
  const { upJson, upText } = await import('../../report/up.ts')
  const { smokeExit } = await import('../../report/smoke.ts')
  app.show(() => upJson(executed, results, recipes, profile), () => upText(executed, results, recipes, app.terminal.width, app.terminal.colourOut))
  const proved = smokeExit(results)
  return executed.failed || executed.stopped || proved === 0 ? executed.code : proved
}
