import { keyOf, type Change, type Want } from '../model/change.ts'
import type { Came, Kept, OpState } from '../model/ledger.ts'
import type { Asserted } from '../model/plan.ts'
import { sameWant } from '../model/same-want.ts'
import { missingFolders } from '../ledger/home.ts'
import { present } from '../ledger/state.ts'
import { kindOf } from '../changes/index.ts'
import { saveCopy } from '../changes/text.ts'
import type { Outcome } from '../model/event.ts'
import { awayText, diskOf, isAway, NotThere } from './away.ts'
import { driftNow } from './drift.ts'
import { contextOf, type Session } from './session.ts'
import { pathOf, snapshot } from './snapshot.ts'
import { takeBack } from './undo.ts'

/** A plan ran to its end, or stopped at the change that failed. */
export type Applied = { outcomes: Outcome[]; failed: Outcome | null }

/** Proves that the environment in a tree works, before a link is led to it. Throws when it does not. */
export type Prove = (change: Change, tree: string) => Promise<void>

/** Brings recipes to the state of a plan: makes its changes, and once all hold takes away what these recipes made before and do not want any more. */
export async function applyChanges(
  session: Session, run: string, changes: readonly Change[], asserted: readonly Asserted[] = [], prove?: Prove,
): Promise<Applied> {
  for (const { recipe, id, key, summary } of asserted) session.ledger.append({ k: 'assert', run, recipe, id, key, summary }, false)
  const applied = await makeChanges(session, run, changes, prove)
  if (!applied.failed) await retire(session, run, changes, asserted)
  return applied
}

/** Makes changes in their order, each behind a durable intent. Stops at the first that fails; what is done stays done. */
export async function makeChanges(session: Session, run: string, changes: readonly Change[], prove?: Prove): Promise<Applied> {
  const outcomes: Outcome[] = []
  for (const [index, change] of changes.entries()) {
    session.signal.throwIfAborted()
    const { id, recipe, summary } = change
    const kind = change.want.kind
    session.emit({ type: 'start', id, recipe, kind, summary, number: index + 1, of: changes.length })
    const start = performance.now()
    const outcome: Outcome = { id, recipe, kind, summary, status: 'done', ms: 0 }
    try {
      if (prove) await proveFirst(session, change, prove)
      Object.assign(outcome, await applyOne(session, run, change))
    } catch (error) {
      if (session.signal.aborted) throw error
      Object.assign(outcome, { status: 'failed', error: error instanceof Error ? error.message : String(error) })
    }
    outcome.ms = Math.round(performance.now() - start)
    outcomes.push(outcome)
    session.emit({ type: 'end', outcome })
    if (outcome.status === 'failed') return { outcomes, failed: outcome }
  }
  return { outcomes, failed: null }
}

/** Before a link of ours is led to another environment, that one has to prove that it works: until then the old one stays in use. */
async function proveFirst(session: Session, change: Change, prove: Prove): Promise<void> {
  if (change.want.kind !== 'symlink') return
  const { target } = change.want
  const live = present(session.ledger.ops()).filter((op) => op.status === 'live')
  const now = live.findLast((op) => op.key === keyOf(change.want))
  const environment = live.some((op) => op.want.kind === 'venv' && op.want.path === target)
  if (environment && now && !sameWant(now.want, change.want)) await prove(change, target)
}

/** Kinds that make a tree of many files, with a record of them. */
const TREES = new Set<Want['kind']>(['venv', 'clone', 'download'])

type Ended = Pick<Outcome, 'status' | 'drift'>

/** Makes one change. What was made before and is gone is made again, over the change that holds what was there at the very first. */
async function applyOne(session: Session, run: string, change: Change): Promise<Ended> {
  const { ledger, machine } = session
  const { want, recipe, id } = change
  const found = present(ledger.ops()).filter((op) => op.key === keyOf(want))
  // A tree goes to its end first: what the user did in it is told from what we made by the record of the old one alone.
  for (const op of found.toReversed()) if (op.status === 'undoing' && TREES.has(op.want.kind)) await takeBack(session, run, op, false)
  const there = found.filter((op) => ledger.op(op.op).status !== 'gone')
  const current = there.at(-1)
  if (current && isAway(machine, ledger.ops(), current)) throw new NotThere(awayText(pathOf(current.want)!))
  if (current && sameWant(current.want, want)) {
    await ensureParents(session, run, change)
    // Those below it too: they hold what is to come back with it.
    // And what is half taken back, before it is made again: a ledger that can say nothing any more may have said that it is gone.
    for (const { refs, op, status } of there)
      if (!refs.includes(recipe) || status === 'undoing') ledger.append({ k: 'ref', run, recipe, op, id }, true)
    if (current.status !== 'live') return finish(session, run, current)
    const drift = await driftNow(machine, ledger.folder, current)
    if (!drift?.gone) return { status: 'skipped', ...(drift && { drift: drift.lines }) }
  }
  const edited = current && !sameWant(current.want, want) ? await makeWay(session, run, there, change) : false
  await ensureParents(session, run, change)
  const op = machine.newId()
  const context = contextOf(session, op, id)
  const seen = await kindOf(want).observe(context, want)
  if (seen.refusal) throw new Error(seen.refusal)
  const key = keyOf(want)
  if (seen.state === 'same') {
    ledger.append({ k: 'assert', run, recipe, id, key, summary: change.summary }, false)
    return { status: 'skipped' }
  }
  const { summary, reversible } = change
  const before = snapshot(machine, pathOf(want))
  const disk = diskOf(machine, ledger.folder, pathOf(want))
  ledger.append({ k: 'intent', run, recipe, op, id, key, summary, want, pre: seen.pre, before, reversible, as: machine.uid, disk }, true)
  if (edited) keepEdited(session, run, ledger.op(op))
  return finish(session, run, ledger.op(op))
}

