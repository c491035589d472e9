import { chmodSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { seal } from '../../src/ledger/chain.ts'
import type { LedgerRecord } from '../../src/model/ledger.ts'

/** A home with a ledger in it as one JSON document, so that any gb10 to come can be shown to undo what this one did. */
export type Recording = { version: string; home: Item[]; ledger: string[]; before: Item[] }
export type Item = { path: string; mode: number; type: 'directory' } | { path: string; mode: number; type: 'file'; base64: string } | { path: string; mode: number; type: 'link'; target: string }

export const STATE = '/.local/state/gb10'
const HOME = '@HOME@'

/** Everything below a folder; the home's own path is left out of it. */
export function itemsOf(home: string, at = ''): Item[] {
  return readdirSync(home + at).sort().flatMap((name): Item[] => {
    const path = `${at}/${name}`
    const stat = lstatSync(home + path)
    const mode = stat.mode & 0o7777
    if (stat.isDirectory()) return [{ path, mode, type: 'directory' }, ...itemsOf(home, path)]
    if (stat.isSymbolicLink()) return [{ path, mode, type: 'link', target: readlinkSync(home + path) }]
    return [{ path, mode, type: 'file', base64: readFileSync(home + path).toString('base64') }]
  })
}

/** Takes a home down; records of the ledger keep their fields, with the home's path replaced. */
export function record(home: string, before: Item[], version: string): Recording {
  const ours = itemsOf(home).filter(({ path }) => !path.startsWith(`${STATE}/l`) && !path.startsWith(`${STATE}/head`))
  const lines = readFileSync(`${home}${STATE}/ledger.jsonl`, 'utf8').trimEnd().split('\n')
  return { version, home: ours, before, ledger: lines.map((line) => line.replaceAll(home, HOME)) }
}

/** Puts a recording up in another home: the chain is made anew over the new paths, and folders get the numbers they have here. */
export function putUp(recording: Recording, home: string): void {
  for (const item of recording.home) {
    const path = home + item.path
    if (item.type === 'directory') mkdirSync(path)
    else if (item.type === 'link') symlinkSync(item.target, path)
    else writeFileSync(path, Buffer.from(item.base64, 'base64'))
    if (item.type !== 'link') chmodSync(path, item.mode)
  }
  const paths = new Map<string, string>()
  let prev = ''
  const lines = recording.ledger.map((line) => {
    const { hash: _, ...r } = JSON.parse(line.replaceAll(HOME, home)) as LedgerRecord
    if (r.k === 'intent' && r.want.kind === 'directory') paths.set(r.op, r.want.path)
    if (r.k === 'done' && paths.has(r.op)) {
      const { ino, dev } = lstatSync(paths.get(r.op)!, { bigint: true })
      Object.assign(r.post as object, { ino: String(ino), dev: String(dev) })
    }
    const sealed = seal({ ...r, prev } as Omit<LedgerRecord, 'hash'>)
    prev = sealed.hash
    return sealed.line
  })
  writeFileSync(`${home}${STATE}/ledger.jsonl`, lines.join(''), { mode: 0o600 })
}
