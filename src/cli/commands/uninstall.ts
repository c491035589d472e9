import type { App } from '../app.ts'
import { baselineFolder, baselineNames, removeBaselines, removeEmpty } from '../baselines.ts'
import { confirm } from '../confirm.ts'
import { EXIT } from '../exit.ts'
import { liveOps } from '../planning.ts'
import { showUndone, takeBackAll } from './undo.ts'

/** `gb10 uninstall`: takes back everything, verifies, and says what was kept and why. With --self gb10's own Node and packages go too. */
export async function run(app: App, options: { yes: boolean; purgeData?: boolean; self?: boolean }): Promise<number> {
  const machine = await app.machine()
  // Loaded now: with --self these files themselves go before the end.
  const { brought, clearState, nothingLeft, purgeKept, removeBrought, stillKept, sweepEmptied } = await import('../../apply/clear.ts')
  const { projectRoot } = await import('../../host/root.ts')
  const ops = await liveOps(app)
  const own = options.self ? brought(machine, app.owner.state, projectRoot()) : []
  const baselines = baselineNames(machine, baselineFolder(app))
  if (ops.length > 0 || own.length > 0 || baselines.length > 0) {
    const recipes = [...new Set(ops.flatMap((op) => op.refs))]
    const what = [recipes.length > 0 ? `everything that gb10 set up (${recipes.join(', ')})` : '', own.length > 0 ? 'what gb10 brought for itself' : '', baselines.length > 0 ? `the baselines ${baselines.join(', ')}` : '']
    if (!(await confirm(app, `Take back ${what.filter(Boolean).join(' and ')}?`, options.yes))) return EXIT.failed
  }
  const undone = await takeBackAll(app, 'uninstall', [{ all: true }], options.purgeData ?? false)
  // What is away is taken back with this very gb10 one day.
  const whole = !undone.stopped && undone.failed.length + undone.differences.length + undone.away.length === 0
  const purged = whole && options.purgeData ? purgeKept(machine, app.owner.state) : { gone: [], stays: [] }
  if (whole) sweepEmptied(machine, app.owner.state)
  // What an earlier undo kept is kept as much as what this one did.
  const said = new Set(undone.kept.map(({ path, savedCopy }) => savedCopy ?? path))
  undone.kept.push(...stillKept(machine, app.owner.state).filter(({ path, savedCopy }) => !said.has(savedCopy ?? path)))
  const code = await showUndone(app, 'uninstall', undone)
  for (const path of purged.gone) app.note(`removed, as you asked: ${path}`)
  if (!whole) return code
  const folders = removeBaselines(machine, baselineFolder(app), (path) => app.note(`${path} stays: it holds what gb10 did not write.`))
  if (baselines.length > 0) app.note(`removed too: the baselines ${baselines.join(', ')}`)
  const stays = [...purged.stays, ...(options.self ? removeBrought(machine, app.owner.state, projectRoot()) : [])]
  if (nothingLeft(machine, app.owner.state)) clearState(machine, app.owner.state, projectRoot())
  else if (machine.lstat(app.owner.state)) app.note(`${app.owner.state} stays: it holds, or says, what was kept for you.`)
  removeEmpty(machine, folders)
  for (const text of stays) app.note(`stays: ${text}`)
  return stays.length > 0 ? EXIT.kept : code
}
