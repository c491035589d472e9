import type { App } from '../app.ts'
import { EXIT } from '../exit.ts'
import { execute } from '../execute.ts'
import { showExecuted } from './apply.ts'

/** `gb10 resume`: goes on with the last run that was stopped, by the plan that was confirmed then, but for what was taken back since. */
export async function run(app: App): Promise<number> {
  const { LedgerDamaged, peek } = await import('../../ledger/ledger.ts')
  const { objects } = await import('../../ledger/objects.ts')
  const { unfinishedRun } = await import('../../apply/runs.ts')
  const { loadPlan } = await import('../../apply/plan-record.ts')
  const machine = await app.machine()
  const read = peek(machine, app.owner.state)
  if (read?.damage) throw new LedgerDamaged(`${app.owner.state}/ledger.jsonl cannot be trusted: ${read.damage}`)
  const last = read ? unfinishedRun(read.records, read.ops) : null
  if (!last) {
    const { nothingJson } = await import('../../report/executed.ts')
    app.show(nothingJson, () => 'There is no stopped run to go on with.\nNext: gb10 status\n')
    return EXIT.good
  }
  const whole = loadPlan({ objects: objects(machine, `${app.owner.state}/objects`) }, last.plan)
  const mine = ({ recipe }: { recipe: string }): boolean => last.recipes.includes(recipe)
  const recipes = whole.recipes.filter(({ name }) => mine({ recipe: name }))
  const record = { ...whole, recipes, changes: whole.changes.filter(mine), asserted: whole.asserted.filter(mine) }
  const executed = await execute(app, record, { command: last.command, onFailure: 'keep', run: last.run })
  await showExecuted(app, executed, record.recipes)
  return executed.code
}
