import type { Plan } from '../model/plan.ts'
import type { App } from './app.ts'
import { EXIT, UserError } from './exit.ts'

/** Asks every source that the plan needs, before anything is changed, whether it answers and has what is wanted. */
export async function preflight(app: App, plan: Plan): Promise<void> {
  const { askSource, demandsOf, NO_GIT } = await import('../host/preflight.ts')
  const machine = await app.machine()
  const answers = await Promise.all(demandsOf(plan.changes.map((c) => c.want)).map((demand) => askSource(machine.env, demand, app.signal)))
  const faults = [...new Set(answers.filter((answer) => answer !== null))]
  if (faults.length === 0) return
  const next = faults.includes(NO_GIT) ? 'sudo apt install git' : 'check the network and --source NAME=URL, then try again'
  throw new UserError(`nothing was changed, because this would not have worked:\n      ${faults.join('\n      ')}`, EXIT.failed, next)
}
