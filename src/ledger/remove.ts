import type { Machine, Stay } from '../host/machine.ts'

/** Something is in the way that only the user can take out of it: the message holds the command for that. */
export class InTheWay extends Error {}

/** The mount points at a path and below it. */
export function mountsIn(machine: Machine, path: string): string[] {
  const table = `/proc/${process.pid}/mountinfo`
  if (machine.lstat(table) === null) return []
  const points = machine.read(table).toString('latin1').split('\n').map((line) => line.split(' ')[4] ?? '')
  const plain = points.map((one) => one.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
  return [...new Set(plain.map((one) => Buffer.from(one, 'latin1').toString()))].filter((one) => `${one}/`.startsWith(`${path}/`))
}

/** Throws where a disk is mounted in a tree that is to go. Asked before the first touch, so that such a tree stays whole. */
export function refuseMounts(machine: Machine, path: string): void {
  const mounts = mountsIn(machine, path)
  if (mounts.length > 0) throw new InTheWay(mountedText(path, mounts))
}

export const mountedText = (path: string, mounts: readonly string[]): string =>
  `${mounts[0]} is mounted${mounts[0] === path ? '' : ` in ${path}`}, which was left as it is: ${mounts.map((one) => `sudo umount ${word(one)}`).join('; ')}`

/** Why entries that should have gone from a tree, which lies at `place` now, are still there, and the command that removes them. */
export function stuckText(place: string, stuck: readonly Stay[], all: boolean): string {
  const some = stuck.slice(0, 3).map((stay) => `${place}/${stay.path}`)
  const mounted = stuck.find((stay) => stay.why === 'mounted')
  if (mounted) return `${place}/${mounted.path} is mounted: sudo umount ${word(`${place}/${mounted.path}`)}`
  const what = stuck.length === 1 ? `${some[0]} could not be removed, as it is not yours alone` : `${stuck.length} entries of ${place} could not be removed, as they are not yours alone`
  return `${what}: sudo rm -r ${all ? word(place) : `${some.map(word).join(' ')}${stuck.length > 3 ? ' ...' : ''}`}`
}

/** A path as one word of a shell command. */
export const word = (path: string): string => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`)

/** Those of the entries that stay in which no other lies: the folders above them stay because of them. */
export const innermost = (stays: readonly Stay[]): Stay[] => {
  const holding = new Set(stays.flatMap(({ path }) => path.split('/').slice(0, -1).map((_, i, parts) => parts.slice(0, i + 1).join('/'))))
  return stays.filter(({ path }) => !holding.has(path))
}

/** Removes a folder if there is nothing in it. False where there is: the kernel says so, whatever came into it a moment ago. */
export function rmdirEmpty(machine: Machine, path: string): boolean {
  try {
    machine.rmdir(path)
    return true
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return false
  }
}

/** Removes a folder of gb10's own making with everything in it. Throws `InTheWay` when something stays. */
export function removeOwn(machine: Machine, path: string): void {
  refuseMounts(machine, path)
  const stays = innermost([...machine.prune(path, () => true)])
  if (stays.length > 0) throw new InTheWay(stuckText(path, stays, true))
  if (!rmdirEmpty(machine, path)) throw new InTheWay(busyText(path))
}

/** A program is at work in a folder that is to go. */
export const busyText = (path: string): string => `a program wrote into ${path} while it was taken away: end it, then try again`
