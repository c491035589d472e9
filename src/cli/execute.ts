import type { Event, Outcome } from '../model/event.ts'
import type { PlanRecord } from '../apply/plan-record.ts'
import { unvouched } from '../model/came.ts'
import type { Kept, OpState } from '../model/ledger.ts'
import type { Undone } from '../apply/undo.ts'
import type { App } from './app.ts'
import { EXIT } from './exit.ts'
import { watch } from './progress.ts'
import { secretsOut } from './secrets.ts'
import { proves } from './smoking.ts'

/** How a run that applied a plan ended. */
export type Executed = {
  run: string
  outcomes: Outcome[]
  failed: Outcome | null
  stopped: boolean
  rolledBack: Undone | null
  kept: Kept[]
  /** What was downloaded without a hash to hold it against. */
  came: { change: string; name: string; sha256: string }[]
  code: number
}

/** Applies changes under the lock and the ledger, from the first intent to the written end of the run. */
export async function execute(app: App, record: PlanRecord, options: { command: string; onFailure: 'keep' | 'rollback'; run?: string }): Promise<Executed> {
  const { refuseForeign } = await import('../host/owner.ts')
  refuseForeign(app.owner)
  const machine = await app.machine()
  const { openSession } = await import('../apply/session.ts')
  const { applyChanges } = await import('../apply/run.ts')
  const { recover } = await import('../apply/recover.ts')
  const { savePlan } = await import('../apply/plan-record.ts')
  const { projectVersion } = await import('../host/project.ts')
  const watcher = await watch(app)
  const ended: Outcome[] = []
  const kept: Kept[] = []
  const emit = (event: Event): void => {
    if (event.type === 'end') ended.push(event.outcome)
    if (event.type === 'kept') kept.push(event.kept)
    watcher.emit(event)
  }
  const session = openSession(machine, { folder: app.owner.state, command: options.command, emit, signal: app.signal, cut: await secretsOut() })
  const run = options.run ?? machine.newId()
  const result: Executed = { run, outcomes: [], failed: null, stopped: false, rolledBack: null, kept, came: [], code: EXIT.good }
  let status: Status = 'failed'
  try {
    const recipes = record.recipes.map((r) => r.name)
    session.ledger.append({ k: 'run.begin', run, command: options.command, recipes, version: projectVersion(), plan: savePlan(session.ledger, record) }, false)
    await recover(session, run)
    const applied = await applyChanges(session, run, record.changes, record.asserted, proves(app, record))
    Object.assign(result, applied)
    status = applied.failed ? 'failed' : 'done'
    if (applied.failed) result.code = EXIT.failed
    if (applied.failed && options.onFailure === 'rollback') {
      const { rollBack } = await import('../apply/roll-back.ts')
      result.rolledBack = await rollBack(session, run)
      if (result.rolledBack.failed.length === 0) status = 'undone'
    }
    const changed = result.outcomes.some(({ drift }) => drift !== undefined)
    if (result.code === EXIT.good && (kept.length > 0 || changed)) result.code = EXIT.kept
  } catch (error) {
    if (!app.signal.aborted) throw error
    Object.assign(result, { stopped: true, code: 130, outcomes: ended })
    status = 'stopped'
  } finally {
    await watcher.close()
    result.came = cameBy(session.ledger.ops(), run, result.outcomes)
    await finish(session, run, status)
  }
  return result
}

/** What a run brought that no reference vouches for; what an earlier run began and this one ended is among it. */
const cameBy = (ops: readonly OpState[], run: string, outcomes: readonly Outcome[]): Executed['came'] =>
  ops
    .filter((op) => op.run === run || outcomes.some(({ id, recipe, status }) => status === 'done' && id === op.id && op.refs.includes(recipe)))
    .flatMap((op) => unvouched(op).map(({ name, sha256 }) => ({ change: `${op.recipe}/${op.id}`, name, sha256 })))

type Session = import('../apply/session.ts').Session
type Status = 'done' | 'failed' | 'stopped' | 'undone'

/** Writes the end of a run, the anchor and the machine's SYSTEM_CHANGES.md, and gives the lock back. */
export async function finish(session: Session, run: string, status: Status): Promise<void> {
  try {
    const { renderChanges } = await import('../ledger/render.ts')
    session.ledger.append({ k: 'run.end', run, status }, false)
    session.ledger.anchor()
    const { machine, ledger } = session
    const temp = '.system-changes.tmp'
    if (machine.lstat(`${ledger.folder}/${temp}`)) machine.unlink(`${ledger.folder}/${temp}`)
    const text = renderChanges(ledger.ops(), ledger.head())
    machine.write(`${ledger.folder}/SYSTEM_CHANGES.md`, Buffer.from(text), { mode: 0o644, uid: machine.uid, gid: machine.gid, temp })
  } finally {
    session.close()
  }
}
