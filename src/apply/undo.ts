import type { Machine } from '../host/machine.ts'
import type { Kept, OpState } from '../model/ledger.ts'
import { present } from '../ledger/state.ts'
import { ObjectDamaged } from '../ledger/objects.ts'
import { word } from '../ledger/remove.ts'
import { kindOf } from '../changes/index.ts'
import type { Context, Restored } from '../changes/kind.ts'
import type { Outcome } from '../model/event.ts'
import { awayText, isAway, NotThere } from './away.ts'
import { closedText, isRefusal, openDoor, whyText } from './closed.ts'
import { contextOf, type Session } from './session.ts'
import { difference, pathOf } from './snapshot.ts'

/** What a taking back came to. Changes that `failed`, or are `away` with their disk, are still in the ledger and can be tried again. */
export type Undone = { outcomes: Outcome[]; kept: { change: string; path: string; reason: string; savedCopy: string | null }[]; failed: Outcome[]; away: string[] }

/** Which changes to take back: all, one recipe's, or one run's. */
export type Selection = { all: true } | { recipe: string } | { run: string }

/**
 * Takes changes back, newest first. One that fails does not stop the others, but for those below it: the folder it is in, and an older change of
 * its path, wait until it is taken back. One that others still need only loses this recipe's claim. Throws where the ledger cannot be written
 * any more: what is not written down is not done.
 */
export async function undo(session: Session, run: string, selection: Selection, purge: boolean): Promise<Undone> {
  const result: Undone = { outcomes: [], kept: [], failed: [], away: [] }
  const ops = present(session.ledger.ops())
  const chosen = ops.filter((op) => given(op, selection, ops).length > 0).toReversed()
  const stuck: OpState[] = []
  for (const [index, op] of chosen.entries()) {
    session.signal.throwIfAborted()
    const claims = given(op, selection, ops)
    if (claims.length < op.refs.length) {
      for (const recipe of claims) session.ledger.append({ k: 'unref', run, recipe, op: op.op }, true)
      continue
    }
    const path = pathOf(op.want)
    if (path !== null && (knownAway(session, op) || result.away.some((other) => other.startsWith(`${path}/`)))) {
      result.away.push(path)
      continue
    }
    const { id, recipe, summary } = op
    const kind = op.want.kind
    session.emit({ type: 'start', id, recipe, kind, summary, number: index + 1, of: chosen.length })
    const start = performance.now()
    const outcome: Outcome = { id, recipe, kind, summary, status: 'undone', ms: 0 }
    try {
      const above = stuck.find((other) => standsOn(other, op))
      if (above) throw new Error(`it waits for what is at ${pathOf(above.want)}, which could not be taken back`)
      const kept = await takeBack(session, run, op, purge)
      result.kept.push(...[...kept, ...leadsNowhere(session, op, chosen)].map((k) => ({ change: `${recipe}/${id}`, ...k })))
    } catch (error) {
      if (session.signal.aborted || session.ledger.broken()) throw error
      Object.assign(outcome, { status: 'failed', error: whyText(session.machine, path, error) })
      result.failed.push(outcome)
      stuck.push(op)
    }
    outcome.ms = Math.round(performance.now() - start)
    result.outcomes.push(outcome)
    session.emit({ type: 'end', outcome })
  }
  return result
}

/** Whether a change is away with its disk. In a closed folder that cannot be told: the taking back fails there, and says so. */
function knownAway({ machine, ledger }: Session, op: OpState): boolean {
  try {
    return isAway(machine, ledger.ops(), op)
  } catch (error) {
    if (!isRefusal(error)) throw error
    return false
  }
}

/** A link that was led elsewhere by an upgrade has nothing to be led back to where the old environment went with that upgrade. */
function leadsNowhere({ machine, ledger }: Session, op: OpState, chosen: readonly OpState[]): Kept[] {
  const path = pathOf(op.want)
  if (op.want.kind !== 'symlink' || path === null || machine.lstat(path) !== null) return []
  const older = present(ledger.ops()).some((other) => other.key === op.key && !chosen.includes(other))
  const reason = 'the environment it led to before went with the upgrade; apply the recipe again to have one'
  return older ? [{ path, reason, savedCopy: null }] : []
}

/** Whether a change lies at the path of another, or in the folder that the other made. */
function standsOn(upper: OpState, lower: OpState): boolean {
  const [above, below] = [pathOf(upper.want), pathOf(lower.want)]
  return above !== null && below !== null && (above === below || (lower.want.kind === 'directory' && above.startsWith(`${below}/`)))
}

/**
 * The claims on a change that are given up: of every recipe, of one, or of those that came by one run. What a later run put in place of a
 * thing of that run goes with it: it holds what is to come back.
 */
function given(op: OpState, selection: Selection, ops: readonly OpState[]): string[] {
  if ('all' in selection) return op.refs
  if ('recipe' in selection) return op.refs.filter((recipe) => recipe === selection.recipe)
  const replaced = ops.filter((older) => older.key === op.key && older.seq <= op.seq)
  return op.refs.filter((recipe) => replaced.some((older) => older.claims[recipe] === selection.run))
}

