import type { Machine } from '../host/machine.ts'
import type { Read } from '../ledger/read.ts'
import { peek } from '../ledger/ledger.ts'
import { objects } from '../ledger/objects.ts'
import { present } from '../ledger/state.ts'
import { kindOf } from '../changes/index.ts'
import type { Context } from '../changes/kind.ts'
import type { OpState } from '../model/ledger.ts'
import { mayBeThere, untoldText } from './closed.ts'
import { unfinishedRun, type Run } from './runs.ts'

/** One recipe as it stands. `drift`: how the machine differs from what was made, one line each. */
export type RecipeStatus = { name: string; scope: 'user'; run: string; at: string; bytes: number; changes: number; unfinished: string[]; drift: string[] }

/** What is set up, and what of a stopped run waits. */
export type Status = {
  recipes: RecipeStatus[]
  ledgers: { scope: 'user'; path: string; records: number; head: string; ok: boolean; damage: string | null }[]
  resume: { run: string; command: string } | null
  /** Who holds the lock: a run that has not come to its end yet. */
  atWork: string | null
  kept: { path: string; reason: string; savedCopy: string | null }[]
}

/** Reads what the ledger says and looks whether it still holds. Changes nothing. */
export function statusOf(machine: Machine, folder: string, read: Read): Status {
  const live = present(read.ops)
  const newest = new Map(live.map((op) => [op.key, op]))
  const names = [...new Set(live.flatMap((op) => op.refs))].sort()
  const unfinished = ({ damage, records, ops }: Read): Run | null => (damage === null ? unfinishedRun(records, ops) : null)
  const atWork = machine.heldBy(folder)
  // Read again where nobody is at work: the run may have come to its end in between.
  const waiting = atWork === null && unfinished(read) ? unfinished(peek(machine, folder) ?? read) : null
  return {
    recipes: names.map((name) => recipeStatus(machine, folder, name, live.filter((op) => op.refs.includes(name) && newest.get(op.key) === op))),
    ledgers: [{ scope: 'user', path: `${folder}/ledger.jsonl`, records: read.records.length, head: read.head.hash, ok: read.damage === null, damage: read.damage }],
    resume: waiting ? { run: waiting.run, command: waiting.command } : null,
    atWork,
    kept: read.ops.flatMap((op) => op.kept).filter((k) => mayBeThere(machine, k.savedCopy ?? k.path)),
  }
}

function recipeStatus(machine: Machine, folder: string, name: string, ops: OpState[]): RecipeStatus {
  const last = ops.findLast((op) => op.recipe === name) ?? ops.at(-1)!
  const sizes = ops.map((op) => (op.post as { bytes?: number } | null)?.bytes ?? 0)
  return {
    name, scope: 'user', run: last.run, at: last.at, changes: ops.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    unfinished: ops.filter((op) => op.status !== 'live').map((op) => op.summary),
    drift: ops.filter((op) => op.status === 'live').flatMap((op) => driftOf(machine, folder, op, true)),
  }
}

/** How a live change differs from what was made, or why nobody can look, one line each: at a glance, or by every byte. */
export function driftOf(machine: Machine, folder: string, op: OpState, glance: boolean): string[] {
  try {
    return kindOf(op.want).drift(reading(machine, folder, op), op.want, op.post, glance)
  } catch (error) {
    return [untoldText(machine, op, error)]
  }
}

/** A context for looking only. */
export const reading = (machine: Machine, folder: string, op: OpState): Context => ({
  machine, objects: objects(machine, `${folder}/objects`), op: op.op, keptFolder: `${folder}/kept`, purge: false,
  heldHash: () => null, came: op.came, note: () => undefined, alsoEdits: () => null, holdsKept: () => false, emptied: false, older: false, signal: new AbortController().signal, keep: () => undefined, progress: () => undefined,
})
