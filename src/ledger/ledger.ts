import type { Machine } from '../host/machine.ts'
import type { LedgerRecord, NewRecord, OpState } from '../model/ledger.ts'
import { LEDGER_VERSION, seal } from './chain.ts'
import { EMPTY_HEAD, readLedger, type Anchor, type Read } from './read.ts'
import { objects, type Objects } from './objects.ts'
import { checkState, hadLedger } from './home.ts'
import { apply } from './state.ts'

/** The ledger cannot be written to, because what it says cannot be trusted or understood. */
export class LedgerDamaged extends Error {}

/** An open ledger. `append` with `sync` returns only when the record is on disk. Once that failed, nothing can be appended any more. */
export type Ledger = {
  folder: string
  objects: Objects
  ops(): OpState[]
  op(id: string): OpState
  records(): number
  head(): Anchor
  append: (record: NewRecord, sync: boolean) => LedgerRecord
  /** Makes every record so far durable and writes the anchor. Call before any message of success. */
  anchor(): void
  /** A record could not be written: nothing may be done any more in this session, as nothing of it would be known. */
  broken(): boolean
  close(): void
}

/** Reads a scope's ledger without changing anything. `null`: there is none. What others may have written is not believed. @throws StateRefused */
export function peek(machine: Machine, folder: string): Read | null {
  if (!checkState(machine, folder)) return null
  if (machine.lstat(`${folder}/ledger.jsonl`)) return readLedger(machine.read(`${folder}/ledger.jsonl`).toString(), readAnchor(machine, folder))
  if (!hadLedger(machine, folder)) return null
  return { ...readLedger('', null), damage: 'it is gone, but what lies beside it shows that there was one' }
}

function readAnchor(machine: Machine, folder: string): Anchor | null {
  if (!machine.lstat(`${folder}/head.json`)) return null
  try {
    const { seq, hash } = JSON.parse(machine.read(`${folder}/head.json`).toString()) as Anchor
    return { seq, hash }
  } catch {
    return { seq: Number.MAX_SAFE_INTEGER, hash: 'head.json cannot be read' }
  }
}

/**
 * Opens the ledger for writing; the caller holds the lock. A torn last line is cut into ledger.torn first.
 * Throws `LedgerDamaged` when the chain is broken, records are missing, or a newer gb10 wrote it.
 */
export function openLedger(machine: Machine, folder: string): Ledger {
  const read = peek(machine, folder) ?? readLedger('', null)
  if (read.damage !== null) throw new LedgerDamaged(`${folder}/ledger.jsonl cannot be trusted: ${read.damage}`)
  const file = machine.append(`${folder}/ledger.jsonl`)
  if (read.torn !== null) {
    const options = { mode: 0o600, uid: machine.uid, gid: machine.gid, temp: '.ledger.torn.tmp' }
    if (machine.lstat(`${folder}/${options.temp}`)) machine.unlink(`${folder}/${options.temp}`)
    machine.write(`${folder}/ledger.torn.${read.head.seq}`, Buffer.from(read.torn), options)
    file.truncate(read.intactBytes)
  }
  const ops = new Map(read.ops.map((op) => [op.op, op]))
  let head = read.head.seq === 0 ? EMPTY_HEAD : read.head
  let broken: { error: unknown } | null = null
  /** After a write or sync that failed nobody knows what is on disk: another record would only hide where the trouble began. */
  const orBreak = (work: () => void): void => {
    if (broken) throw broken.error
    try {
      work()
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException
      broken = { error: Object.assign(new Error(`${folder}/ledger.jsonl cannot be written any more: ${message}`), { code }) }
      throw broken.error
    }
  }
  return {
    folder,
    objects: objects(machine, `${folder}/objects`),
    ops: () => [...ops.values()],
    op: (id) => ops.get(id)!,
    records: () => head.seq,
    head: () => head,
    append(record, sync) {
      const full = { v: LEDGER_VERSION, seq: head.seq + 1, ...machine.now(), ...record, prev: head.hash } as Omit<LedgerRecord, 'hash'>
      const { line, hash } = seal(full)
      orBreak(() => {
        file.write(line)
        if (sync) file.sync()
      })
      head = { seq: full.seq, hash }
      const done = { ...full, hash } as LedgerRecord
      apply(ops, done)
      return done
    },
    anchor() {
      orBreak(() => file.sync())
      const temp = '.head.json.tmp'
      if (machine.lstat(`${folder}/${temp}`)) machine.unlink(`${folder}/${temp}`)
      const text = `${JSON.stringify({ ...head, live: [...ops.values()].filter((op) => op.status !== 'gone').length })}\n`
      machine.write(`${folder}/head.json`, Buffer.from(text), { mode: 0o600, uid: machine.uid, gid: machine.gid, temp })
    },
    broken: () => broken !== null,
    close: () => file.close(),
  }
}
