import type { Machine } from '../host/machine.ts'
import { sha256 } from '../ledger/chain.ts'
import { peek } from '../ledger/ledger.ts'
import { checkState, removeState } from '../ledger/home.ts'
import { InTheWay, mountsIn, removeOwn, rmdirEmpty, word } from '../ledger/remove.ts'
import { isThatFolder, type DirectoryPost } from '../changes/directory.ts'
import { besideEnd } from '../changes/tree.ts'
import { isRefusal, mayBeThere, openDoor, whyText } from './closed.ts'
import { present } from '../ledger/state.ts'
import type { Kept, OpState } from '../model/ledger.ts'

/** What bin/bring.sh writes down before it puts something in place: one JSON object a line. */
type Brought = { kind: 'folder' | 'partial' | 'node' | 'packages'; path: string; sha256?: string }

const RECORD = 'launcher.jsonl'

/** Everything the launcher brought that is still there, by its records in the state folder and in the packages of the clone at `root`. */
export function brought(machine: Machine, folder: string, root: string): Brought[] {
  // Packages behind a link are somebody else's.
  const packages = machine.lstat(`${root}/node_modules`)?.type === 'directory' ? [`${root}/node_modules/.gb10-brought`] : []
  const files = [`${folder}/${RECORD}`, ...packages].filter((file) => machine.lstat(file)?.type === 'file')
  const lines = files.flatMap((file) => machine.read(file).toString().split('\n'))
  const records = lines.flatMap((line): Brought[] => {
    try {
      return [JSON.parse(line) as Brought]
    } catch {
      return [] // a torn last line: what it was to name was not put in place
    }
  })
  const last = new Map(records.map((record) => [record.path, record]))
  // A record names where a thing was put; in a clone that was copied since, that is somebody else's.
  const here = ({ kind, path }: Brought): boolean =>
    kind === 'packages' ? path === `${root}/node_modules` : kind === 'folder' ? path.startsWith('/') : path.startsWith(`${folder}/node/`)
  return [...last.values()].filter((record) => here(record) && machine.lstat(record.path) !== null)
}

/** Removes the Node and the packages that the launcher brought. Returns what stays, and why. */
export function removeBrought(machine: Machine, folder: string, root: string): string[] {
  const stays: string[] = []
  for (const { kind, path, sha256: sum } of brought(machine, folder, root)) {
    const stat = machine.lstat(path)
    if (kind === 'partial' && stat?.type === 'file') machine.unlink(path)
    if (kind === 'node' && stat?.type === 'directory') stays.push(whyNot(() => removeOwn(machine, path)) ?? '')
    if (kind !== 'packages' || stat?.type !== 'directory') continue
    const lock = `${path}/.package-lock.json`
    const same = machine.lstat(lock)?.type === 'file' && sha256(machine.read(lock)) === sum
    if (same) stays.push(whyNot(() => removeOwn(machine, path)) ?? '')
    else stays.push(`${path}: npm changed it since gb10 brought it`)
  }
  return stays.filter(Boolean)
}

/** What gb10 and its launcher put into the state folder, but for `kept`: anything else in it is someone's. */
const OWN = /^(ledger\.jsonl|ledger\.torn\.\d+|head\.json|lock\.db(-\w+)?|lock\.holder|objects|SYSTEM_CHANGES\.md|launcher\.jsonl|node|smoke-[0-9a-f]+|\.[\w.-]+\.tmp)$/

/** What was kept for the user and is still there. */
const keptCopies = (machine: Machine, ops: readonly OpState[]): string[] =>
  ops.flatMap((op) => op.kept.map((k) => k.savedCopy)).filter((path): path is string => path !== null && mayBeThere(machine, path))

type KeptOf = Kept & { change: string }

/** What was kept for the user, by whichever undo, and is still there; the newest change first. */
export function stillKept(machine: Machine, folder: string): KeptOf[] {
  const all = (peek(machine, folder)?.ops ?? []).flatMap((op) => op.kept.map((one) => ({ change: `${op.recipe}/${op.id}`, ...one })))
  const each = new Map(all.map((one) => [one.savedCopy ?? one.path, one]))
  return [...each].toReversed().filter(([path]) => mayBeThere(machine, path)).map(([, one]) => one)
}

/** Set aside, out of where it was. What was left where it lay is the user's: they may have put more there since. */
const isSetAside = (folder: string, { op }: OpState, path: string): boolean => path.startsWith(`${folder}/kept/`) || path.endsWith(besideEnd(op))

