import { closeSync, constants, fsyncSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs'

/** Of what file a part is: by what its server tells versions apart, and how long the whole is. */
export type Origin = { version: string; total: number | null }

/** The note beside a part that says of what it is a part. Without it a part is nothing that could be gone on with. */
const noteOf = (part: string | Buffer): Buffer => Buffer.concat([Buffer.from(part), Buffer.from('.from')])

/** The origin of a part, or null where nothing (readable) says it. */
export function readOrigin(part: string | Buffer): Origin | null {
  try {
    const { version, total } = JSON.parse(readFileSync(noteOf(part), 'utf8')) as Partial<Origin>
    return typeof version === 'string' && (total === null || typeof total === 'number') ? { version, total } : null
  } catch {
    return null
  }
}

/** Writes it down durably, before the first byte of the part is there. */
export function writeOrigin(part: string | Buffer, origin: Origin): void {
  const fd = openSync(noteOf(part), constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o600)
  try {
    writeSync(fd, JSON.stringify(origin))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Takes the note away: with a part that is whole, and before one that is begun anew. */
export function forgetOrigin(part: string | Buffer): void {
  try {
    unlinkSync(noteOf(part))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** What an answer is of; null where it gives nothing by which another version could be told, or packs it in a way of its own. */
export function originOf({ headers }: Response): Origin | null {
  const tag = headers.get('etag')
  const version = tag?.startsWith('"') ? tag : headers.get('last-modified')
  return version && !packed(headers) ? { version, total: lengthOf(headers) } : null
}

/** The length of the whole file that an answer is of. */
export function lengthOf(headers: Headers): number | null {
  const whole = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? headers.get('content-length')
  return whole === null || packed(headers) ? null : Number(whole)
}

const packed = (headers: Headers): boolean => !['identity', null].includes(headers.get('content-encoding'))

/**
 * What an answer to the question for the rest of a part is. A server may not heed the condition it was given: the rest must be of the same
 * version and length, and begin where the part ends. `anew`: neither that nor a whole file.
 */
export function judgeRest(response: Response, origin: Origin, have: number): 'rest' | 'whole' | 'nothing more' | 'anew' {
  const { status, headers } = response
  const range = headers.get('content-range')
  const total = range ? lengthOf(headers) : origin.total
  if (status === 416) return total === have ? 'nothing more' : 'anew'
  if (status !== 206) return 'whole'
  const same = originOf(response)?.version === origin.version && (origin.total === null || total === origin.total)
  return same && range?.startsWith(`bytes ${have}-`) ? 'rest' : 'anew'
}

/** How long a file is; 0 where there is none. */
export function sizeOf(path: string | Buffer): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}
