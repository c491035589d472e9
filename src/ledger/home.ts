import type { Machine } from '../host/machine.ts'
import { seal, LEDGER_VERSION } from './chain.ts'
import { removeOwn } from './remove.ts'
import type { LedgerRecord } from '../model/ledger.ts'

/** The state folder is not one that this user alone controls: gb10 keeps out of it. */
export class StateRefused extends Error {}

/** New state folders are made complete under such a name and then renamed, so that a crash leaves either nothing or a ledger. */
const NURSERY = '.gb10-new-state.'

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/** One for each process: two first runs at once must not take each other's. */
const nurseryFor = (top: string): string => `${parentOf(top)}/${NURSERY}${process.pid}`

/** Whether a state folder without a ledger once had one: then it must be found again, not begun anew. */
export const hadLedger = (machine: Machine, folder: string): boolean =>
  ['head.json', 'objects'].some((name) => machine.lstat(`${folder}/${name}`) !== null)

/** Refuses a state folder that is a link, another's, or writable by others. True when it is there and good. */
export function checkState(machine: Machine, folder: string): boolean {
  const stat = machine.lstat(folder)
  if (stat === null) return false
  if (stat.type !== 'directory') throw new StateRefused(`${folder} is a ${stat.type}, not a folder`)
  if (stat.uid !== machine.uid) throw new StateRefused(`${folder} belongs to another user (uid ${stat.uid})`)
  if ((stat.mode & 0o022) !== 0) throw new StateRefused(`${folder} can be written by others (mode ${stat.mode.toString(8)})`)
  return true
}

/**
 * Makes the state folder with a ledger in it whose first record names every folder that had to be made, in one atomic step: all of it is
 * built beside the first missing folder and renamed into place.
 */
export function ensureState(machine: Machine, folder: string): void {
  sweepNursery(machine, folder)
  if (checkState(machine, folder)) {
    if (!machine.lstat(`${folder}/ledger.jsonl`) && !hadLedger(machine, folder)) writeGenesis(machine, folder, [])
    return
  }
  const created = missingFolders(machine, folder)
  const top = created[0]!
  const nursery = nurseryFor(top)
  for (const path of created) machine.mkdir(nursery + path.slice(top.length), 0o700)
  writeGenesis(machine, nursery + folder.slice(top.length), created)
  try {
    machine.rename(nursery, top)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    // Another first run was quicker: what that one made is as good.
    removeOwn(machine, nursery)
    ensureState(machine, folder)
  }
}

function writeGenesis(machine: Machine, folder: string, created: string[]): void {
  const record = { v: LEDGER_VERSION, seq: 1, ...machine.now(), k: 'genesis', created, after: null, prev: '' } as Omit<LedgerRecord, 'hash'>
  const options = { mode: 0o600, uid: machine.uid, gid: machine.gid, temp: '.ledger.tmp' }
  if (machine.lstat(`${folder}/.ledger.tmp`)) machine.unlink(`${folder}/.ledger.tmp`)
  machine.write(`${folder}/ledger.jsonl`, Buffer.from(seal(record).line), options)
}

/** The folders on the way to `folder` that do not exist yet, outermost first. */
export function missingFolders(machine: Machine, folder: string): string[] {
  const missing: string[] = []
  for (let at = folder; at !== '' && machine.lstat(at) === null; at = at.slice(0, at.lastIndexOf('/'))) missing.unshift(at)
  return missing
}

/** In a state folder that is on its way out: the folders that were made for it, so that these go too when a kill comes in between. */
const LAST_WORDS = '.made.tmp'

/**
 * Takes the state folder away, once nothing in it is needed: it alone is renamed aside, out of the folders that gb10 made on the way to it and
 * that hold nothing else. Those go by rmdir, from the innermost, up to the first in which another program put something meanwhile. A crash in
 * between leaves the nursery, from which the next run goes on.
 */
export function removeState(machine: Machine, folder: string, created: readonly string[]): void {
  const made = [...created].reverse().filter((path) => path !== folder && folder.startsWith(`${path}/`))
  let top = folder
  for (const path of made) {
    if (machine.list(path).length !== 1) break
    top = path
  }
  const options = { mode: 0o600, uid: machine.uid, gid: machine.gid, temp: '.made.new.tmp' }
  for (const name of [LAST_WORDS, options.temp]) if (machine.lstat(`${folder}/${name}`)) machine.unlink(`${folder}/${name}`)
  machine.write(`${folder}/${LAST_WORDS}`, Buffer.from(JSON.stringify(made)), options)
  const nursery = nurseryFor(top)
  machine.rename(folder, nursery)
  removeNursery(machine, nursery)
}

/** Removes what a crashed run left of a state folder in the making, or in the taking away. */
export function sweepNursery(machine: Machine, folder: string): void {
  for (let at = parentOf(folder); at !== ''; at = parentOf(at)) {
    if (machine.lstat(at)?.type !== 'directory') continue
    for (const name of namesIn(machine, at).filter((one) => one.startsWith(NURSERY))) {
      const stat = machine.lstat(`${at}/${name}`)
      const pid = name.slice(NURSERY.length)
      const alive = pid !== String(process.pid) && machine.lstat(`/proc/${pid}`) !== null
      if (stat?.type === 'directory' && stat.uid === machine.uid && !alive) removeNursery(machine, `${at}/${name}`)
    }
  }
}

function removeNursery(machine: Machine, nursery: string): void {
  const words = `${nursery}/${LAST_WORDS}`
  const made = machine.lstat(words)?.type === 'file' ? (JSON.parse(machine.read(words).toString()) as string[]) : []
  for (const path of made) {
    if (machine.lstat(path)?.type !== 'directory') continue
    try {
      machine.rmdir(path)
    } catch (error) {
      // Somebody's: it stays, and so do the folders around it. (One on which a disk is mounted is busy.)
      if (!['ENOTEMPTY', 'EEXIST', 'EBUSY', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      break
    }
  }
  removeOwn(machine, nursery)
}

/** The names in a folder on the way; none where this user may not look, as then gb10 made nothing there either. */
function namesIn(machine: Machine, folder: string): string[] {
  try {
    return machine.list(folder)
  } catch {
    return []
  }
}
