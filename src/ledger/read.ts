import type { LedgerRecord, OpState } from '../model/ledger.ts'
import { LEDGER_VERSION, unseal } from './chain.ts'
import { fold } from './state.ts'

/** The anchor beside the ledger: the last record that a finished run made durable. */
export type Anchor = { seq: number; hash: string }

/** A ledger as it was read. With `damage` set nothing may be changed by it: gb10 goes read-only. */
export type Read = {
  records: LedgerRecord[]
  ops: OpState[]
  head: Anchor
  /** Bytes of the intact part; what follows is a torn last line. */
  intactBytes: number
  torn: string | null
  damage: string | null
}

export const EMPTY_HEAD: Anchor = { seq: 0, hash: '' }

/**
 * Reads and verifies a ledger's text. A last line that is cut or does not fit its hash is torn (its action cannot have started: the intent
 * is synced first) and is left out, unless the anchor says that it once was whole. Anything else wrong is damage, and reading stops there.
 */
export function readLedger(text: string, anchor: Anchor | null): Read {
  const records: LedgerRecord[] = []
  let head = EMPTY_HEAD
  let at = 0
  let torn: string | null = null
  let damage: string | null = null
  while (at < text.length && damage === null) {
    const end = text.indexOf('\n', at)
    const line = end < 0 ? text.slice(at) : text.slice(at, end)
    const record = end < 0 ? { unreadable: 'it is cut off' } : unseal(line)
    const problem = 'unreadable' in record ? record.unreadable : misfit(record, head)
    if (problem !== null || 'unreadable' in record) {
      const last = end < 0 || end === text.length - 1
      if (last && (anchor === null || anchor.seq <= head.seq)) torn = text.slice(at)
      else damage = `line ${records.length + 1}: ${problem}`
      break
    }
    records.push(record)
    head = { seq: record.seq, hash: record.hash }
    at = end + 1
  }
  damage ??= newer(records) ?? missing(records, head, anchor)
  return { records, ops: fold(records), head, intactBytes: Buffer.byteLength(text.slice(0, at)), torn, damage }
}

function misfit(record: LedgerRecord, head: Anchor): string | null {
  if (record.seq !== head.seq + 1) return `it is number ${record.seq} where ${head.seq + 1} should follow`
  return record.prev === head.hash ? null : 'it does not follow the line before it'
}

function newer(records: LedgerRecord[]): string | null {
  const record = records.find((r) => (r.v as number) > LEDGER_VERSION)
  return record ? `record ${record.seq} was written by a newer gb10 (format ${record.v}, this gb10 knows ${LEDGER_VERSION})` : null
}

function missing(records: LedgerRecord[], head: Anchor, anchor: Anchor | null): string | null {
  if (anchor === null) return null
  if (anchor.seq > head.seq) return `records ${head.seq + 1} to ${anchor.seq}, which head.json names, are missing`
  const at = records[anchor.seq - 1]
  return at && at.hash !== anchor.hash ? `record ${anchor.seq} is not the one that head.json names` : null
}
