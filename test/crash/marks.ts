import { accessSync } from 'node:fs'
import type { Machine } from '../../src/host/machine.ts'
import type { Change } from '../../src/model/change.ts'
import type { LedgerRecord } from '../../src/model/ledger.ts'

/** A system call that does nothing and that a trace shows: what comes after it belongs to this part of the work. */
export function mark(cell: string): void {
  try {
    accessSync(`/gb10-mark/${cell}`)
  } catch {
    // there is no such path
  }
}

/**
 * The machine with a mark wherever the work goes from one phase into the next, told by the records that are written: observe, intent,
 * perform, done; undo-intent, restore, undone; and for the run itself open, begin, end, clear.
 */
export function marked(machine: Machine, command: string, changes: readonly Change[]): Machine {
  const kinds = new Map<string, string>()
  let next = 0
  const cell = (kind: string, phase: string): void => mark(`${command}:${kind}:${phase}`)
  const observe = (): void => cell(changes[next]?.want.kind ?? 'run', next < changes.length ? 'observe' : 'retire')
  const before = (r: LedgerRecord): void => {
    if (r.k === 'intent') kinds.set(r.op, r.want.kind)
    const kind = 'op' in r ? (kinds.get(r.op) ?? 'run') : 'run'
    cell(kind, r.k.replace('run.', '').replace('.', '-'))
  }
  const after = (r: LedgerRecord): void => {
    const kind = 'op' in r ? (kinds.get(r.op) ?? 'run') : 'run'
    if (r.k === 'intent') cell(kind, 'perform')
    if (r.k === 'undo.intent') cell(kind, 'restore')
    if (r.k === 'undone' && next === 0) cell('run', 'between')
    if (r.k === 'run.begin') observe()
    if (r.k !== 'done') return
    if (ids.get(r.op) === changes[next]?.id) next++
    observe()
  }
  const ids = new Map<string, string>()
  const read = (r: LedgerRecord): void => {
    if (r.k !== 'intent') return
    kinds.set(r.op, r.want.kind)
    ids.set(r.op, r.id)
  }
  cell('run', 'open')
  return {
    ...machine,
    append(path) {
      for (const line of machine.read(path).toString('latin1').split('\n')) if (line.endsWith('}')) read(JSON.parse(line) as LedgerRecord)
      const real = machine.append(path)
      let last: LedgerRecord | null = null
      return {
        ...real,
        write(line) {
          const record = JSON.parse(line) as LedgerRecord
          before(record)
          read(record)
          real.write(line)
          last = record
          if (record.k === 'done' || record.k === 'run.begin') after(record)
        },
        sync() {
          real.sync()
          if (last && last.k !== 'done' && last.k !== 'run.begin') after(last)
        },
        close() {
          real.close()
          cell('run', 'clear')
        },
      }
    },
  }
}