/** What the user made of the older version is about to be replaced by the newer one: they find it saved, and are told. */
function keepEdited(session: Session, run: string, op: OpState): void {
  const { want, pre } = op as { want: Want & { path: string }; pre: { sha?: string; target?: string } }
  const context = contextOf(session, op.op, op.id)
  const savedCopy = pre.sha === undefined ? null : saveCopy(context, want.path, pre.sha)
  const reason = savedCopy ? 'it was changed after gb10 wrote it, and a newer version is in its place now: what it was is saved'
    : `it had been led to ${pre.target}, and leads to a newer version now: undo leads it back`
  if (savedCopy) keep(session, run, op, { path: want.path, reason, savedCopy })
  else session.emit({ type: 'kept', kept: { path: want.path, reason, savedCopy } })
}

function keep(session: Session, run: string, op: OpState, kept: Kept): void {
  session.ledger.append({ k: 'kept', run, op: op.op, kept: [kept] }, true)
  session.emit({ type: 'kept', kept })
}

/** Performs a change whose intent is durable: fresh, or left half-way by an earlier run. */
async function finish(session: Session, run: string, op: OpState): Promise<Ended> {
  const note = (came: Came): void => void session.ledger.append({ k: 'came', run, op: op.op, came }, true)
  const context = { ...contextOf(session, op.op, op.id), note, keep: (one: Kept) => keep(session, run, op, one) }
  const kind = kindOf(op.want)
  try {
    if (kind.standing(context, op.want, op.pre) === 'foreign') throw new Error(`${op.summary}: something else stands there now; it was left untouched`)
    const post = await kind.perform(context, op.want, op.pre)
    session.ledger.append({ k: 'done', run, op: op.op, post, recovered: false }, false)
    return { status: 'done' }
  } catch (error) {
    const message = session.cut(error instanceof Error ? error.message : String(error))
    session.ledger.append({ k: 'failed', run, op: op.op, error: session.signal.aborted ? 'stopped by the user' : message }, true)
    throw error
  }
}

/** Kinds whose older version is replaced in one step, and remembered. */
const CHAINED = new Set<Want['kind']>(['file', 'symlink'])

/**
 * An older version of the same thing by the same recipe: files and links are replaced and remembered, the rest is taken back first. Says
 * whether what is to be replaced is not as it was made any more.
 */
async function makeWay(session: Session, run: string, there: OpState[], change: Change): Promise<boolean> {
  const current = there.at(-1)!
  const others = current.refs.filter((name) => name !== change.recipe)
  if (others.length > 0) throw new Error(`${change.recipe} wants another ${change.want.kind} at ${current.key} than ${others.join(', ')} made. Undo that first.`)
  const chained = current.status === 'live' && CHAINED.has(change.want.kind) && CHAINED.has(current.want.kind)
  if (chained) return (await driftNow(session.machine, session.ledger.folder, current))?.gone === false
  for (const op of there.toReversed()) await takeBack(session, run, op, false)
  return false
}

/** Marks the changes that only lead to others. */
const FOLDER = 'folder:'

/** The folders on the way are changes of their own, so that undo takes away exactly those that were made. */
async function ensureParents(session: Session, run: string, change: Change): Promise<void> {
  const path = pathOf(change.want)
  if (path === null) return
  const parent = path.slice(0, path.lastIndexOf('/')) || '/'
  for (const op of present(session.ledger.ops())) {
    const ours = op.want.kind === 'directory' && `${parent}/`.startsWith(`${op.want.path}/`)
    if (!ours || op.refs.includes(change.recipe)) continue
    session.ledger.append({ k: 'ref', run, recipe: change.recipe, op: op.op, id: op.id }, false)
  }
  for (const folder of missingFolders(session.machine, parent)) {
    const want: Want = { kind: 'directory', path: folder, mode: 0o755 }
    await applyOne(session, run, { ...change, id: `${FOLDER}${folder}`, summary: `make the folder ${folder}`, want, reversible: 'full' })
  }
}

/** After an upgrade: what the recipe made before and does not want any more goes. */
async function retire(session: Session, run: string, changes: readonly Change[], asserted: readonly Asserted[]): Promise<void> {
  const recipes = new Set(changes.map((c) => c.recipe))
  const keys = new Set([...changes.map((c) => `${c.recipe} ${keyOf(c.want)}`), ...asserted.map((a) => `${a.recipe} ${a.key}`)])
  const paths = changes.map((c) => pathOf(c.want)).filter((p) => p !== null)
  for (const op of present(session.ledger.ops()).toReversed()) {
    const path = pathOf(op.want)
    const onTheWay = op.want.kind === 'directory' && paths.some((p) => p.startsWith(`${path}/`))
    if (onTheWay) continue
    for (const recipe of op.refs.filter((name) => recipes.has(name) && !keys.has(`${name} ${op.key}`))) {
      if (op.refs.length > 1) session.ledger.append({ k: 'unref', run, recipe, op: op.op }, true)
      else if (isAway(session.machine, session.ledger.ops(), op)) session.emit({ type: 'kept', kept: { path: path!, reason: awayText(path!), savedCopy: null } })
      else await takeBack(session, run, op, false)
    }
  }
}
