import { hash } from 'node:crypto'
import type { LedgerRecord } from '../model/ledger.ts'

/** The version of the record format that this gb10 writes. Readers take every version up to it. */
export const LEDGER_VERSION = 1

/** sha256 in hex. */
export const sha256 = (bytes: string | Uint8Array): string => hash('sha256', bytes, 'hex')

/** The line of a record: its JSON with the hash of all the rest (which holds the hash of the line before) as the last field. */
export function seal(record: Omit<LedgerRecord, 'hash'>): { line: string; hash: string } {
  const body = JSON.stringify(record)
  const sum = sha256(body)
  return { line: `${body.slice(0, -1)},"hash":"${sum}"}\n`, hash: sum }
}

/** One line back into a record, or why it is none. Does not look at the line before it. */
export function unseal(line: string): LedgerRecord | { unreadable: string } {
  const at = line.lastIndexOf(',"hash":"')
  if (at < 0 || line.length !== at + 9 + 64 + 2) return { unreadable: 'it has no hash at its end' }
  if (sha256(`${line.slice(0, at)}}`) !== line.slice(at + 9, at + 73)) return { unreadable: 'its hash does not fit its text' }
  try {
    return JSON.parse(line) as LedgerRecord
  } catch {
    return { unreadable: 'it is not JSON' }
  }
}
