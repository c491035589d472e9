import { RecordingError } from './recording-error.ts'

/** One member of a tar archive. `other` = links, devices and everything else that is no plain file or folder. */
export type TarEntry = { name: string; kind: 'file' | 'folder' | 'other'; data: Uint8Array }

const BLOCK = 512
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replace(/\0[\s\S]*$/, '')

/**
 * Reads a POSIX tar archive (ustar, with pax and GNU long names) held in memory. Throws RecordingError when a header is torn or a
 * member runs past the end. `where` names the archive in errors.
 */
export const untar = (bytes: Uint8Array, where: string): TarEntry[] => {
  const entries: TarEntry[] = []
  let longName: string | null = null
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK)
    if (header.every((byte) => byte === 0)) break
    checkSum(header, where)
    const size = Number.parseInt(text(header.subarray(124, 136)).trim() || '0', 8)
    const type = String.fromCharCode(header[156] ?? 0)
    const data = bytes.subarray(at + BLOCK, at + BLOCK + size)
    if (!Number.isSafeInteger(size) || size < 0 || data.length !== size) throw new RecordingError(where, 'is cut off')
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
    if (type === 'L') {
      longName = text(data)
      continue
    }
    if (type === 'x') {
      longName = paxPath(data) ?? longName
      continue
    }
    if (type === 'g') continue
    const prefix = text(header.subarray(257, 262)) === 'ustar' ? text(header.subarray(345, 500)) : ''
    const name = longName ?? (prefix ? `${prefix}/` : '') + text(header.subarray(0, 100))
    entries.push({ name, kind: type === '0' || type === '\0' ? 'file' : type === '5' ? 'folder' : 'other', data })
    longName = null
  }
  if (entries.length === 0) throw new RecordingError(where, 'is not a tar archive')
  return entries
}

/** The header's bytes must add up to its checksum, whose own field counts as blanks. */
const checkSum = (header: Uint8Array, where: string): void => {
  const stated = Number.parseInt(text(header.subarray(148, 156)).trim(), 8)
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0)
  if (stated !== sum) throw new RecordingError(where, 'is not a tar archive, or is torn')
}

/** The `path` record of a pax header: `LENGTH path=VALUE\n`. */
const paxPath = (data: Uint8Array): string | null =>
  /(?:^|\n)\d+ path=([^\n]*)\n/.exec(new TextDecoder().decode(data))?.[1] ?? null
