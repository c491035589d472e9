import { randomUUID } from 'node:crypto'
import { closeSync, constants, fsyncSync, linkSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { ofFile } from './paths.ts'

export type NewFile = { path: string; bytes: Uint8Array }

/**
 * Makes files that must not be there yet (EEXIST otherwise, for a link too), readable by their owner alone. All of them or none,
 * and each appears whole.
 */
export function writeNew(files: readonly NewFile[]): void {
  const made: string[] = []
  try {
    for (const file of files) {
      appear(file)
      made.push(file.path)
    }
  } catch (error) {
    for (const path of made) unlinkSync(path)
    throw ofFile(error, files[made.length]!.path)
  }
}

/** Under a hidden name first: a second name for a file, unlike a rename, never replaces what has that name. */
function appear({ path, bytes }: NewFile): void {
  const temp = `${path.slice(0, path.lastIndexOf('/'))}/.gb10-${randomUUID()}.part`
  fill(temp, bytes)
  try {
    linkSync(temp, path)
  } catch (error) {
    // FAT on a USB stick and some network folders know no second names; there the file grows under its own.
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    fill(path, bytes)
  } finally {
    unlinkSync(temp)
  }
}
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

function fill(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  let whole = false
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    fsyncSync(fd)
    whole = true
  } finally {
    closeSync(fd)
    if (!whole) unlinkSync(path)
  }
}
