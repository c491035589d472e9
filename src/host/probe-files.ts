import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  readdirSync,
  realpathSync,
  statSync,
  statfsSync,
} from 'node:fs'
import type { FactStatus } from '../model/fact.ts'
import { anywhere, type Reach } from './reach.ts'

const CAP = 1 << 20

/**
 * Reads a plain file without waiting, at most 1 MiB of it. Kernel files state no size. A FIFO or device is not even opened: that
 * would wake its writer, or its driver.
 */
export const readPlain = (path: string): { status: FactStatus; text: string } => {
  let fd: number
  try {
    if (!statSync(path).isFile()) return { status: 'error', text: '' }
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (problem) {
    return { status: statusOf(problem), text: '' }
  }
  try {
    if (!fstatSync(fd).isFile()) return { status: 'error', text: '' }
    const pieces: Buffer[] = []
    for (let total = 0; total < CAP; ) {
      const piece = Buffer.alloc(65_536)
      const count = readSync(fd, piece)
      if (count === 0) break
      pieces.push(piece.subarray(0, count))
      total += count
    }
    return { status: 'ok', text: Buffer.concat(pieces).toString('utf8') }
  } catch (problem) {
    return { status: statusOf(problem), text: '' }
  } finally {
    closeSync(fd)
  }
}

const statusOf = (problem: unknown): FactStatus => {
  const code = (problem as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENXIO') return 'absent'
  return code === 'EACCES' || code === 'EPERM' ? 'denied' : 'error'
}

/**
 * Paths that match a pattern with `*` inside segments, in order of name. Folders that cannot be listed, or are out of reach, match
 * nothing.
 */
export const expand = (pattern: string, reach: Reach = anywhere): string[] => {
  const there = (path: string): boolean => reach(path) && exists(path)
  if (!pattern.includes('*')) return there(pattern) ? [pattern] : []
  const segments = pattern.split('/').slice(1)
  let found = ['']
  for (const segment of segments) {
    if (!segment.includes('*')) {
      found = found.map((p) => `${p}/${segment}`)
      continue
    }
    const wanted = new RegExp(
      `^${segment
        .split('*')
        .map((s) => s.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`,
    )
    found = found.filter(reach).flatMap((p) =>
      list(p)
        .filter((name) => wanted.test(name))
        .map((name) => `${p}/${name}`),
    )
  }
  return segments.at(-1)?.includes('*') ? found : found.filter(there)
}

/** The names in a folder, in order; none where it cannot be listed, and why. */
export const listFolder = (folder: string): { status: FactStatus; names: string[] } => {
  try {
    return { status: 'ok', names: readdirSync(folder).sort() }
  } catch (problem) {
    return { status: statusOf(problem), names: [] }
  }
}
/** The folder in which a pattern's first `*` is looked for. */
export const fixedPart = (pattern: string): string => pattern.split('*', 1)[0]?.replace(/\/[^/]*$/, '') ?? pattern

/** Whether that folder is one that this user may not list: what matches there is not known. */
export const isClosed = (pattern: string, reach: Reach): boolean =>
  pattern.includes('*') && reach(fixedPart(pattern)) && listFolder(fixedPart(pattern)).status === 'denied'
export const list = (folder: string): string[] => listFolder(folder).names
/** Whether something has that name: `absent` where nothing has, `denied` where this user may not look. */
export const presence = (path: string): FactStatus => {
  try {
    lstatSync(path)
    return 'ok'
  } catch (problem) {
    return statusOf(problem)
  }
}
export const exists = (path: string): boolean => presence(path) === 'ok'

/** What could be a program of that name, in the order of a PATH. Relative folders are passed over. */
export const candidates = (name: string, path: string): string[] =>
  [...new Set(path.split(':'))].filter((folder) => folder.startsWith('/')).map((folder) => `${folder.replace(/\/$/, '')}/${name}`)

/** Every executable of that name in the folders of a PATH, in order. */
export const onPath = (name: string, path: string): string[] => candidates(name, path).filter(runnable)

export const runnable = (path: string): boolean => {
  try {
    const stat = statSync(path)
    return stat.isFile() && (stat.mode & 0o111) !== 0
  } catch {
    return false
  }
}

/** Where a path leads after all links, or null. */
export const target = (path: string): string | null => {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

/** Size, use and free space of the file system at a path, in KiB, free for a plain user; null when the path is missing. */
export const spaceAt = (path: string): { sizeKiB: number; usedKiB: number; freeKiB: number } | null => {
  try {
    const { bsize, blocks, bfree, bavail } = statfsSync(path)
    const kib = (count: number): number => Math.floor((count * bsize) / 1024)
    return { sizeKiB: kib(blocks), usedKiB: kib(blocks - bfree), freeKiB: kib(bavail) }
  } catch {
    return null
  }
}

/** The text of a plain file, or null when there is none. @throws Error when it is there and cannot be read. */
export const readIfThere = (path: string): string | null => {
  const { status, text } = readPlain(path)
  if (status === 'absent') return null
  if (status !== 'ok') throw new Error(`${path} cannot be read (${status})`)
  return text
}
