import type { Machine } from '../host/machine.ts'
import type { Objects } from '../ledger/objects.ts'
import type { Kind, Want } from '../model/change.ts'
import type { Progress } from '../model/event.ts'
import type { Came, Kept, UndoneHow } from '../model/ledger.ts'

/** What every kind of change works with. `op` names everything temporary, so that only its own remains are ever swept. */
export type Context = {
  machine: Machine
  objects: Objects
  op: string
  /** Where what the user changed or added is kept. */
  keptFolder: string
  purge: boolean
  /** The hash under which an address was first seen, where no reference gives one; null the first time. */
  heldHash: (url: string) => string | null
  /** What this operation wrote down of the files that came so far, and how it does so, durably. */
  came: readonly Came[]
  note: (came: Came) => void
  /** The pre-state of another live change of ours that edits this file; null when there is none. */
  alsoEdits: (path: string) => unknown
  /** Whether something that was kept for the user lies at or below a path. */
  holdsKept: (path: string) => boolean
  /** A later change of the same thing was taken back and left nothing there: that nothing is there is not the user's doing. */
  emptied: boolean
  /** An older change of ours at this path is still to be taken back: what stood before this one is its doing. */
  older: boolean
  signal: AbortSignal
  /** Tells that something of the user's was put aside while the change was made. */
  keep: (kept: Kept) => void
  progress: (p: Progress) => void
}

/** What is there now. `same`: as wanted, by someone else's hand. A `refusal` says why this change must not be made. */
export type Observed = { state: 'absent' | 'same' | 'other'; pre: unknown; refusal: string | null }

/** How a begun change stands: nothing of it is there, a part, all of it, or something that is not ours. */
export type Standing = 'not-started' | 'partial' | 'complete' | 'foreign'

export type Restored = { how: UndoneHow; kept: Kept[] }

export type WantOf<K extends Kind> = Extract<Want, { kind: K }>

/**
 * One kind of reversible change. `pre` and `post` go into the ledger as plain data: `restore` gets back what `observe` and `perform` returned
 * and nothing else, possibly years later. `post` is null when the change was never seen complete.
 */
export type ChangeKind<W extends Want, Pre, Post> = {
  /** Reads only, but for saving what is about to be replaced. */
  observe(context: Context, want: W): Promise<Observed>
  /** Makes it so, from nothing or from any half-way state of its own. */
  perform(context: Context, want: W, pre: Pre): Promise<Post>
  /** After a crash: what became of it. Reads only; never looks at a clock. */
  standing(context: Context, want: W, pre: Pre): Standing
  /** What `perform` would have returned, for a change found complete after a crash. */
  settle(context: Context, want: W, pre: Pre): Promise<Post>
  /** Puts back what was there. Idempotent; keeps and reports what the user changed. */
  restore(context: Context, want: W, pre: Pre, post: Post | null): Promise<Restored>
  /**
   * How the machine differs from what was made, one line each; none when all is as it was left. At a `glance`, a file with the time and mode
   * it was left with counts as untouched; else every byte is read.
   */
  drift(context: Context, want: W, post: Post, glance: boolean): string[]
}

/** The name under which an operation writes before it renames. */
export const tempName = (op: string): string => `.gb10-${op}.tmp`

export const kept = (path: string, reason: string, savedCopy: string | null = null): Kept => ({ path, reason, savedCopy })
