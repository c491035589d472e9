import type { App } from '../app.ts'
import { confirm } from '../confirm.ts'
import { EXIT } from '../exit.ts'
import { liveOps } from '../planning.ts'
import { showUndone, takeBackAll } from './undo.ts'

/** `gb10 uninstall`: takes back everything, verifies, and says what was kept and why. With --self gb10's own Node and records go too. */
export async function run(app: App, options: { yes: boolean; purgeData?: boolean; self?: boolean }): Promise<number> {
  const ops = await liveOps(app)
  const recipes = [...new Set(ops.flatMap((op) => op.refs))]
  if (ops.length > 0 || options.self) {
    const what = recipes.length > 0 ? `everything that gb10 set up (${recipes.join(', ')})` : 'what gb10 brought for itself'
    if (!(await confirm(app, `Take back ${what}?`, options.yes, 'gb10 uninstall'))) return EXIT.failed
  }
  const undone = await takeBackAll(app, 'uninstall', [{ all: true }], options.purgeData ?? false)
  const clean = !undone.stopped && undone.failed.length === 0 && undone.differences.length === 0 && undone.kept.length === 0
  if (clean) await leaveNothing(app, options.self ?? false)
  return showUndone(app, 'uninstall', undone)
}

/** The ledger of a machine on which nothing is left says nothing any more: gb10's own folder goes with the last change. */
async function leaveNothing(app: App, self: boolean): Promise<void> {
  const machine = await app.machine()
  const { clearState } = await import('../../apply/clear.ts')
  clearState(machine, app.owner.state, self)
}
