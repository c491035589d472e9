import type { PlanRecord } from '../apply/plan-record.ts'
import type { Read } from '../ledger/read.ts'
import type { App } from './app.ts'
import { EXIT, UserError } from './exit.ts'

/** One recipe that is set up: its confirmed plan, and where its environment is. */
export type SetUp = { recipe: PlanRecord['recipes'][number]; device: PlanRecord['device']; environment: string | null }

/** Every recipe that is set up and whole, by what the ledger says. */
export async function setUp(app: App): Promise<SetUp[]> {
  const { peek, LedgerDamaged } = await import('../ledger/ledger.ts')
  const { objects } = await import('../ledger/objects.ts')
  const { planOf } = await import('../apply/runs.ts')
  const { loadPlan } = await import('../apply/plan-record.ts')
  const { present } = await import('../ledger/state.ts')
  const machine = await app.machine()
  const read: Read | null = peek(machine, app.owner.state)
  if (!read) return []
  if (read.damage) throw new LedgerDamaged(`${app.owner.state}/ledger.jsonl cannot be trusted: ${read.damage}`)
  const live = present(read.ops)
  const store = { objects: objects(machine, `${app.owner.state}/objects`) }
  return [...new Set(live.flatMap((op) => op.refs))].sort().flatMap((name) => {
    const sha = planOf(read.records, name)
    const record = sha ? loadPlan(store, sha) : null
    const recipe = record?.recipes.find((one) => one.name === name)
    if (!record || !recipe) return []
    const trees = new Set(live.filter((op) => op.want.kind === 'venv' && op.status === 'live').map((op) => (op.want as { path: string }).path))
    const link = live.findLast((op) => op.refs.includes(name) && op.status === 'live' && op.want.kind === 'symlink' && trees.has(op.want.target))
    return [{ recipe, device: record.device, environment: link ? (link.want as { path: string }).path : null }]
  })
}

/** One of them by name, or an error that says what is there. */
export async function setUpOne(app: App, name: string): Promise<SetUp & { environment: string }> {
  const all = await setUp(app)
  const found = all.find(({ recipe }) => recipe.name === name)
  if (found?.environment) return { ...found, environment: found.environment }
  const { suggest } = await import('../model/suggest.ts')
  const near = suggest(name, all.filter((one) => one.environment !== null).map(({ recipe }) => recipe.name))
  if (near && near !== name) throw new UserError(`${name} is not set up here, did you mean ${near}?`, EXIT.usage, `gb10 env ${near}`)
  if (found) throw new UserError(`${name} is not finished, or has no environment`, EXIT.failed, 'gb10 status')
  const known = (await app.catalog()).recipes.map((one) => one.name)
  const recipe = suggest(name, known)
  if (recipe === null) throw new UserError(`${name} is not set up here, and there is no such recipe`, EXIT.usage, 'gb10 recipes')
  throw new UserError(`${name} is not set up here${recipe === name ? '' : `, did you mean ${recipe}?`}`, EXIT.usage, `gb10 apply ${recipe}`)
}
