import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { RecordingError } from './recording-error.ts'
import { untar } from './tar.ts'

/** The files of a recording by plain name. */
export type Files = ReadonlyMap<string, string>

export const FILE_LIMIT = 8 << 20
export const TOTAL_LIMIT = 64 << 20
const COUNT_LIMIT = 4096

/** A plain file name inside the recording: no folders, no dots alone, nothing hidden behind control characters. */
export const checkName = (name: string, where: string): string => {
  // eslint-disable-next-line no-control-regex
  const plain = name.length > 0 && name.length <= 255 && !/[/\\\u0000-\u001f]/.test(name) && name !== '.' && name !== '..'
  if (!plain) throw new RecordingError(name, `${where} must be a plain file name inside the recording`)
  return name
}

/** Reads a folder, or a `.tar`, `.tar.gz` or `.tgz` of one, into memory. Links and other special files are refused. */
export const readFolder = async (path: string): Promise<Files> => {
  const stat = lstat(path)
  if (stat.isSymbolicLink()) throw new RecordingError(path, 'is a link')
  if (stat.isDirectory()) return fromFolder(path)
  if (!stat.isFile()) throw new RecordingError(path, 'is neither a folder nor an archive')
  if (stat.size > TOTAL_LIMIT) throw new RecordingError(path, 'is larger than 64 MiB')
  return fromArchive(path)
}

const lstat = (path: string) => {
  try {
    return lstatSync(path)
  } catch (problem) {
    throw new RecordingError(path, (problem as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read')
  }
}

const fromFolder = (folder: string): Files => {
  const files = new Map<string, string>()
  const names = readdirSync(folder)
  if (names.length > COUNT_LIMIT) throw new RecordingError(folder, 'holds too many files')
  const total = { bytes: 0 }
  for (const name of names.sort()) {
    if (!/\.(txt|yaml|json)$/.test(name)) continue
    files.set(name, readPlain(`${folder}/${name}`, name, total))
  }
  return files
}

/** Opens without following links and without waiting on a FIFO, then checks what was opened. */
const readPlain = (path: string, name: string, total: { bytes: number }): string => {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (problem) {
    throw new RecordingError(name, (problem as NodeJS.ErrnoException).code === 'ELOOP' ? 'is a link' : 'cannot be read')
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new RecordingError(name, 'is not a plain file')
    if (stat.size > FILE_LIMIT) throw new RecordingError(name, 'is larger than 8 MiB')
    total.bytes += stat.size
    if (total.bytes > TOTAL_LIMIT) throw new RecordingError(name, 'makes the recording larger than 64 MiB')
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

const fromArchive = (path: string): Files => {
  const raw = readFileSync(path)
  let plain = raw
  if (raw[0] === 0x1f && raw[1] === 0x8b) {
    try {
      plain = gunzipSync(raw, { maxOutputLength: TOTAL_LIMIT })
    } catch {
      throw new RecordingError(path, 'cannot be unpacked, or is larger than 64 MiB unpacked')
    }
  }
  const files = new Map<string, string>()
  for (const entry of untar(plain, path)) {
    if (entry.kind === 'folder') continue
    const name = entry.name.replace(/^\.\//, '').replace(/^[^/]+\//, '')
    if (entry.kind === 'other') throw new RecordingError(entry.name, 'is a link or a special file')
    if (entry.name.startsWith('/') || entry.name.split('/').includes('..'))
      throw new RecordingError(entry.name, 'points outside the bundle')
    if (entry.data.length > FILE_LIMIT) throw new RecordingError(entry.name, 'is larger than 8 MiB')
    if (name.includes('/')) continue
    if (files.has(name)) throw new RecordingError(entry.name, 'stands in the bundle twice')
    files.set(name, new TextDecoder().decode(entry.data))
  }
  return files
}
