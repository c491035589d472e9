import { closeSync, constants, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs'

/**
 * Makes a file that must not be there yet (EEXIST otherwise, for a link too), readable by its owner alone. A write that fails
 * leaves nothing.
 */
export function writeNew(path: string, bytes: Uint8Array): void {
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