/** What went at the user's word, and why the rest stays. */
export type Purged = { gone: string[]; stays: string[] }

/** Removes what was set aside for the user, because the user asked for it in so many words (--purge-data). */
export function purgeKept(machine: Machine, folder: string): Purged {
  const purged: Purged = { gone: [], stays: [] }
  const ops = peek(machine, folder)?.ops ?? []
  const aside = new Set(ops.flatMap((op) => keptCopies(machine, [op]).filter((path) => isSetAside(folder, op, path))))
  for (const path of new Set(keptCopies(machine, ops))) {
    if (!aside.has(path)) {
      purged.stays.push(`${path}: it was handed back to you before. If you do not need it: rm -r ${word(path)}`)
      continue
    }
    if (!mayBeThere(machine, path)) continue // it lay in another one
    const stuck = whyNot(() => removeAny(machine, path))
    if (stuck === null) purged.gone.push(path)
    else purged.stays.push(stuck)
  }
  return purged
}

/** Removes what was kept: a tree, a file or a link. Throws `InTheWay` when something stays. */
function removeAny(machine: Machine, path: string): void {
  try {
    if (machine.lstat(path)?.type === 'directory') removeOwn(machine, path)
    else machine.unlink(path)
  } catch (error) {
    throw isRefusal(error) ? new InTheWay(whyText(machine, path, error)) : error
  }
}

/** What is in the way of a piece of work; null when it is done. */
function whyNot(work: () => void): string | null {
  try {
    work()
    return null
  } catch (error) {
    if (!(error instanceof InTheWay)) throw error
    return error.message
  }
}

/** Removes the folders that gb10 made and that had to stay for what was in them, where that is gone by now. */
export function sweepEmptied(machine: Machine, folder: string): void {
  const read = checkState(machine, folder) ? peek(machine, folder) : null
  if (read === null || read.damage !== null) return
  for (const op of read.ops.filter(({ status, kept }) => status === 'gone' && kept.length > 0).toReversed()) {
    try {
      sweepOne(machine, folder, op)
    } catch (error) {
      // In a closed folder, or another user's: what is there is told of as kept already.
      if (!isRefusal(error)) throw error
    }
  }
}

function sweepOne(machine: Machine, folder: string, { want, pre, post }: OpState): void {
  if (want.kind !== 'directory' && want.kind !== 'cache') return
  const stat = machine.lstat(want.path)
  if (stat?.type !== 'directory' || mountsIn(machine, want.path).length > 0) return
  const ours =
    want.kind === 'cache' ? (pre as { existed: boolean } | null)?.existed === false
    : post !== null && isThatFolder(machine, folder, stat, post as DirectoryPost)
  if (!ours) return
  const closeAgain = openDoor(machine, want.path)
  try {
    if (machine.list(want.path).length === 0) rmdirEmpty(machine, want.path)
  } finally {
    closeAgain()
  }
}

/** Whether the state folder says nothing any more: every change is taken back, and nothing in it is kept for the user. */
export function nothingLeft(machine: Machine, folder: string): boolean {
  if (!checkState(machine, folder)) return false
  const read = peek(machine, folder)
  const live = read !== null && (read.damage !== null || present(read.ops).length > 0 || keptCopies(machine, read.ops).length > 0)
  const emptied = (name: string): boolean =>
    name === 'kept' && machine.lstat(`${folder}/kept`)?.type === 'directory' && [...machine.walk(`${folder}/kept`)].every((e) => e.stat.type === 'directory')
  return !live && machine.list(folder).every((name) => OWN.test(name) || emptied(name))
}

/**
 * Removes the state folder itself and the folders that were made for it. With a Node of the launcher's in it the folder stays: the next
 * command needs it.
 */
export function clearState(machine: Machine, folder: string, root: string): void {
  const own = brought(machine, folder, root)
  if (!nothingLeft(machine, folder) || own.some(({ kind }) => kind === 'node')) return
  const unlock = machine.lock(folder, 'uninstall')
  try {
    if (!nothingLeft(machine, folder)) return
    const genesis = peek(machine, folder)?.records[0]
    const made = genesis?.k === 'genesis' ? genesis.created : []
    const folders = own.filter(({ kind }) => kind === 'folder').map(({ path }) => path)
    removeState(machine, folder, [...new Set([...made, ...folders])].filter((path) => folder.startsWith(`${path}/`)).sort())
  } finally {
    unlock()
  }
}
