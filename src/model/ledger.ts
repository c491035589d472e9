import type { Reversible, Want } from './change.ts'

/** Why a path was left for the user, and where a copy of what we would have replaced lies, if one was made. */
export type Kept = { path: string; reason: string; savedCopy: string | null }

/** A file that came: with its hash, which holds from then on where no reference gave one. */
export type Came = { name: string; url: string; sha256: string; bytes: number }

/** How a change was taken back. `merged`: around what the user did there since; `noop`: there was nothing (left) to take back. */
export type UndoneHow = 'restored' | 'removed' | 'merged' | 'noop'

/** What stood at a change's path before its first change, to compare with after it was taken back. Null: nothing, or no path. */
export type Snapshot = { type: string; mode: number; uid: number; gid: number; content: string } | null

/** The folder in which a change was made, by its numbers. */
export type Disk = { dev: string; ino: string }

type Head = { v: 1; seq: number; ts: string; boot: string; mono: number; prev: string; hash: string }

/** One line of the ledger. The order of `seq` is the only order; wall time is for people. */
export type LedgerRecord = Head &
  (
    | { k: 'genesis'; created: string[]; after: string | null }
    | { k: 'run.begin'; run: string; command: string; recipes: string[]; version: string; plan: string }
    | { k: 'run.end'; run: string; status: 'done' | 'failed' | 'stopped' | 'undone' }
    | {
        k: 'intent'
        run: string
        recipe: string
        op: string
        id: string
        key: string
        summary: string
        want: Want
        pre: unknown
        before: Snapshot
        reversible: Reversible
        as: number
        disk?: Disk | null
      }
    | { k: 'done'; run: string; op: string; post: unknown; recovered: boolean }
    | { k: 'failed'; run: string; op: string; error: string }
    | { k: 'assert'; run: string; recipe: string; id: string; key: string; summary: string }
    | { k: 'ref'; run: string; recipe: string; op: string; id: string }
    | { k: 'unref'; run: string; recipe: string; op: string }
    | { k: 'undo.intent'; run: string; op: string; purge: boolean }
    | { k: 'came'; run: string; op: string; came: Came }
    | { k: 'undone'; run: string; op: string; how: UndoneHow }
    | { k: 'kept'; run: string; op: string; kept: Kept[] }
  )

/** A record as a writer gives it: the ledger adds the chain and the clock. */
export type NewRecord = LedgerRecord extends infer R ? (R extends Head ? Omit<R, keyof Head> : never) : never

/**
 * What the records say of one change. `open`: begun, outcome unknown; `live`: made and not taken back; `undoing`: taking back was begun;
 * `gone`: taken back (what was kept is the user's now).
 */
export type OpState = {
  op: string
  run: string
  recipe: string
  id: string
  key: string
  summary: string
  want: Want
  pre: unknown
  before: Snapshot
  /** Set where it was made on another disk than gb10's records lie on, null where not; an older ledger does not say. */
  disk?: Disk | null | undefined
  post: unknown
  reversible: Reversible
  status: 'open' | 'live' | 'undoing' | 'gone'
  /** The recipes that need this change; it is taken back when the last one goes. */
  refs: string[]
  /** Which run made each of these recipes need it. */
  claims: Record<string, string>
  kept: Kept[]
  /** What came of a download that no reference gives a hash for, file by file: known before the whole of it is there. */
  came: Came[]
  how: UndoneHow | null
  purge: boolean
  /** A run that took changes back came to its end since this one was gone: what happens at its path from then on is the user's business. */
  settled?: true
  /** The record that says it was taken back. */
  gone?: number
  /** The run that began to take it back. */
  goneBy?: string
  seq: number
  at: string
}
