import type { OpState } from '../model/ledger.ts'
import { InTheWay } from '../ledger/remove.ts'
import { present } from '../ledger/state.ts'
import { kindOf, UnknownKind } from '../changes/index.ts'
import { isAway, NotThere } from './away.ts'
import { isRefusal, whyText } from './closed.ts'
import { contextOf, endLeftovers, type Session } from './session.ts'
import { pathOf } from './snapshot.ts'
import { settle, takeBack } from './undo.ts'

/**
 * Brings a ledger that a crash left open to a point from which a run can start: processes of the dead run are ended, a half-done undo is
 * finished, changes that turn out complete or never begun are settled by what is on the machine. What is half-made stays for `resume`
 * (or for undo) and is returned.
 */
export async function recover(session: Session, run: string): Promise<OpState[]> {
  await endLeftovers(session)
  for (const op of present(session.ledger.ops()).toReversed()) {
    if (op.status === 'undoing') await orLeave(session, op, 'it could not be taken back', async () => void (await takeBack(session, run, op, op.purge)))
    if (op.status === 'open') await orLeave(session, op, 'it is not finished', () => complete(session, run, op))
  }
  return present(session.ledger.ops()).filter((op) => op.status === 'open')
}

/** Brings a begun change to what it turns out to be; a half-made one stays as it is. */
async function complete(session: Session, run: string, op: OpState): Promise<void> {
  await settle(session, run, op)
  const standing = kindOf(op.want).standing(contextOf(session, op.op, op.id), op.want, op.pre)
  if (standing === 'not-started' && !isAway(session.machine, session.ledger.ops(), op)) await takeBack(session, run, op, false)
}

/** What is in the way of a change is the business of the next resume or undo: it keeps nobody from setting up something else. */
async function orLeave(session: Session, op: OpState, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (session.signal.aborted || session.ledger.broken() || !blocked(error)) throw error
    const path = pathOf(op.want) ?? op.key
    session.emit({ type: 'kept', kept: { path, reason: `${what}: ${whyText(session.machine, pathOf(op.want), error)}`, savedCopy: null } })
  }
}

const blocked = (error: unknown): boolean =>
  error instanceof InTheWay || error instanceof NotThere || error instanceof UnknownKind || isRefusal(error) ||
  ['EBUSY', 'EROFS', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')
