import { isScalar } from 'yaml'
import { hasCredentials, NO_CREDENTIALS } from '../model/credentials.ts'
import { placeholdersIn } from '../model/placeholders.ts'
import { suggest } from '../model/suggest.ts'
import { fault, type Cursor, type Reader } from './reader.ts'

/** Text that is not empty. A number or a truth value is a fault: `version: 2.10` would silently become 2.1. */
export const text: Reader<string> = (cursor) => {
  const value = scalar(cursor)
  if (typeof value === 'string' && value.trim() !== '') return value
  return fault(cursor, 'text', undefined, quotesHint(value))
}

/** Text of a given form. */
export function matching(form: RegExp, expected: string): Reader<string> {
  return (cursor) => {
    const value = scalar(cursor)
    if (typeof value === 'string' && form.test(value)) return value
    return fault(cursor, expected, undefined, quotesHint(value))
  }
}

/** Text in which every `{name}` placeholder is one of those known. May be empty. It is written down, so no address in it holds a password. */
export function template(known: readonly string[]): Reader<string> {
  return (cursor) => {
    const value = scalar(cursor)
    if (typeof value !== 'string') {
      return fault(cursor, 'text', undefined, quotesHint(value))
    }
    if (hasCredentials(value)) return fault(cursor, 'no name and no password in an address', `text that ${NO_CREDENTIALS}`)
    const unknown = placeholdersIn(value).find((name) => !known.includes(name))
    if (unknown === undefined) return value
    const near = suggest(unknown, known)
    return fault(
      cursor,
      `placeholders out of ${known.map((name) => `{${name}}`).join(', ')}`,
      `the unknown {${unknown}}`,
      near === null ? null : `did you mean {${near}}?`,
    )
  }
}

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): Reader<T> {
  return (cursor) => {
    const value = scalar(cursor)
    const found = words.find((word) => word === value)
    if (found !== undefined) return found
    const near = typeof value === 'string' ? suggest(value, words) : null
    return fault(
      cursor,
      words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`,
      undefined,
      near === null ? null : `did you mean ${near}?`,
    )
  }
}

/** A whole number from zero up. */
export const count: Reader<number> = (cursor) => {
  const value = scalar(cursor)
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : fault(cursor, 'a whole number from zero up')
}

/** A value or an outspoken `null`. */
export function orNull<T>(read: Reader<T>): Reader<T | null> {
  return (cursor) => (isScalar(cursor.node) && cursor.node.value === null && cursor.node.source !== '' ? null : read(cursor))
}

/** The literal true. */
export const yes: Reader<true> = (cursor) => (scalar(cursor) === true ? true : fault(cursor, 'true'))

/** A file mode in octal digits, as text: `'0644'`. */
export const mode: Reader<number> = (cursor) => {
  const digits = matching(/^0[0-7]{3}$/, "a mode such as '0644', in quotes")(cursor)
  return digits === undefined ? undefined : Number.parseInt(digits, 8)
}

/** A day that the calendar has: `2026-11-20`. */
export const day: Reader<string> = (cursor) => {
  const read = matching(/^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, DAY)(cursor)
  if (read === undefined) return undefined
  return new Date(read).toISOString().startsWith(read) ? read : fault(cursor, DAY)
}
const DAY = 'a day such as 2026-11-20'

/** The address of a web page. */
export const link = matching(/^https:\/\/[^\s]+$/, 'an address that starts with https://')

/** A name as recipes, changes and sources have it. */
export const slug = matching(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a name of small letters, digits and dashes')

/** A SHA-256 in hex digits. */
export const sha256 = matching(/^[0-9a-f]{64}$/, 'a SHA-256 of 64 small hex digits')

/** A number or a truth value where text belongs was most likely meant as text: a hash of digits, a version, the word `no`. */
function quotesHint(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'boolean' ? 'put it in quotes' : null
}

function scalar(cursor: Cursor): unknown {
  return isScalar(cursor.node) ? cursor.node.value : undefined
}