/** Takes one change back: durable intent, restore, outcome. Repeating it after a crash at any point gives the same end. */
export async function takeBack(session: Session, run: string, op: OpState, purge: boolean): Promise<Kept[]> {
  const { ledger } = session
  if (isAway(session.machine, ledger.ops(), op)) throw new NotThere(awayText(pathOf(op.want)!))
  // One of a kind that this gb10 does not know is not begun.
  const kind = kindOf(op.want)
  const again = op.status === 'undoing'
  if (op.status === 'open') await settle(session, run, op)
  if (!again) ledger.append({ k: 'undo.intent', run, op: op.op, purge }, true)
  const context = contextOf(session, op.op, op.id, again ? op.purge || purge : purge)
  const { how, kept: found } = await restored(context, kind, op)
  const said = ledger.ops().flatMap((o) => (o.key === op.key && o.seq > op.seq && o.goneBy === run ? o.kept : []))
  const kept = found.filter((k) => !said.some((s) => s.path === k.path && (k.savedCopy === null || k.savedCopy === s.savedCopy)))
  if (kept.length > 0) ledger.append({ k: 'kept', run, op: op.op, kept }, true)
  for (const item of kept) session.emit({ type: 'kept', kept: item })
  ledger.append({ k: 'undone', run, op: op.op, how }, true)
  return kept
}

/** A change that was made whole, but of which a kill or a failing disk kept the ledger from hearing, is recorded first: restore goes by the record. */
export async function settle(session: Session, run: string, op: OpState): Promise<void> {
  const context = contextOf(session, op.op, op.id)
  const kind = kindOf(op.want)
  if (kind.standing(context, op.want, op.pre) !== 'complete') return
  const post = await kind.settle(context, op.want, op.pre)
  session.ledger.append({ k: 'done', run, op: op.op, post, recovered: true }, true)
}

/**
 * Without what it would be restored from, a thing stays as it is and is the user's; so does a folder that another user owns and closed. One that
 * its own user closed is opened for it, and closed again where it stays.
 */
async function restored(context: Context, kind: ReturnType<typeof kindOf>, op: OpState): Promise<Restored> {
  const { machine } = context
  const path = pathOf(op.want)
  const leave = (reason: string): Restored => ({ how: 'noop', kept: [{ path: path ?? op.key, reason, savedCopy: null }] })
  const closeAgain = path === null ? () => undefined : openDoor(machine, path)
  try {
    return await kind.restore(context, op.want, op.pre, op.post)
  } catch (error) {
    if (error instanceof ObjectDamaged) return leave(error.message)
    const stat = path !== null && isRefusal(error) ? machine.lstat(path) : null
    if (path === null || stat?.type !== 'directory' || stat.uid === machine.uid) throw error
    return leave(`it belongs to another user now (uid ${stat.uid}), who closed it; to see what is in it: sudo ls -A ${word(path)}`)
  } finally {
    closeAgain()
  }
}

const OP_IN_NAME = /[0-9a-f]{20}/

/**
 * Looks at every path whose changes were taken back in this session, and says where it differs from what it was before the first of them. What
 * was kept, and what the user changed since in a file that only held a part of ours, is no difference; nor is what became of a path after an
 * earlier session that was killed: each change it took back was back when it said so. Its remains are looked for all the same.
 */
export function verifyGone(session: Session): string[] {
  const { machine, ledger } = session
  const ops = ledger.ops().filter((op) => !op.settled)
  const still = new Set(present(ops).map((op) => pathOf(op.want)))
  const keptPaths = ops.flatMap((op) => op.kept.map((k) => k.path))
  const ids = new Set(ops.map((op) => op.op))
  const remainsIn = (folder: string): string[] =>
    machine.lstat(folder)?.type === 'directory' ? machine.list(folder).filter((name) => ids.has(OP_IN_NAME.exec(name)?.[0] ?? '')) : []
  const first = new Map<string, OpState>()
  for (const op of ops) {
    const path = pathOf(op.want)
    if (path !== null && (op.gone ?? 0) > session.began && !first.has(path) && !still.has(path)) first.set(path, firstOf(op, path, ledger.ops()))
  }
  const differences: string[] = []
  for (const [path, op] of first) {
    const excused = keptPaths.some((k) => k === path || k.startsWith(`${path}/`)) || merged(path, ledger.ops().filter((o) => o.seq >= op.seq))
    if (!excused) differences.push(...lookedAt(machine, path, () => [difference(machine, path, op.before) ?? '']))
  }
  const gone = ops.map((op) => pathOf(op.want)).filter((path) => path !== null && !still.has(path)) as string[]
  for (const folder of new Set(gone.map((path) => path.slice(0, path.lastIndexOf('/')) || '/'))) {
    differences.push(...lookedAt(machine, folder, () => remainsIn(folder).map((name) => `${folder}/${name} is left of a change`)))
  }
  return [...new Set(differences)].filter(Boolean)
}

/** What a look at a path finds, or why nobody can look. */
function lookedAt(machine: Machine, path: string, look: () => string[]): string[] {
  try {
    return look()
  } catch (error) {
    return [closedText(machine, path, error)]
  }
}

/** The oldest change of a path without a moment since at which none was live: its `before` is what must be there again. */
function firstOf(op: OpState, path: string, ops: OpState[]): OpState {
  const older = ops.find((o) => pathOf(o.want) === path && o.seq < op.seq && (o.gone ?? Infinity) > op.seq)
  return older ? firstOf(older, path, ops) : op
}

/** The user changed the file since, outside our part: once that is out, whatever else it says is right. */
const merged = (path: string, ops: OpState[]): boolean => ops.some((op) => pathOf(op.want) === path && op.how === 'merged')
