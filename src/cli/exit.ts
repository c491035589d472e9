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

/** How an error ends the program: its exit code and its text. Unknown errors are bugs of ours, and say so. */
export function describeError(error: unknown): { code: number; text: string } {
  const e = error as Error & { code?: unknown }
  const message = e instanceof Error ? e.message : String(error)
  const known = (code: number, next: string | null): { code: number; text: string } => ({
    code,
    text: `gb10: ${message}${next ? `\n      Next: ${next}` : ''}`,
  })
  if (e instanceof UserError) return known(e.code, e.next)
  if (e.name === 'AbortError') return { code: 130, text: 'gb10: stopped.' }
  switch (e.constructor.name) {
    case 'Locked':
      return known(EXIT.locked, 'wait for it to end, then try again')
    case 'LedgerDamaged':
      return known(EXIT.failed, 'gb10 status --verify   (gb10 only reads until this is settled; nothing was changed)')
    case 'StateRefused':
      return known(EXIT.failed, 'make it a folder of your own with mode 700, or set XDG_STATE_HOME to another place')
    case 'CatalogError':
      return known(EXIT.malformed, null)
    case 'RecordingError':
      return known(EXIT.malformed, null)
    case 'NoOwner':
      return known(EXIT.failed, null)
    case 'PathChanged':
      return known(EXIT.failed, 'look at that path, then try again')
  }
  if (typeof e.code === 'string' && SYSTEM[e.code]) return known(EXIT.failed, SYSTEM[e.code]!)
  return { code: EXIT.bug, text: `gb10: a bug in gb10: ${message}\n${e.stack ?? ''}\n      Next: please report this, with the text above` }
}

const SYSTEM: Record<string, string> = {
  ENOSPC: 'make room on that disk, then: gb10 resume   (nothing that was finished is lost)',
  EDQUOT: 'make room within your quota, then: gb10 resume',
  EROFS: 'that file system is read-only: choose another place with --set path=DIR or XDG_STATE_HOME',
  EACCES: 'check who owns that path; gb10 changes only what is yours',
  EPERM: 'check who owns that path; gb10 changes only what is yours',
  EIO: 'the disk reported an error: look at the kernel log (journalctl -k) before anything else',
}
