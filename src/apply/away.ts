import type { Machine } from '../host/machine.ts'
import { missingFolders } from '../ledger/home.ts'
import type { Disk, OpState } from '../model/ledger.ts'
import { pathOf } from './snapshot.ts'

/** The disk on which a change was made is not there: it can neither be looked at nor taken back now. */
export class NotThere extends Error {}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

/** The folder in which a change is made, where it lies on another disk than gb10's own records; null where it does not. */
export function diskOf(machine: Machine, state: string, path: string | null): Disk | null {
  const folder = path === null ? null : machine.lstat(parentOf(path))
  return folder && folder.dev !== machine.lstat(state)?.dev ? { dev: folder.dev, ino: folder.ino } : null
}

/**
 * Whether nothing is at a change's path because its disk is not mounted, not because somebody removed it. A disk may have another number after
 * the next start, its folders do not. An older ledger does not name the disk: there a folder is missing that gb10 did not make.
 */
export function isAway(machine: Machine, ops: readonly OpState[], { want, disk }: OpState): boolean {
  const path = pathOf(want)
  if (path === null || disk === null || machine.lstat(path) !== null) return false
  const folder = parentOf(path)
  const [gone] = missingFolders(machine, folder)
  if (disk === undefined) return gone !== undefined && !ops.some((op) => op.want.kind === 'directory' && op.want.path === gone)
  const nearest = machine.lstat(gone === undefined ? folder : parentOf(gone))
  return nearest?.dev !== disk.dev && !(gone === undefined && nearest?.ino === disk.ino)
}

/** What to say of it. */
export const awayText = (path: string): string => `${path} is not there, nor is the disk it was made on: mount that first`
