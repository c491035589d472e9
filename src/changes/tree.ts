import { innermost, refuseMounts, removeOwn, rmdirEmpty, stuckText, word } from '../ledger/remove.ts'
import type { Entry, Stay } from '../host/machine.ts'
import type { Kept } from '../model/ledger.ts'
import { kept, type Context, type Restored, type Standing } from './kind.ts'
import { makeKeptFolder } from './text.ts'
import { derived, readManifest, untouched, type Manifest, type TreePost } from './manifest.ts'

/** Names the operation that owns a tree, from its first moment on. */
export const SENTINEL = '.gb10-tree'

export const absentOnly = (context: Context, path: string): string | null => {
  const stat = context.machine.lstat(path)
  return stat === null ? null : `${path} exists and is not gb10's: it was left untouched`
}

/** Makes the empty tree of this operation, or takes over what this operation left of it. Throws when something else is there. */
export function beginTree(context: Context, path: string, among = false): void {
  const { machine, op } = context
  if (machine.lstat(path) === null) machine.mkdir(path, 0o755)
  if (owned(context, path)) return
  if (!among && !newborn(context, path)) throw new Error(`${path} exists and is not gb10's`)
  if (machine.lstat(`${path}/${SENTINEL}.tmp`)) machine.unlink(`${path}/${SENTINEL}.tmp`)
  const options = { mode: 0o644, uid: machine.uid, gid: machine.gid, temp: `${SENTINEL}.tmp` }
  machine.write(`${path}/${SENTINEL}`, Buffer.from(`${op}\n`), options)
}

/** Whether the tree at a path is this operation's, by the sentinel in it. */
export function owned({ machine, op }: Context, path: string): boolean {
  if (machine.lstat(path)?.type !== 'directory') return false
  const sentinel = `${path}/${SENTINEL}`
  return machine.lstat(sentinel)?.type === 'file' && machine.read(sentinel).toString() === `${op}\n`
}

/** Nothing but what `beginTree` makes before the sentinel is in place. */
export const newborn = ({ machine }: Context, path: string): boolean =>
  machine.lstat(path)?.type === 'directory' && machine.list(path).every((name) => name === `${SENTINEL}.tmp`)

export function treeStanding(context: Context, path: string): Standing {
  if (context.machine.lstat(path) === null) return context.machine.lstat(trashOf(context, path)) ? 'partial' : 'not-started'
  return owned(context, path) || newborn(context, path) ? 'partial' : 'foreign'
}

/** Removes a tree that was never finished, so that it can be made again. What cannot be ours in it is kept. */
export async function clearUnfinished(context: Context, path: string, unsealed: (entry: { path: string }) => boolean): Promise<void> {
  const { kept } = await removeTree(context, path, null, untouchedOrDerived, unsealed)
  for (const one of kept) if (one.savedCopy !== null) context.keep(one)
}

export const trashOf = ({ op }: Context, path: string): string => {
  const at = path.lastIndexOf('/')
  return `${path.slice(0, at)}/.gb10-trash-${op}`
}

/** Which entries of a finished tree go with it; asked once, with the tree whole at `root`, or as far as a kill left it. */
export type Goes = (manifest: Manifest, root: string) => (entry: Entry) => boolean

export const untouchedOrDerived: Goes = (manifest) => (entry) => untouched(manifest, entry) || derived(manifest, entry)

/**
 * Takes a tree away: out of sight at once by a rename, then entry by entry. What equals the manifest goes; what the user changed or added is
 * kept and reported, unless the data is to be purged. Of a tree that was never sealed, `unsealed` tells what can be ours.
 */
