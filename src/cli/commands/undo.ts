import type { Event, Outcome } from '../../model/event.ts'
import type { App } from '../app.ts'
import type { Selection, Undone } from '../../apply/undo.ts'
import { confirm } from '../confirm.ts'
import { finish } from '../execute.ts'
import { EXIT, UserError } from '../exit.ts'
import { liveOps } from '../planning.ts'
import { watch } from '../progress.ts'
import { secretsOut } from '../secrets.ts'

export type UndoOptions = { yes: boolean; purgeData?: boolean }

/** `gb10 undo RECIPE…|RUN`: takes back one or more recipes, or one run. */
export async function run(app: App, names: string[], options: UndoOptions): Promise<number> {
  const ops = await liveOps(app)
  const recipes = [...new Set(ops.flatMap((op) => op.refs))]
  const runs = await knownRuns(app)
  for (const name of names) {
    if (recipes.includes(name) || runs.has(name)) continue
    const { suggest } = await import('../../model/suggest.ts')
    const near = suggest(name, recipes)
    const hint = near ? `, did you mean ${near}?` : recipes.length > 0 ? `; set up are: ${recipes.join(', ')}` : '; nothing is set up'
    throw new UserError(`${name} is no recipe or run that is set up here${hint}`, EXIT.usage, 'gb10 status')
  }
  const selections = names.map((name): Selection => (recipes.includes(name) ? { recipe: name } : { run: name }))
  if (!(await confirm(app, `Take back ${names.join(', ')}?`, options.yes))) return EXIT.failed
  const undone = await takeBackAll(app, `undo ${names.join(' ')}`, selections, options.purgeData ?? false)
  return showUndone(app, 'undo', undone, `undo ${names.join(' ')}`)
}

/** Every run that set something up, whether anything of it is left or not: its id was shown, so it may be typed. */
async function knownRuns(app: App): Promise<Set<string>> {
  const { peek } = await import('../../ledger/ledger.ts')
  const { runsOf } = await import('../../apply/runs.ts')
  const read = peek(await app.machine(), app.owner.state)
  return new Set(runsOf(read?.records ?? []).filter(({ plan }) => plan !== '').map(({ run: id }) => id))
}

/** What taking back came to, and what verification found afterwards. */
export type TakenBack = Undone & { differences: string[]; stopped: boolean }

export async function takeBackAll(app: App, command: string, selections: Selection[], purge: boolean): Promise<TakenBack> {
  const total: TakenBack = { outcomes: [], kept: [], failed: [], away: [], differences: [], stopped: false }
  const machine = await app.machine()
  const { endLeftovers, openExisting } = await import('../../apply/session.ts')
  const { undo, verifyGone } = await import('../../apply/undo.ts')
  const { projectVersion } = await import('../../host/project.ts')
  const watcher = await watch(app)
  const ended: Outcome[] = []
  const emit = (event: Event): void => {
    if (event.type === 'end') ended.push(event.outcome)
    watcher.emit(event)
  }
  const session = openExisting(machine, { folder: app.owner.state, command, emit, signal: app.signal, cut: await secretsOut() })
  if (session === null) return total
  const run = machine.newId()
  let status: 'done' | 'failed' | 'stopped' = 'failed'
  try {
    session.ledger.append({ k: 'run.begin', run, command, recipes: [], version: projectVersion(), plan: '' }, false)
    await endLeftovers(session)
    for (const selection of selections) {
      const part = await undo(session, run, selection, purge)
      total.outcomes.push(...part.outcomes)
      total.kept.push(...part.kept)
      total.failed.push(...part.failed)
      total.away.push(...part.away)
    }
    total.differences = verifyGone(session)
    status = total.failed.length > 0 || total.differences.length > 0 ? 'failed' : 'done'
  } catch (error) {
    if (!app.signal.aborted) throw error
    Object.assign(total, { stopped: true, outcomes: ended })
    status = 'stopped'
  } finally {
    await watcher.close()
    await finish(session, run, status)
  }
  return total
}

export async function showUndone(app: App, command: 'undo' | 'uninstall', undone: TakenBack, again: string = command): Promise<number> {
  const { undoneJson, undoneText } = await import('../../report/undone.ts')
  app.show(() => undoneJson(command, undone), () => undoneText(command, undone, app.terminal.width, again))
  if (undone.stopped) return 130
  if (undone.failed.length > 0 || undone.differences.length > 0) return EXIT.failed
  return undone.kept.length + undone.away.length > 0 ? EXIT.kept : EXIT.good
}
