import {
  chmodSync, closeSync, fchmodSync, fchownSync, fstatSync, fsyncSync, ftruncateSync, constants, lstatSync, mkdirSync, openSync, readFileSync,
  readdirSync, readlinkSync, renameSync, rmdirSync, statfsSync, symlinkSync, unlinkSync, writeSync, type BigIntStats,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import { decodeName, encodeName } from './names.ts'
import { ofFile, openFolder, plainly, through, withParent, splitPath } from './paths.ts'
import type { Stat, WriteOptions } from './machine.ts'

const O_PATH = 0o10000000

/** Maps a Node stat to ours. */
export function toStat(s: BigIntStats): Stat {
  const type = s.isFile() ? 'file' : s.isDirectory() ? 'directory' : s.isSymbolicLink() ? 'link' : 'other'
  return {
    type, mode: Number(s.mode) & 0o7777, uid: Number(s.uid), gid: Number(s.gid), size: Number(s.size), nlink: Number(s.nlink),
    ino: String(s.ino), dev: String(s.dev), mtimeNs: String(s.mtimeNs), ctimeNs: String(s.ctimeNs),
  }
}

/** What stands at a path, or null when there is nothing (or nothing to stand in). */
export function lstat(path: string): Stat | null {
  if (path === '/') return toStat(lstatSync('/', { bigint: true }))
  try {
    return withParent(path, (entry) => toStat(lstatSync(entry, { bigint: true })))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export function read(path: string): Buffer {
  return withParent(path, (entry) => {
    const fd = openSync(entry, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      if (!fstatSync(fd).isFile()) throw Object.assign(new Error(`${path} is not a regular file`), { code: 'EINVAL' })
      return readFileSync(fd)
    } finally {
      closeSync(fd)
    }
  })
}

export const readlink = (path: string): string => withParent(path, (entry) => decodeName(readlinkSync(entry, 'buffer')))

/** The names in a folder, sorted, so that every walk and every manifest has one order. */
export function list(path: string): string[] {
  const fd = openFolder(path)
  try {
    return readdirSync(through(fd, ''), { encoding: 'buffer' }).map(decodeName).sort()
  } catch (error) {
    throw plainly(error, `/proc/self/fd/${fd}/`, path)
  } finally {
    closeSync(fd)
  }
}

export function syncFolder(path: string): void {
  const fd = openFolder(path)
  try {
    const readable = openSync(through(fd, '.'), constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      fsyncSync(readable)
    } finally {
      closeSync(readable)
    }
  } finally {
    closeSync(fd)
  }
}

/**
 * Temporary name in the same folder, owner and mode set before the bytes can be seen, fsync, rename, fsync of the folder. A failure leaves
 * the file as it was, and nothing beside it.
 */
export function write(path: string, bytes: Uint8Array, options: WriteOptions): void {
  const [parent, name] = splitPath(path)
  const folder = openFolder(parent)
  const temp = through(folder, options.temp)
  try {
    const fd = openSync(temp, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
    try {
      if (options.carry) {
        carry(through(folder, name), fd, path)
        fchmodSync(fd, options.mode)
      }
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
      if (fstatSync(fd).uid !== options.uid || fstatSync(fd).gid !== options.gid) fchownSync(fd, options.uid, options.gid)
      fchmodSync(fd, options.mode)
      fsyncSync(fd)
      if (options.mtimeNs) touch(fd, path, options.mtimeNs)
      renameSync(temp, through(folder, name))
    } catch (error) {
      clearAway(temp)
      throw error
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw ofFile(error, path)
  } finally {
    closeSync(folder)
  }
  syncFolder(parent)
}

function clearAway(temp: string | Buffer): void {
  try {
    unlinkSync(temp)
  } catch {
    // what made the writing fail may do the same here: whoever takes the change back removes it
  }
}

/**
 * Gives a new file, still empty, the access list and extended attributes of the file it is to replace; what its folder gives to new files
 * goes. Node has no calls for them, and no field of a stat tells whether there are any.
 */
function carry(entry: string | Buffer, to: number, path: string): void {
  const from = openSync(entry, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const argv = ['cp', '-T', '--attributes-only', '--preserve=mode,xattr', '/proc/self/fd/0', '/proc/self/fd/3'] as const
  const { status, stderr } = holding([...argv], from, to)
  closeSync(from)
  if (status === 0) return
  const message = `the access list or extended attributes of ${path} cannot be carried over to its new content (${stderr.trim()})`
  throw Object.assign(new Error(`${message}: it was left as it is. Take them off (setfacl -b, setfattr -x), then try again.`), { code: 'ENOTSUP' })
}

/** For a file with several hard links: a rename would part them. The caller has saved the old bytes; a crash can leave a mixture. */
export function overwrite(path: string, bytes: Uint8Array): void {
  withParent(path, (entry) => {
    const fd = openSync(entry, constants.O_RDWR | constants.O_NOFOLLOW)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at)
      ftruncateSync(fd, bytes.length)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  })
}

/**
 * mkdir with exactly this mode, whatever the umask, then sync of the parent. The mode comes with the folder: were it set afterwards, a kill
 * in between would leave a folder that nobody can tell from a finished one.
 */
export function mkdir(path: string, mode: number): void {
  withParent(path, (entry) => {
    const umask = process.umask(0)
    try {
      mkdirSync(entry, { mode })
    } finally {
      process.umask(umask)
    }
  })
  syncFolder(splitPath(path)[0])
}

export function rmdir(path: string): void {
  withParent(path, (entry) => rmdirSync(entry))
  syncFolder(splitPath(path)[0])
}

export function unlink(path: string): void {
  withParent(path, (entry) => unlinkSync(entry))
  syncFolder(splitPath(path)[0])
}

export function symlink(target: string, path: string): void {
  withParent(path, (entry) => symlinkSync(encodeName(target), entry))
  syncFolder(splitPath(path)[0])
}

export function rename(from: string, to: string): void {
  withParent(from, (a) => withParent(to, (b) => renameSync(a, b)))
  syncFolder(splitPath(from)[0])
  if (splitPath(to)[0] !== splitPath(from)[0]) syncFolder(splitPath(to)[0])
}

/**
 * Not for links: a link has no mode of its own, and following one is what this room never does. Held without a right to read: a closed folder
 * gives none, not even to the user whose it is.
 */
export function chmod(path: string, mode: number): void {
  withParent(path, (entry) => {
    const fd = openSync(entry, O_PATH | constants.O_NOFOLLOW)
    try {
      if (fstatSync(fd).isSymbolicLink()) throw Object.assign(new Error(`${path} is a link`), { code: 'ELOOP' })
      chmodSync(`/proc/self/fd/${fd}`, mode)
    } finally {
      closeSync(fd)
    }
  })
}

export function setTimes(path: string, mtimeNs: string): void {
  withParent(path, (entry) => {
    const fd = openSync(entry, O_PATH | constants.O_NOFOLLOW)
    try {
      touch(fd, path, mtimeNs)
    } finally {
      closeSync(fd)
    }
  })
}

/** Node's utimes goes through a double and loses the last digits; touch keeps every nanosecond, which an exact restore needs. */
function touch(fd: number, path: string, mtimeNs: string): void {
  const [sign, digits] = mtimeNs.startsWith('-') ? ['-', mtimeNs.slice(1)] : ['', mtimeNs]
  const stamp = `@${sign}${digits.slice(0, -9) || '0'}.${digits.padStart(9, '0').slice(-9)}`
  const { status, stderr } = holding(['touch', '-c', '-m', '-d', stamp, '/proc/self/fd/0'], fd)
  if (status !== 0) throw Object.assign(new Error(`touch could not set the time of ${path}: ${stderr.trim()}`), { code: 'EPERM' })
}

/**
 * Runs a program on open files, which are its input and what comes after its errors: it needs no names, which may be of bytes that no
 * argument can hold, nor a look into this process, which under sudo the kernel allows no child.
 */
const holding = ([program, ...args]: [string, ...string[]], ...[first, ...more]: [number, ...number[]]) =>
  spawnSync(program, args, { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' }, stdio: [first, 'ignore', 'pipe', ...more] })

/** Bytes an ordinary user can still write on the file system of the nearest existing folder of a path. */
export function freeBytes(path: string): number {
  for (let at = path; ; at = splitPath(at)[0]) {
    try {
      const s = statfsSync(at)
      return s.bavail * s.bsize
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || at === '/') throw error
    }
  }
}
