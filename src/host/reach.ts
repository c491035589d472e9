import { lstatSync, readlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import { splitPath } from './paths.ts'

/** Kinds of file system that answer over a network or through another process, and may therefore never answer. */
const REMOTE = /^(nfs\d?|cifs|smb3?|9p|afs|ceph|glusterfs|lustre|beegfs|gpfs|autofs|fuse\..*|fuse|virtiofs|sshfs)$/

/** The kernel's own tables: never remote, and read so often that following their links would cost. */
const KERNEL = /^\/(proc|sys)(\/|$)/
const MOST_LINKS = 40

export type Mount = { device: string; folder: string; type: string }

/** The table of mounts, as `/proc/self/mounts` prints it. */
export const mountsIn = (text: string): Mount[] =>
  text.split('\n').flatMap((line) => {
    const [device = '-', point = '', type = ''] = line.split(' ')
    return point === '' ? [] : [{ device, folder: point.replaceAll('\\040', ' '), type }]
  })

/** The mount that holds a path as it is written. */
export const mountOf = (path: string, mounts: readonly Mount[]): Mount => {
  let best: Mount = { device: '-', folder: '', type: '' }
  for (const mount of mounts) {
    const holds = path === mount.folder || path.startsWith(mount.folder === '/' ? '/' : `${mount.folder}/`)
    if (holds && mount.folder.length >= best.folder.length) best = mount
  }
  return best
}

/** What this process may touch. `missed` counts the refusals, so that a caller can tell "nothing there" from "did not look". */
export type Reach = { (path: string): boolean; missed: number }

/** Everything: for paths of the user's own choice. */
export const anywhere: Reach = Object.assign(() => true, { missed: 0 })

/**
 * Tells whether looking at a path keeps to file systems that cannot hang, whatever links it passes: a system call that waits for
 * a dead server keeps this process from ever ending. Nothing beyond such a mount is touched to find out.
 */
export function reachOf(mounts: readonly Mount[]): Reach {
  const far = (path: string): boolean => REMOTE.test(mountOf(path, mounts).type)
  const known = new Map<string, string | null>([['/', far('/') ? null : '/']])
  const real = (path: string, links: number): string | null => {
    const seen = known.get(path)
    if (seen !== undefined) return seen
    const [parent, name] = splitPath(path)
    const found = within(real(parent, links), name, links)
    known.set(path, found)
    return found
  }
  const within = (parent: string | null, name: string, links: number): string | null => {
    const here = `${parent === '/' ? '' : parent}/${name}`
    if (parent === null || far(here) || links > MOST_LINKS) return null
    const to = linkAt(here)
    return to === null ? here : real(resolve(parent, to), links + 1)
  }
  const remote = mounts.some(({ type }) => REMOTE.test(type))
  const reach: Reach = Object.assign(
    (path: string): boolean => {
      if (!remote || KERNEL.test(path) || real(resolve('/', path), 0) !== null) return true
      reach.missed += 1
      return false
    },
    { missed: 0 },
  )
  return reach
}

const linkAt = (path: string): string | null => {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null
  } catch {
    return null
  }
}
