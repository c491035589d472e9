import type { Machine } from '../host/machine.ts'
import { sha256 } from '../ledger/chain.ts'
import type { Want } from '../model/change.ts'
import type { Snapshot } from '../model/ledger.ts'

/** The path a change is about; null for commands. */
export const pathOf = (want: Want): string | null => ('path' in want ? want.path : null)

/** What stands at a path: kind, mode, owner and content (of a file or link; a folder's entries have changes of their own). */
export function snapshot(machine: Machine, path: string | null): Snapshot {
  const stat = path === null ? null : machine.lstat(path)
  if (stat === null || path === null) return null
  const { type, mode, uid, gid } = stat
  const content = type === 'file' ? sha256(machine.read(path)) : type === 'link' ? machine.readlink(path) : ''
  return { type, mode, uid, gid, content }
}

/** How a path differs from what it was; null when it does not. */
export function difference(machine: Machine, path: string, before: Snapshot): string | null {
  const now = snapshot(machine, path)
  if (before === null && now === null) return null
  if (before === null) return `${path} was not there before and is there now`
  if (now === null) return `${path} was there before and is gone`
  const changed = (['type', 'mode', 'uid', 'gid', 'content'] as const).filter((field) => before[field] !== now[field])
  return changed.length === 0 ? null : `${path} differs from before in ${changed.join(', ')}`
}
