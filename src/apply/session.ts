import type { Machine } from '../host/machine.ts'
import { openLedger, peek, type Ledger } from '../ledger/ledger.ts'
import { checkState, ensureState, sweepNursery } from '../ledger/home.ts'
import { present } from '../ledger/state.ts'
import type { Came, OpState } from '../model/ledger.ts'
import type { Context } from '../changes/kind.ts'
import type { Emit } from '../model/event.ts'

/** A held lock and an open ledger: what every command that changes something works in. */
export type Session = {
  machine: Machine
  ledger: Ledger
  emit: Emit
  signal: AbortSignal
  /** Errors without the secrets that tools print: what is written down and told goes through it. */
  cut: (text: string) => string
  /** The last record before this session. */
  began: number
  close(): void
}

type Options = { folder: string; command: string; emit: Emit; signal: AbortSignal; cut?: (text: string) => string }

/** Opens the state folder for changes, making it if it is not there. Throws `StateRefused`, `Locked` or `LedgerDamaged`. */
export function openSession(machine: Machine, options: Options): Session {
  ensureState(machine, options.folder)
  return open(machine, options)
}

/** The same for commands that only take back: null when nothing was ever set up. */
export function openExisting(machine: Machine, options: Options): Session | null {
  sweepNursery(machine, options.folder)
  if (!checkState(machine, options.folder) || peek(machine, options.folder) === null) return null
  return open(machine, options)
}

function open(machine: Machine, { folder, command, emit, signal, cut = (text) => text }: Options): Session {
  const unlock = machine.lock(folder, command)
  try {
    const ledger = openLedger(machine, folder)
    const close = (): void => {
      ledger.close()
      unlock()
    }
    const told: Emit = (event) => {
      if (event.type === 'end' && event.outcome.error !== undefined) event.outcome.error = cut(event.outcome.error)
      emit(event)
    }
    return { machine, ledger, emit: told, signal, cut, began: ledger.records(), close }
  } catch (error) {
    unlock()
    throw error
  }
}

/** What a change kind works with, for one operation. */
export function contextOf(session: Session, op: string, id: string, purge = false): Context {
  const { machine, ledger, signal, emit } = session
  return {
    machine, objects: ledger.objects, op, purge, signal,
    keptFolder: `${ledger.folder}/kept/${id.replaceAll(/[^\w.-]+/g, '-')}-${op.slice(0, 8)}`,
    heldHash: (url) => heldHash(ledger.ops(), url),
    came: ledger.op(op)?.came ?? [],
    note: () => undefined,
    alsoEdits: (path) => alsoEdits(ledger.ops(), op, path),
    holdsKept: (path) => ledger.ops().some((one) => one.kept.some((k) => `${k.savedCopy ?? k.path}/`.startsWith(`${path}/`))),
    emptied: emptied(ledger.ops(), op),
    older: older(ledger.ops(), op),
    keep: (kept) => emit({ type: 'kept', kept }),
    progress: (progress) => emit({ type: 'progress', id, progress }),
  }
}

function alsoEdits(ops: OpState[], op: string, path: string): unknown {
  const edits = ({ want }: OpState): boolean => (want.kind === 'block' || want.kind === 'env-line') && want.path === path
  return present(ops).findLast((other) => other.op !== op && edits(other))?.pre ?? null
}

/** What was made again where nothing was left leaves nothing there, and so does a link whose older tree is gone. */
function emptied(ops: OpState[], id: string): boolean {
  const op = ops.find((one) => one.op === id)
  const over = ops.filter((one) => op !== undefined && one.key === op.key && one.seq > op.seq && one.status === 'gone')
  return over.some(({ before, how }) => before === null || how === 'removed')
}

function older(ops: OpState[], id: string): boolean {
  const op = ops.find((one) => one.op === id)
  return op !== undefined && present(ops).some((one) => one.key === op.key && one.seq < op.seq)
}

function heldHash(ops: OpState[], url: string): string | null {
  const came = ops.flatMap((op) => (op.want.kind === 'download' && op.post ? (op.post as { came: Came[] }).came : []))
  return came.find((c) => c.url === url)?.sha256 ?? null
}

/** Ends what a killed run left working, so that nothing writes behind our back. Throws when something cannot be ended. */
export async function endLeftovers(session: Session): Promise<void> {
  const unfinished = present(session.ledger.ops()).filter((op) => op.status !== 'live')
  if (unfinished.length === 0) return
  const left = await session.machine.endSurvivors(new Set(unfinished.map((op) => op.op)))
  if (left.length > 0) throw new Error(`processes ${left.join(', ')} of a stopped run still work and could not be ended`)
}
