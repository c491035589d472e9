import type { Machine } from '../host/machine.ts'
import type { OpState } from '../model/ledger.ts'
import type { Drift } from '../model/plan.ts'
import { kindOf } from '../changes/index.ts'
import { awayText, isAway } from './away.ts'
import { untoldText } from './closed.ts'
import { pathOf } from './snapshot.ts'
import { driftOf, reading } from './status.ts'

/** How every live change differs from what was made, by operation. Of several over each other the newest is what stands there. */
export async function driftOfAll(machine: Machine, folder: string, ops: readonly OpState[]): Promise<Record<string, Drift>> {
  const found: Record<string, Drift> = {}
  for (const op of new Map(ops.map((one) => [one.key, one])).values()) {
    const drift = await lookedAt(machine, folder, ops, op)
    if (drift) found[op.op] = drift
  }
  return found
}

async function lookedAt(machine: Machine, folder: string, ops: readonly OpState[], op: OpState): Promise<Drift | null> {
  const path = pathOf(op.want)
  try {
    if (path !== null && isAway(machine, ops, op)) return { gone: false, away: true, lines: [awayText(path)] }
    return op.status === 'live' ? await driftNow(machine, folder, op) : null
  } catch (error) {
    return { gone: false, away: true, lines: [untoldText(machine, op, error)] }
  }
}

/** How one live change differs from what was made; null when it does not. */
export async function driftNow(machine: Machine, folder: string, op: OpState): Promise<Drift | null> {
  const { want } = op
  const kind = kindOf(want)
  const context = reading(machine, folder, op)
  if (want.kind === 'exec') {
    const { state } = await kind.observe(context, want)
    return state === 'absent' ? { gone: true, lines: [`${op.summary}: ${want.probe.join(' ')} says that it is not there`] } : null
  }
  const lines = driftOf(machine, folder, op, true)
  if (lines.length === 0) return null
  // A link that leads nowhere is as it was made: its tree is what is gone.
  if (want.kind === 'symlink' && kind.standing(context, want, op.pre) === 'complete') return null
  const part = want.kind === 'block' || want.kind === 'env-line'
  const path = pathOf(want)!
  if (machine.lstat(path) === null) return { gone: true, lines: [`${path} is gone`] }
  return { gone: part && kind.standing(context, want, op.pre) === 'not-started', lines }
}
