import type { OpState } from '../model/ledger.ts'
import { InTheWay } from '../ledger/remove.ts'
import { present } from '../ledger/state.ts'
import { kindOf } from '../changes/index.ts'
import { isAway, NotThere } from './away.ts'
import { contextOf, endLeftovers, type Session } from './session.ts'
import { settle, takeBack } from './undo.ts'

/**
 * Brings a ledger that a crash left open to a point from which a run can start: processes of the dead run are ended, a half-done undo is
 * finished, changes that turn out complete or never begun are settled by what is on the machine. What is half-made stays for `resume`
 * (or for undo) and is returned.
 */
export async function recover(session: Session, run: string): Promise<OpState[]> {
  await endLeftovers(session)
  for (const op of present(session.ledger.ops()).toReversed()) {
    if (op.status === 'undoing') await goOn(session, run, op)
    if (op.status !== 'open') continue
    await settle(session, run, op)
    const standing = kindOf(op.want).standing(contextOf(session, op.op, op.id), op.want, op.pre)
    if (standing === 'not-started' && !isAway(session.machine, session.ledger.ops(), op)) await takeBack(session, run, op, false)
  }
  return present(session.ledger.ops()).filter((op) => op.status === 'open')
}

/** Finishes a half-done undo. What is in its way still is the business of the next undo: it keeps nobody from setting up something else. */
async function goOn(session: Session, run: string, op: OpState): Promise<void> {
  try {
    await takeBack(session, run, op, op.purge)
  } catch (error) {
    if (session.signal.aborted || !(error instanceof InTheWay || error instanceof NotThere || blocked(error))) throw error
    const path = 'path' in op.want ? op.want.path : op.key
    session.emit({ type: 'kept', kept: { path, reason: `it could not be taken back: ${(error as Error).message}`, savedCopy: null } })
  }
}

const blocked = (error: unknown): boolean => ['EACCES', 'EPERM', 'EBUSY', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')
