import { createHash } from 'node:crypto'
import {
  chmodSync, closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readSync, readdirSync, readlinkSync, rmdirSync, unlinkSync,
} from 'node:fs'
import { toStat } from './files.ts'
import { decodeName } from './names.ts'
import { openFolder, through } from './paths.ts'
import type { Entry, Stat, Stay } from './machine.ts'

const O_PATH = 0o10000000
const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
const buffer = Buffer.allocUnsafe(1 << 20)

function hashFile(fd: number, name: string): string {
  const sum = createHash('sha256')
  const file = openSync(through(fd, name), constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    for (let n = readSync(file, buffer); n > 0; n = readSync(file, buffer)) sum.update(buffer.subarray(0, n))
  } finally {
    closeSync(file)
  }
  return sum.digest('hex')
}

const entryOf = (fd: number, name: string, path: string): Entry => ({
  path,
  stat: toStat(lstatSync(through(fd, name), { bigint: true })),
  target: () => decodeName(readlinkSync(through(fd, name), 'buffer')),
  hash: () => hashFile(fd, name),
})

const namesIn = (fd: number): string[] => readdirSync(through(fd, ''), { encoding: 'buffer' }).map(decodeName).sort()

/** Every entry below a folder, folders before what is in them, in one fixed order. Links are entries, never followed. */
export function* walk(root: string): Generator<Entry> {
  const fd = openFolder(root)
  try {
    yield* walkFolder(fd, '')
  } finally {
    closeSync(fd)
  }
}

function* walkFolder(fd: number, prefix: string): Generator<Entry> {
  for (const name of namesIn(fd)) {
    const entry = entryOf(fd, name, prefix + name)
    yield entry
    if (entry.stat.type !== 'directory') continue
    const child = openSync(through(fd, name), folderFlags)
    try {
      yield* walkFolder(child, `${prefix}${name}/`)
    } finally {
      closeSync(child)
    }
  }
}

/**
 * Removes from a tree what `mine` says is ours, and every folder of ours that is empty then; a folder of this user's that is closed to them is
 * opened for it. Never goes on into another file system, even if it is a folder of the same disk that is mounted there. Yields the entries that
 * stay. The root itself stays too: the caller decides about it.
 */
export function* prune(root: string, mine: (entry: Entry) => boolean): Generator<Stay> {
  const fd = openFolder(root)
  try {
    openUp(fd, toStat(fstatSync(fd, { bigint: true })))
    yield* pruneFolder(fd, namesIn(fd), '', readable(mine), mountOf(fd))
  } finally {
    closeSync(fd)
  }
}

function* pruneFolder(fd: number, names: string[], prefix: string, mine: (entry: Entry) => boolean, mount: string): Generator<Stay> {
  for (const name of names) {
    const entry = entryOf(fd, name, prefix + name)
    const folder = entry.stat.type === 'directory'
    const why = folder ? yield* pruneInto(fd, name, entry, mine, mount) : mine(entry) ? whyNot(() => unlinkSync(through(fd, name))) : 'theirs'
    if (why) yield { ...entry, why }
  }
}

/** Empties a folder and removes it. Gives why it stays; null as well where that is what stays in it, of which was told already. */
function* pruneInto(
  fd: number, name: string, entry: Entry, mine: (entry: Entry) => boolean, mount: string,
): Generator<Stay, Stay['why'] | null> {
  const child = openSync(through(fd, name), folderFlags)
  let opened = false
  try {
    if (mountOf(child) !== mount) return 'mounted'
    opened = isClosed(entry.stat) && mine(entry) && openUp(child, entry.stat)
    let names: string[] = []
    const why = whyNot(() => (names = namesIn(child)))
    if (why) return why
    yield* pruneFolder(child, names, `${entry.path}/`, mine, mount)
    if (namesIn(child).length > 0) return null
    return mine(entry) ? whyNot(() => rmdirSync(through(fd, name))) : 'theirs'
  } finally {
    if (opened) chmodSync(`/proc/self/fd/${child}`, entry.stat.mode)
    closeSync(child)
  }
}

/** The mount that a held folder lies in. Its device would not tell: a folder can be mounted again within its own disk. */
const mountOf = (fd: number): string => /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? ''

/** A folder of this user's in which this very user may not remove anything. Root may anywhere. */
const isClosed = ({ uid, mode }: Stat): boolean => uid === process.geteuid!() && uid !== 0 && (mode & 0o700) !== 0o700

function openUp(fd: number, stat: Stat): boolean {
  if (isClosed(stat)) chmodSync(`/proc/self/fd/${fd}`, stat.mode | 0o700)
  return isClosed(stat)
}

/** What cannot be read cannot be told to be ours. */
const readable = (mine: (entry: Entry) => boolean) => (entry: Entry): boolean => {
  try {
    return mine(entry)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
    return false
  }
}

const WHY: Record<string, Stay['why']> = { EACCES: 'refused', EPERM: 'refused', EBUSY: 'mounted', ENOTEMPTY: 'theirs', EEXIST: 'theirs' }

/** Does a piece of work, or tells why the entry that it is about stays. */
function whyNot(work: () => void): Stay['why'] | null {
  try {
    work()
    return null
  } catch (error) {
    const why = WHY[(error as NodeJS.ErrnoException).code ?? '']
    if (!why) throw error
    return why
  }
}
