import { createHash } from 'node:crypto'
import { closeSync, constants, lstatSync, openSync, readSync, readdirSync, readlinkSync, rmdirSync, unlinkSync } from 'node:fs'
import { toStat } from './files.ts'
import { decodeName } from './names.ts'
import { openFolder, through } from './paths.ts'
import type { Entry } from './machine.ts'

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
 * Removes from a tree what `mine` says is ours, and every folder of ours that is empty then. Yields the entries that stay.
 * The root itself stays too: the caller decides about it.
 */
export function* prune(root: string, mine: (entry: Entry) => boolean): Generator<Entry> {
  const fd = openFolder(root)
  try {
    yield* pruneFolder(fd, '', mine)
  } finally {
    closeSync(fd)
  }
}

function* pruneFolder(fd: number, prefix: string, mine: (entry: Entry) => boolean): Generator<Entry> {
  for (const name of namesIn(fd)) {
    const entry = entryOf(fd, name, prefix + name)
    if (entry.stat.type !== 'directory') {
      if (mine(entry)) unlinkSync(through(fd, name))
      else yield entry
      continue
    }
    const child = openSync(through(fd, name), folderFlags)
    try {
      yield* pruneFolder(child, `${prefix}${name}/`, mine)
      if (namesIn(child).length > 0) continue
    } finally {
      closeSync(child)
    }
    if (mine(entry)) rmdirSync(through(fd, name))
    else yield entry
  }
}
