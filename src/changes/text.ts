import { sha256 } from '../ledger/chain.ts'
import type { Machine, Stat } from '../host/machine.ts'
import { tempName, type Context } from './kind.ts'

const SAVED = '.before-gb10'

/** A file before or after a change: absent, or its bytes (as an object or a hash) with what else `write` must give back. */
export type FileState = { present: false } | { present: true; sha: string; mode: number; uid: number; gid: number; mtimeNs: string; links: number }

/** Reads a file's state; with `save` its bytes go durably into the object store first. */
export function fileState(context: Context, path: string, save: boolean): FileState {
  const stat = context.machine.lstat(path)
  if (stat === null) return { present: false }
  const bytes = context.machine.read(path)
  return stateOf(save ? context.objects.put(bytes) : sha256(bytes), stat)
}

const stateOf = (sha: string, s: Stat): FileState => ({
  present: true, sha, mode: s.mode, uid: s.uid, gid: s.gid, mtimeNs: s.mtimeNs, links: s.nlink,
})

/** The text of a regular file, or null when there is none. */
export const textOf = (machine: Machine, path: string): string | null => (machine.lstat(path) ? machine.read(path).toString('latin1') : null)

/**
 * Writes bytes with the mode given and the owner, access list and extended attributes of the file that is replaced. A file with several
 * names is written in place, as a new file would part them; `torn` tells what a kill in the middle of that leaves.
 */
export function replace(context: Context, path: string, bytes: Uint8Array, mode: number, mtimeNs?: string): void {
  const { machine } = context
  const was = machine.lstat(path)
  if (was?.type === 'file' && was.nlink > 1) {
    if (was.mode !== mode) machine.chmod(path, mode)
    machine.overwrite(path, bytes)
    if (mtimeNs) machine.setTimes(path, mtimeNs)
    return
  }
  const temp = tempName(context.op)
  const beside = `${path.slice(0, path.lastIndexOf('/'))}/${temp}`
  if (machine.lstat(beside)) machine.unlink(beside)
  const { uid, gid } = was ?? machine
  machine.write(path, bytes, { mode, uid, gid, mtimeNs, temp, carry: was !== null })
}

/** Whether a text is what an interrupted write of `to` over `from` leaves: the beginning of the one, then the rest of the other. */
export function torn(text: string, from: string, to: string): boolean {
  if (text === from || text === to) return false
  let same = 0
  while (same < Math.min(text.length, to.length) && text[same] === to[same]) same++
  return text.length === same ? same >= from.length : text.length === from.length && text.slice(same) === from.slice(same)
}

/** Puts a file back exactly: bytes, mode, owner, time; or takes it away when there was none. */
export function putBack(context: Context, path: string, pre: FileState, mode?: number): void {
  if (!pre.present) {
    context.machine.unlink(path)
    return
  }
  replace(context, path, context.objects.get(pre.sha), mode ?? pre.mode, pre.mtimeNs)
}

/** Removes this operation's temporary file beside a path, if a crash left one. */
export function sweepTemp(context: Context, path: string): void {
  const beside = `${path.slice(0, path.lastIndexOf('/'))}/${tempName(context.op)}`
  if (context.machine.lstat(beside)) context.machine.unlink(beside)
}

/** Why a path cannot hold a regular file of ours, or null when it can. */
export function notAFile(machine: Machine, path: string): string | null {
  const stat = machine.lstat(path)
  return stat === null || stat.type === 'file' ? null : `${path} is a ${stat.type}, not a file`
}

/** Makes the folder in which the user finds what this operation keeps for them. */
export function makeKeptFolder({ machine, keptFolder }: Context): void {
  for (const dir of [keptFolder.slice(0, keptFolder.lastIndexOf('/')), keptFolder]) if (!machine.lstat(dir)) machine.mkdir(dir, 0o700)
}

/** The name of a saved copy. One that would be longer than a name may be is cut. */
export function savedName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  let end = name.length
  while (Buffer.byteLength(name.slice(0, end)) > 255 - SAVED.length) end--
  return `${name.slice(0, end)}${SAVED}`
}

/** A copy of replaced bytes where the user finds it. */
export function saveCopy(context: Context, path: string, sha: string): string {
  const { machine, keptFolder } = context
  makeKeptFolder(context)
  const target = `${keptFolder}/${savedName(path)}`
  if (!machine.lstat(target)) {
    const options = { mode: 0o600, uid: machine.uid, gid: machine.gid, temp: tempName(context.op) }
    if (machine.lstat(`${keptFolder}/${options.temp}`)) machine.unlink(`${keptFolder}/${options.temp}`)
    machine.write(target, context.objects.get(sha), options)
  }
  return target
}
