import { seal } from '../../src/ledger/chain.ts'
import type { Appender, Machine } from '../../src/host/machine.ts'
import type { LedgerRecord } from '../../src/model/ledger.ts'

type Body = Record<string, unknown> & { k: string }

/**
 * A ledger that says something else than gb10 told it; every record after is chained anew, as the faulty program would have
 * chained it.
 */
const rewriting =
  (rewrite: (record: Body) => Body[]) =>
  (machine: Machine): Machine => ({
    ...machine,
    append: (path) => rechained(machine.append(path), rewrite),
  })

function rechained(real: Appender, rewrite: (record: Body) => Body[]): Appender {
  let prev: unknown = null
  let seq = 0
  return {
    ...real,
    write(line) {
      const { hash: _, ...record } = JSON.parse(line) as LedgerRecord
      for (const one of rewrite(record as Body)) {
        seq = seq === 0 ? record.seq : seq + 1
        const { line: text, hash } = seal({ ...one, seq, prev: prev ?? record.prev } as unknown as Omit<LedgerRecord, 'hash'>)
        real.write(text)
        prev = hash
      }
    },
  }
}

/** Faults that a gb10 could have; lives of a home must notice every one of them, or they prove nothing. */
export const MUTANTS: Record<string, (machine: Machine) => Machine> = {
  'acts before its intent is written': (machine) => ({ ...machine, append: (path) => holdingIntents(machine.append(path)) }),
  'does not sync its intents': (machine) => ({
    ...machine,
    append: (path) => ({ ...machine.append(path), sync: () => undefined }),
  }),
  'does not save what it replaces': rewriting((r) => [
    r.k === 'intent' && (r['pre'] as { present?: boolean } | null)?.present ? { ...r, pre: { present: false } } : r,
  ]),
  'says that a change is taken back before it is': rewriting((r) =>
    r.k === 'undone' ? [] : r.k === 'undo.intent' ? [r, { ...r, k: 'undone', how: 'restored' }] : [r],
  ),
  'takes back without a record of it': rewriting((r) => (r.k === 'undone' ? [] : [r])),
  'deletes everything in its trees, whatever was recorded': (machine) => ({
    ...machine,
    prune: (root) => machine.prune(root, () => true),
  }),
  'deletes what no record names': (machine) => ({
    ...machine,
    unlink(path) {
      machine.unlink(path)
      const thesis = path.replace(
        /\/(old\.conf|\.bashrc|environment|twin|fresh|current|envs|shared|cache|\.local).*$/,
        '/documents/thesis',
      )
      if (machine.lstat(thesis)) machine.unlink(thesis)
    },
  }),
  'removes its folder with what is in it': (machine) => ({
    ...machine,
    rmdir(path) {
      for (const _ of machine.prune(path, () => true)) continue
      machine.rmdir(path)
    },
    list: (path) => (path.endsWith('/shared/dir') ? [] : machine.list(path)),
  }),
}

/** Every intent comes only with the record after it: when the change is made already. */
function holdingIntents(real: Appender): Appender {
  let held = ''
  return {
    ...real,
    write(line) {
      const flushed = held
      held = line.includes('"k":"intent"') ? line : ''
      if (flushed) real.write(flushed)
      if (!held) real.write(line)
    },
  }
}
