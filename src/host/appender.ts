import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { openFolder, splitPath, through } from './paths.ts'
import { syncFolder } from './files.ts'
import type { Appender } from './machine.ts'

/**
 * Opens a file for appending only, never through a link, and makes its existence durable. A write that comes out short or fails is not
 * tried again: the run must stop, and the next one judges what is on disk.
 */
export function openAppender(path: string): Appender {
  const [parent, name] = splitPath(path)
  const folder = openFolder(parent)
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
  const fd = openSync(through(folder, name), flags, 0o600)
  closeSync(folder)
  if (!fstatSync(fd).isFile()) throw new Error(`${path} is not a regular file`)
  syncFolder(parent)
  return {
    write(line) {
      const bytes = Buffer.from(line)
      if (writeSync(fd, bytes) === bytes.length) return
      throw Object.assign(new Error(`${path}: no space left on the disk; only a part of a record could be written`), { code: 'ENOSPC' })
    },
    sync: () => fdatasyncSync(fd),
    truncate(bytes) {
      ftruncateSync(fd, bytes)
      fdatasyncSync(fd)
    },
    close: () => closeSync(fd),
  }
}
