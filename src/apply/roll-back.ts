import type { Change } from '../model/change.ts'
import type { OpState } from '../model/ledger.ts'
import { makeChanges } from './run.ts'
import type { Session } from './session.ts'
import { undo, type Undone } from './undo.ts'

/**
 * Takes a failed run back: what it made goes, and what it had taken away to make room for a newer version comes again.
 * What could not be brought back is among the failed.
 */
export async function rollBack(session: Session, run: string): Promise<Undone> {
  const undone = await undo(session, run, { run }, false)
  // Not what was never begun, and not what an earlier undo left for this run to finish: nobody wants that again.
  const displaced = session.ledger.ops().filter((op) => op.goneBy === run && op.how !== 'noop' && op.claims[op.recipe] !== run)
  if (displaced.length === 0) return undone
  const again = await makeChanges(session, run, displaced.map(asChange))
  return again.failed ? { ...undone, failed: [...undone.failed, again.failed] } : undone
}

const asChange = ({ id, recipe, summary, want, reversible }: OpState): Change => ({
  id, recipe, summary, want, reversible, scope: 'user', seconds: null, bytes: null,
})
