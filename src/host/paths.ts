import { closeSync, constants, openSync, readlinkSync, realpathSync } from 'node:fs'
import { decodeName, encodeName } from './names.ts'
import { PathChanged } from './machine.ts'

const O_PATH = 0o10000000 // Linux; Node has no constant for it
const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** `/proc/self/fd/N/name`: reaches an entry of a held folder, whatever happens to the folder's path meanwhile. */
export const through = (fd: number, name: string): string | Buffer => encodeName(`/proc/self/fd/${fd}/${name}`)

/** Opens a folder, refusing links on the way to it. The caller closes it. */
export function openFolder(path: string): number {
  return openAtOnce(path) ?? openByWalking(path)
}

/**
 * One open instead of one for each part: where the kernel says that the folder it opened lies at the very path that was asked for, no part
 * of the path led through a link. Null where that cannot be said.
 */
function openAtOnce(path: string): number | null {
  let fd: number
  try {
    fd = openSync(encodeName(path), folderFlags)
  } catch {
    return null
  }
  try {
    if (decodeName(readlinkSync(`/proc/self/fd/${fd}`, 'buffer')) === path) return fd
  } catch {
    // No /proc that tells: walk.
  }
  closeSync(fd)
  return null
}

function openByWalking(path: string): number {
  let fd = openSync('/', folderFlags)
  for (const part of path.split('/').filter(Boolean)) {
    let next: number
    try {
      next = openSync(through(fd, part), folderFlags)
    } catch (error) {
      closeSync(fd)
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'ENOTDIR' || code === 'ELOOP') throw new PathChanged(path)
      throw error
    }
    closeSync(fd)
    fd = next
  }
  return fd
}

/** Calls `use` with a path that goes through the held parent folder. */
export function withParent<T>(path: string, use: (entry: string | Buffer, fd: number) => T): T {
  const [parent, name] = splitPath(path)
  const fd = openFolder(parent)
  try {
    return use(through(fd, name), fd)
  } finally {
    closeSync(fd)
  }
}

export function splitPath(path: string): [parent: string, name: string] {
  const at = path.lastIndexOf('/')
  return [path.slice(0, at) || '/', path.slice(at + 1)]
}

/** Resolves the links of a path as far as it exists; what does not exist yet stays as written. */
export function canonicalPath(path: string, whole: boolean): string {
  const [parent, name] = splitPath(path)
  if (whole) {
    try {
      return realpathSync(path)
    } catch {
      // not there (or a dangling link): resolve the folder only
    }
  }
  if (!name) return path
  try {
    return `${realpathSync(parent) === '/' ? '' : realpathSync(parent)}/${name}`
  } catch {
    return `${canonicalPath(parent, false)}/${name}`
  }
}
