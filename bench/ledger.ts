import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { applyChanges } from '../src/apply/run.ts'
import { sha256 } from '../src/ledger/chain.ts'
import { openLedger } from '../src/ledger/ledger.ts'
import { readLedger } from '../src/ledger/read.ts'
import { ensureState } from '../src/ledger/home.ts'
import type { Change } from '../src/model/change.ts'
import { gb10, workFolder } from './places.ts'
import { ms, overF, row, type Row } from './row.ts'
import { benchMachine, benchSession, changeOf } from './session.ts'
import { interleaved, median, medianDifference, plainEnv, timeCommand, timed } from './timing.ts'

const ROUNDS = 9
const BATCH = 25
const text = (n: number): string => `setting = ${n}\n`.repeat(20)

/** What a change costs beyond the durable write that anyone would do by hand, and what reading a long ledger costs. */
export async function ledger(): Promise<Row[]> {
  return [await perChange(), ...(await longStatus()), await verify()]
}

async function perChange(): Promise<Row> {
  const folder = workFolder('ledger')
  const session = benchSession(`${folder}/state`)
  for (const name of ['ours', 'hand']) mkdirSync(`${folder}/${name}`)
  let number = 0
  const numbers = (): number[] => Array.from({ length: BATCH }, () => number++)
  const taken = await interleaved(ROUNDS, {
    ours: () => {
      const changes = numbers().map(
        (n): Change => changeOf(`c${n}`, { kind: 'file', path: `${folder}/ours/${n}`, content: text(n), mode: 0o644 }),
      )
      // A recipe of its own for each batch: what an earlier one made would be taken for what is not wanted any more.
      return timed(() =>
        applyChanges(
          session,
          `run-${number}`,
          changes.map((c) => ({ ...c, recipe: `bench-${number}` })),
        ),
      )
    },
    hand: () => {
      const batch = numbers()
      return timed(() => batch.forEach((n) => durable(`${folder}/hand`, String(n), text(n))))
    },
  })
  session.close()
  const each = medianDifference(taken.ours, taken.hand) / BATCH
  return row(
    'ledger: one file change, beyond the same durable write by hand',
    '≤ 3 ms',
    ms(each),
    each <= 3,
    `by hand ${ms(median(taken.hand) / BATCH)}`,
  )
}

/** A careful write by hand: temporary name, fsync, rename, fsync of the folder. */
function durable(folder: string, name: string, content: string): void {
  const fd = openSync(`${folder}/.tmp`, 'wx', 0o644)
  writeSync(fd, content)
  fsyncSync(fd)
  closeSync(fd)
  renameSync(`${folder}/.tmp`, `${folder}/${name}`)
  const parent = openSync(folder, 'r')
  fsyncSync(parent)
  closeSync(parent)
}

const LIVE = 500

/** Writes a ledger as years of use would: file changes made and taken back again, the last ones still live. Gives its text. */
function writeLedger(folder: string, files: string, records: number, live = LIVE): string {
  const machine = benchMachine()
  ensureState(machine, folder)
  const book = openLedger(machine, folder)
  const take = (n: number, keep: boolean): void => {
    const want = { kind: 'file' as const, path: `${files}/${n}`, content: text(n), mode: 0o644 }
    const op = n.toString(16).padStart(20, '0')
    const common = { run: `run-${n >> 6}`, op }
    const change = {
      recipe: `recipe-${n % 10}`,
      id: `c${n}`,
      key: `path:${want.path}`,
      summary: `write ${want.path}`,
      want,
      pre: { present: false },
    }
    book.append({ k: 'intent', ...common, ...change, before: null, reversible: 'full', as: machine.uid }, false)
    let post: unknown = { present: true, sha: '0'.repeat(64), mode: 0o644, uid: 0, gid: 0, mtimeNs: '0', links: 1 }
    if (keep) {
      writeFileSync(want.path, want.content, { mode: 0o644 })
      post = { ...(post as object), sha: sha256(want.content), mtimeNs: machine.lstat(want.path)!.mtimeNs }
    }
    book.append({ k: 'done', ...common, post, recovered: false }, false)
    if (keep) return
    book.append({ k: 'undo.intent', ...common, purge: false }, false)
    book.append({ k: 'undone', ...common, how: 'removed' }, false)
  }
  let n = 0
  while (book.records() < records - 2 * live) take(n++, false)
  while (book.records() < records) take(n++, true)
  book.anchor()
  book.close()
  return machine.read(`${folder}/ledger.jsonl`).toString()
}

async function longStatus(): Promise<Row[]> {
  const cases = (
    [
      ['few', LIVE],
      ['all', 5000],
    ] as const
  ).map(([name, live]) => {
    const folder = workFolder(`status-${name}`)
    mkdirSync(`${folder}/files`)
    mkdirSync(`${folder}/state`, { mode: 0o700 })
    writeLedger(`${folder}/state/gb10`, `${folder}/files`, 10_000, live)
    return [name, plainEnv({ XDG_STATE_HOME: `${folder}/state` })] as const
  })
  const env = Object.fromEntries(cases)
  const empty = plainEnv({ XDG_STATE_HOME: '/nowhere' })
  const taken = await interleaved(9, {
    f: () => timeCommand([process.execPath, '-e', '0']),
    empty: () => timeCommand(gb10('status', '--json'), { env: empty }),
    few: () => timeCommand(gb10('status', '--json'), { env: env['few']! }),
    all: () => timeCommand(gb10('status', '--json'), { env: env['all']! }),
  })
  const over = (name: 'empty' | 'few' | 'all'): number => medianDifference(taken[name], taken.f)
  return [
    row(
      '`gb10 status --json`, 10⁴ records',
      '≤ F + 150 ms',
      overF(over('few'), median(taken.f)),
      over('few') <= 150,
      `${LIVE} changes live; without a ledger ${overF(over('empty'), median(taken.f))}`,
    ),
    row(
      '`gb10 status --json`, 10⁴ records, 5000 changes live',
      '',
      overF(over('all'), median(taken.f)),
      null,
      'each live change is looked at on disk',
    ),
  ]
}

async function verify(): Promise<Row> {
  const folder = workFolder('verify')
  mkdirSync(`${folder}/files`)
  const content = writeLedger(`${folder}/state`, `${folder}/files`, 100_000)
  const anchor = null
  const { all } = await interleaved(5, {
    all: () =>
      timed(() => {
        const { damage, records } = readLedger(content, anchor)
        if (damage !== null || records.length < 100_000) throw new Error(damage ?? `${records.length} records`)
      }),
  })
  const value = median(all) / 1000
  return row(
    'verify a ledger of 10⁵ records',
    '≤ 0.7 s',
    `${value.toFixed(2)} s`,
    value <= 0.7,
    `${Math.round(content.length / 1e6)} MB`,
  )
}
