import type { Change, Want } from '../model/change.ts'
import type { PlanMachine } from '../model/plan.ts'
import { bytesText } from '../model/units.ts'

/**
 * Free space asked for beyond the estimate: package sizes move between releases, and an installer unpacks beside what it keeps.
 */
const RESERVE = 1.2

/**
 * Which file systems have too little room for these changes, in words; empty = enough, or sizes are not known. Sizes of changes
 * on one file system add up.
 */
export function tooFull(changes: readonly Change[], disks: PlanMachine['disks']): string[] {
  if (disks === null) return []
  const needed = new Map<string, number>()
  for (const change of changes) {
    const mount = mountOf(pathOf(change.want), disks)
    if (mount !== null) needed.set(mount, (needed.get(mount) ?? 0) + (change.bytes ?? 0))
  }
  return [...needed].flatMap(([mount, bytes]) => {
    const free = disks.find((disk) => disk.mount === mount)?.freeBytes ?? 0
    const need = Math.ceil(bytes * RESERVE)
    return free >= need ? [] : [`not enough disk space on ${mount}: needs ${bytesText(need)}, ${bytesText(free)} are free.`]
  })
}

function mountOf(path: string | null, disks: readonly { mount: string }[]): string | null {
  if (path === null) return null
  const over = disks.filter(({ mount }) => mount === '/' || path === mount || path.startsWith(`${mount}/`))
  return over.toSorted((one, other) => other.mount.length - one.mount.length)[0]?.mount ?? null
}

/** The path a want is about; null for a command. */
export function pathOf(want: Want): string | null {
  return want.kind === 'exec' ? null : want.path
}
