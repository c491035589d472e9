import type { LedgerRecord, OpState } from '../model/ledger.ts'

/** What the records say of every change, in the order of their intents. */
export function fold(records: readonly LedgerRecord[]): OpState[] {
  const ops = new Map<string, OpState>()
  for (const record of records) apply(ops, record)
  return [...ops.values()]
}

/** The changes of each key: with ten thousand of them a look at all for every new one would cost seconds. */
const keys = new WeakMap<Map<string, OpState>, Map<string, OpState[]>>()

function sameKey(ops: Map<string, OpState>, key: string): OpState[] {
  const known = keys.get(ops) ?? Map.groupBy(ops.values(), (op) => op.key)
  keys.set(ops, known)
  const found = known.get(key) ?? []
  known.set(key, found)
  return found
}

/** Brings one record into the picture. */
export function apply(ops: Map<string, OpState>, r: LedgerRecord): void {
  if (r.k === 'intent') {
    const { op, run, recipe, id, key, summary, want, pre, before, reversible, seq, disk } = r
    // Who needs a thing needs what is made over it: it was gone, and was made again for all of them.
    const below = sameKey(ops, key)
    const refs = [...new Set([recipe, ...present(below).flatMap((one) => one.refs)])]
    const claims = Object.fromEntries(refs.map((name) => [name, run]))
    const fresh = { status: 'open' as const, post: null, refs, claims, kept: [], came: [], how: null, purge: false, at: r.ts }
    const made = { op, run, recipe, id, key, summary, want, pre, before, reversible, seq, disk, ...fresh }
    ops.set(op, made)
    below.push(made)
    return
  }
  if (r.k === 'run.end' && r.status === 'done') {
    for (const one of ops.values()) if (one.status === 'gone') one.settled = true
  }
  const op = 'op' in r ? ops.get(r.op) : undefined
  if (!op) return
  if (r.k === 'done') Object.assign(op, { status: 'live', post: r.post })
  if (r.k === 'ref' && !op.refs.includes(r.recipe)) {
    op.refs = [...op.refs, r.recipe]
    op.claims = { ...op.claims, [r.recipe]: r.run }
  }
  if (r.k === 'unref') op.refs = op.refs.filter((name) => name !== r.recipe)
  if (r.k === 'undo.intent') Object.assign(op, { status: 'undoing', purge: r.purge, goneBy: op.goneBy ?? r.run })
  if (r.k === 'undone') Object.assign(op, { status: 'gone', how: r.how, gone: r.seq, goneBy: op.goneBy ?? r.run })
  if (r.k === 'came') op.came = [...op.came, r.came]
  if (r.k === 'kept') Object.assign(op, { kept: [...op.kept, ...r.kept] })
}

/** Changes that are made, begun, or half taken back: everything undo still has to do with. */
export const present = (ops: readonly OpState[]): OpState[] => ops.filter((op) => op.status !== 'gone')
