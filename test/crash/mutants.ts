import type { Appender, Machine } from '../../src/host/machine.ts'
import type { NewRecord } from '../../src/model/ledger.ts'
import { seal } from '../../src/ledger/chain.ts'
import type { LedgerRecord } from '../../src/model/ledger.ts'

/**
 * The machine with a fault in its ledger: `intent-after-action` holds an intent back until the next record, `undone-before-restore` writes
 * that a change is taken back before it is. The suite must catch each, or it proves nothing. Without a name: the machine as it is.
 */
export function mutated(machine: Machine, mutant: string | undefined): Machine {
  if (!mutant) return machine
  const faulty = mutant === 'intent-after-action' ? lateIntent : earlyUndone
  return { ...machine, append: (path) => faulty(machine.append(path)) }
}

function lateIntent(real: Appender): Appender {
  let held = ''
  const flush = (): void => {
    if (held) real.write(held)
    held = ''
  }
  return {
    ...real,
    write(line) {
      flush()
      if ((JSON.parse(line) as { k: string }).k === 'intent') held = line
      else real.write(line)
    },
    close() {
      flush()
      real.close()
    },
  }
}

/** Every record after the first such fault is chained anew, as the faulty program would have chained it. */
function earlyUndone(real: Appender): Appender {
  let prev: string | null = null
  let seq = 0
  const put = (record: NewRecord & { prev: string; seq: number }): void => {
    const { line, hash } = seal({ ...record, seq: (seq ||= record.seq), prev: prev ?? record.prev } as unknown as Omit<LedgerRecord, 'hash'>)
    real.write(line)
    prev = hash
    seq++
  }
  return {
    ...real,
    write(line) {
      const { hash: _, ...record } = JSON.parse(line) as LedgerRecord
      if (record.k === 'undone') return
      put(record)
      if (record.k === 'undo.intent') put({ ...record, k: 'undone', how: 'restored' } as never)
    },
  }
}