export async function removeTree(
  context: Context, path: string, post: TreePost | null, goes: Goes, unsealed: (entry: Entry) => boolean,
): Promise<Restored> {
  const { machine } = context
  const trash = trashOf(context, path)
  // Read first: without it nothing can be told apart, and the tree had better stay where the user knows it.
  const manifest = post === null || context.purge ? null : readManifest(context, post)
  // Both are there only where one tree was thrown away half-made and a second one begun: the first is nothing to anyone.
  if (post === null && machine.lstat(trash) !== null && owned(context, path)) removeOwn(machine, trash)
  if (machine.lstat(trash) === null) {
    if (machine.lstat(path) === null) return { how: 'noop', kept: keptBefore(context, path) }
    const ours = owned(context, path) || (post === null && newborn(context, path))
    if (!ours) return { how: 'noop', kept: [kept(path, 'it is not the tree that gb10 made')] }
    refuseMounts(machine, path)
    const { uid } = machine.lstat(path)!
    if (uid !== machine.uid && machine.uid !== 0) {
      // Whole, but out of the way: the environment could not be made again where it lies.
      const place = keepRest(context, path, path)
      return { how: 'removed', kept: [kept(path, `it belongs to another user now (uid ${uid}): sudo rm -r ${word(place)}`, place)] }
    }
    machine.rename(path, trash)
  }
  refuseMounts(machine, trash)
  const mine = context.purge ? () => true : manifest === null ? unsealed : goes(manifest, trash)
  const left: Stay[] = []
  for (const entry of machine.prune(trash, mine)) if (left.push(entry) % 500 === 0) await new Promise(setImmediate)
  if (left.length === 0 && rmdirEmpty(machine, trash)) return { how: 'removed', kept: [] }
  // Nothing stayed, and yet there is something: another program wrote it at the last moment.
  const stay = innermost(left.length > 0 ? left : [...machine.prune(trash, () => false)])
  const place = keepRest(context, path, trash)
  return { how: 'removed', kept: [kept(path, describe(stay, place), place)] }
}

/** What a run that was killed after the move, but before it could say so, kept of this tree. */
function keptBefore(context: Context, path: string): Kept[] {
  const places = [`${context.keptFolder}/${path.slice(path.lastIndexOf('/') + 1)}`, besideOf(context, path)]
  const place = places.find((one) => context.machine.lstat(one) !== null)
  return place ? [kept(path, 'files in it were added or changed after gb10 made it', place)] : []
}

/** How the name of what an operation kept beside its tree ends. */
export const besideEnd = (op: string): string => `.kept-${op.slice(0, 8)}`

/** Where what stays of a tree is kept when the state folder lies on another disk. */
function besideOf({ op }: Context, path: string): string {
  const at = path.lastIndexOf('/') + 1
  return `${path.slice(0, at)}${path.slice(at, at + 40)}${besideEnd(op)}`
}

/** Moves what stays of a tree to where the user finds it. */
export function keepRest(context: Context, path: string, trash: string): string {
  const { machine, keptFolder } = context
  makeKeptFolder(context)
  const name = path.slice(path.lastIndexOf('/') + 1)
  try {
    machine.rename(trash, `${keptFolder}/${name}`)
    return `${keptFolder}/${name}`
  } catch (error) {
    // Another disk, or a folder that its user closed: what it is moved out of would have to be written into it.
    if (!['EXDEV', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    const beside = besideOf(context, path)
    machine.rename(trash, beside)
    removeEmptyKept(context)
    return beside
  }
}

/** The folders for what is kept, where nothing came into them. */
function removeEmptyKept({ machine, keptFolder }: Context): void {
  for (const dir of [keptFolder, keptFolder.slice(0, keptFolder.lastIndexOf('/'))]) rmdirEmpty(machine, dir)
}

function describe(stay: readonly Stay[], place: string): string {
  const theirs = stay.filter(({ why }) => why === 'theirs').map(({ path }) => path)
  const stuck = stay.filter(({ why }) => why !== 'theirs')
  const packages = theirs.map((p) => /([^/]+)-[^/-]+\.dist-info\/METADATA$/.exec(p)?.[1]).filter((p) => p !== undefined)
  const files = `${theirs.length} ${theirs.length === 1 ? 'file was' : 'files were'} added or changed after gb10 made it`
  const names = packages.length > 0 ? `packages: ${[...new Set(packages)].join(', ')}` : theirs.slice(0, 3).join(', ')
  const texts = [theirs.length > 0 ? `${files} (${names})` : '', stuck.length > 0 ? stuckText(place, stuck, theirs.length === 0) : '']
  return texts.filter(Boolean).join('; ')
}
