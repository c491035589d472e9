import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { sealTree } from '../src/changes/manifest.ts'
import { beginTree } from '../src/changes/tree.ts'
import { contextOf } from '../src/apply/session.ts'
import { undo } from '../src/apply/undo.ts'
import type { Want } from '../src/model/change.ts'
import { workFolder } from './places.ts'
import { ms, row, times, type Row } from './row.ts'
import { benchMachine, benchSession } from './session.ts'
import { interleaved, median, medianRatio, timeCommand } from './timing.ts'

const PACKAGES = 125
const FILES = 400 // in each package, in folders of 40
const ROUNDS = 3

/** A tree such as a large environment is: 50 000 files in 1 400 folders. Gives the number of files. */
function makeTree(root: string): number {
  let made = 0
  for (let p = 0; p < PACKAGES; p++) {
    for (let f = 0; f < FILES; f++) {
      const folder = `${root}/lib/python3.12/site-packages/package_${p}/part_${Math.floor(f / 40)}`
      if (f % 40 === 0) mkdirSync(folder, { recursive: true })
      writeFileSync(`${folder}/module_${f}.py`, `value = ${p * FILES + f}\n`.repeat(1 + (f % 97)))
      made++
    }
  }
  return made
}

/** Taking away an environment of 50 000 files, against `rm -rf` of an identical one. */
export async function undoTree(): Promise<Row[]> {
  const folder = workFolder('undo')
  const real = benchMachine()
  let renamed = 0
  const machine = {
    ...real,
    rename(from: string, to: string): void {
      real.rename(from, to)
      renamed = performance.now()
    },
  }
  const session = benchSession(`${folder}/state`, machine)
  const gone: number[] = []
  const seals: number[] = []
  let round = 0
  const { ours, rm } = await interleaved(ROUNDS, {
    async ours() {
      const path = `${folder}/ours`
      const op = machine.newId()
      const context = contextOf(session, op, 'tree')
      beginTree(context, path)
      makeTree(path)
      const sealing = performance.now()
      const post = await sealTree(context, path)
      seals.push(performance.now() - sealing)
      const run = `run-${round++}`
      const want: Want = {
        kind: 'venv',
        path,
        python: '/usr/bin/python3',
        pythonVersion: '3.12',
        installer: 'uv',
        uv: 'uv',
        cache: `${folder}/cache`,
        steps: [],
        constraints: [],
        promised: [],
        variables: {},
      }
      const common = { id: 'tree', key: `path:${path}`, summary: 'an environment', want, pre: null, before: null }
      session.ledger.append({ k: 'intent', run, recipe: 'bench', op, ...common, reversible: 'full', as: machine.uid }, true)
      session.ledger.append({ k: 'done', run, op, post, recovered: false }, false)
      const start = performance.now()
      const { kept, failed } = await undo(session, run, { run }, false)
      const total = performance.now() - start
      if (kept.length + failed.length > 0) throw new Error(`undo kept or failed: ${JSON.stringify([...kept, ...failed])}`)
      gone.push(renamed - start)
      return total
    },
    async rm() {
      const path = `${folder}/theirs`
      mkdirSync(path)
      makeTree(path)
      await machine.syncAll(path)
      return timeCommand(['rm', '-rf', path])
    },
  })
  session.close()
  rmSync(`${folder}/state`, { recursive: true, force: true })
  const files = PACKAGES * FILES
  const ratio = medianRatio(ours, rm)
  return [
    row(`undo of a tree of ${files} files: out of sight`, '≤ 500 ms', ms(median(gone)), median(gone) <= 500),
    row(
      'the same, with the check of every file, against `rm -rf`',
      '≤ 1.40×',
      times(ratio),
      ratio <= 1.4,
      `${ms(median(ours))} against ${ms(median(rm))}`,
    ),
    row('recording such a tree when it is made', '', ms(median(seals)), null, 'every file is hashed, then one sync'),
  ]
}
