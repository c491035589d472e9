import { closeSync, constants, openSync, readlinkSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { encodeName } from './names.ts'
import { PathChanged } from './machine.ts'

const O_PATH = 0o10000000 // Linux; Node has no constant for it
const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** `/proc/self/fd/N/name`: reaches an entry of a held folder, whatever happens to the folder's path meanwhile. */
export const through = (fd: number, name: string): string | Buffer => encodeName(`/proc/self/fd/${fd}/${name}`)

/** Opens a folder by walking to it from the root, refusing links. The caller closes it. */
export function openFolder(path: string): number {
  let fd = openSync('/', folderFlags)
  for (const part of path.split('/').filter(Boolean)) {
    let next: number
    try {
      next = openSync(through(fd, part), folderFlags)
    } catch (error) {
      closeSync(fd)
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'ENOTDIR' || code === 'ELOOP') throw new PathChanged(path)
      throw plainly(error, `/proc/self/fd/${fd}/${part}`, path)
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
  } catch (error) {
    throw plainly(error, `/proc/self/fd/${fd}/`, parent === '/' ? '/' : `${parent}/`)
  } finally {
    closeSync(fd)
  }
}

/** An error of a call that went through a held folder, with the path that people know in its message. */
export function plainly(error: unknown, held: string, path: string): unknown {
  if (error instanceof Error) error.message = error.message.replaceAll(held, path)
  return error
}

/** An error of writing a file, with that file in its message: calls on what is open name none, and a temporary name tells nobody anything. */
export function ofFile(error: unknown, path: string): unknown {
  if (error instanceof Error && 'syscall' in error) error.message = `${error.message.replace(/ '[^]*$/, '')} '${path}'`
  return error
}

export function splitPath(path: string): [parent: string, name: string] {
  const at = path.lastIndexOf('/')
  return [path.slice(0, at) || '/', path.slice(at + 1)]
}

function linkAt(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

/** Resolves the links of a path as far as it exists; what does not exist yet stays as written. */
export function canonicalPath(path: string, whole: boolean): string {
  const [parent, name] = splitPath(path)
  if (whole) {
    try {
      return realpathSync(path)
    } catch (error) {
      // Not there, or a link to what is not there. One that leads round in a circle stays, to be refused.
      const target = (error as NodeJS.ErrnoException).code === 'ENOENT' ? linkAt(path) : null
      if (target !== null) return canonicalPath(resolve(canonicalPath(parent, true), target), true)
    }
  }
  if (!name) return path
  const folder = canonicalPath(parent, true)
  return `${folder === '/' ? '' : folder}/${name}`
}
