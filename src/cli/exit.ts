import type { CatalogIssue } from '../catalog/issue.ts'
import { shellWord } from '../model/shell-word.ts'
import { plainLines } from '../report/text.ts'

/** The exit codes, as documented in README.md. */
export const EXIT = { good: 0, failed: 1, unsure: 2, kept: 3, usage: 64, noNode: 69, bug: 70, locked: 75, root: 77, malformed: 78 } as const

/** An error that is for the user: what happened, why it matters, and what to type next. */
export class UserError extends Error {
  readonly code: number
  readonly next: string | null
  constructor(message: string, code: number, next: string | null = null) {
    super(message)
    this.code = code
    this.next = next
  }
}

/** How an error ends the program: its exit code, its text for people (what comes from outside cannot steer a terminal), and the same as a document (schema/error.json). */
export type Described = { code: number; text: string; json: object }

/** Unknown errors are bugs of ours, and say so. */
export function describeError(error: unknown): Described {
  const { code, message, next } = explain(error)
  const known = code !== EXIT.bug
  const stack = known ? '' : `\n${(error as Error).stack ?? ''}`
  return {
    code,
    text: plainLines(`gb10: ${message}${stack}${next ? `\n      Next: ${next}` : ''}`),
    json: { formatVersion: '1.0', command: 'error', exitCode: code, message, next },
  }
}

/** Whether the caller reads JSON, told from the words alone, as an error may come before they are understood. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? undefined : end).includes('--json')
}

function explain(error: unknown): { code: number; message: string; next: string | null } {
  const e = error as Error & { code?: unknown }
  const message = e instanceof Error ? e.message : String(error)
  if (e instanceof UserError) return { code: e.code, message, next: e.next }
  if ((e as NodeJS.ErrnoException)?.syscall === 'uv_cwd') return { code: EXIT.failed, message: 'the folder that you are in is gone', next: 'cd' }
  if (e?.name === 'AbortError') return { code: 130, message: 'stopped', next: null }
  if (e?.constructor?.name === 'CatalogError') return { code: EXIT.malformed, message, next: opening((e as unknown as { errors: CatalogIssue[] }).errors[0]!) }
  const known = KNOWN[e?.constructor?.name]
  if (known) return { code: known[0], message, next: known[1] }
  const system = typeof e?.code === 'string' ? SYSTEM[e.code] : undefined
  if (system) return { code: EXIT.failed, message, next: system }
  return { code: EXIT.bug, message: `a bug in gb10: ${message}`, next: 'please report this, with the text above' }
}

/** Opens a file at its fault, with the editor that every Ubuntu has. */
const opening = ({ file, line, col }: Pick<CatalogIssue, 'file' | 'line' | 'col'>): string => `nano +${line},${col} ${shellWord(file)}`

/** Errors of other rooms, by their class: rooms do not know exit codes. */
const KNOWN: Record<string, [code: number, next: string | null]> = {
  Locked: [EXIT.locked, 'wait for it to end, then try again'],
  LedgerDamaged: [EXIT.failed, 'gb10 status --verify   # nothing was changed, and gb10 only reads until this is settled; SYSTEM_CHANGES.md beside the ledger names every change'],
  ObjectDamaged: [EXIT.failed, 'gb10 status --verify'],
  StateRefused: [EXIT.failed, 'make it a folder of your own with mode 700, or set XDG_STATE_HOME to another place'],
  RecordingError: [EXIT.malformed, 'name a folder with a host.yaml, or a report bundle'],
  NoOwner: [EXIT.failed, 'export HOME=/your/home'],
  StepFailed: [EXIT.failed, 'mend what is named above, then try again'],
  UnknownKind: [EXIT.failed, 'use the gb10 that made it, or a newer one'],
  PathChanged: [EXIT.failed, 'look at that path, then try again'],
}

const SYSTEM: Record<string, string> = {
  ENOSPC: 'make room on that disk, then type the same command again   (nothing that was finished is lost)',
  EDQUOT: 'make room within your quota, then type the same command again',
  EROFS: 'name another place: that file system is read-only (--set path=DIR for a recipe, XDG_STATE_HOME=DIR for what gb10 writes down)',
  EACCES: 'check whose that path is (ls -ld): gb10 reads and changes only what you may',
  EPERM: 'check whose that path is (ls -ld): gb10 reads and changes only what you may',
  EFBIG: 'raise the limit on the size of files (ulimit -f), then type the same command again',
  ENAMETOOLONG: 'choose a shorter name',
  ELOOP: 'look where the links in that path lead (namei -l PATH)',
  ENOTSUP: 'mend what is named above, then try again',
  EIO: 'the disk reported an error: look at the kernel log (journalctl -k) before anything else',
}
