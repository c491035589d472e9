import type { Machine, Stat } from '../host/machine.ts'
import { UnknownKind } from '../changes/index.ts'
import { word } from '../ledger/remove.ts'
import type { OpState } from '../model/ledger.ts'
import { pathOf } from './snapshot.ts'

/** Whether the machine let this user not look, or not act. */
export const isRefusal = (error: unknown): boolean => ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')

type Seen = { path: string; stat: Stat }

/** Why a path could not be looked into, and where its user closed it, or a folder on the way, the command that opens that. Throws any other error again. */
export function closedText(machine: Machine, path: string, error: unknown): string {
  if (!isRefusal(error)) throw error
  const door = seenOf(machine, path).at(-1)
  const folder = door?.stat.type === 'directory'
  return doorText(machine, path, folder ? 'looked into' : 'read', door, folder ? 0o700 : 0o400) ?? `${path} cannot be looked into: ${(error as Error).message}`
}

/** Why nobody can tell how a change stands. Throws what is a fault again. */
export function untoldText(machine: Machine, { want, summary, key }: OpState, error: unknown): string {
  const path = pathOf(want)
  if (error instanceof UnknownKind) return `${path ?? summary} was made by a newer gb10: this one cannot look at it`
  return closedText(machine, path ?? key, error)
}

/** What kept a change from being taken back, in words. The folder a thing is in has to be open too. */
export function whyText(machine: Machine, path: string | null, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (path === null || !isRefusal(error)) return message
  const seen = seenOf(machine, path)
  const parent = seen.at(-1)?.path === path ? seen.at(-2) : undefined
  return doorText(machine, path, 'changed', parent, 0o700) ?? closedText(machine, path, error)
}

function doorText(machine: Machine, path: string, done: string, door: Seen | undefined, rights: number): string | null {
  if (door === undefined) return null
  const its = door.path === path ? 'it' : `its folder ${door.path}`
  const what = `${path} cannot be ${done}: ${its}`
  if (door.stat.uid !== machine.uid) return `${what} belongs to another user (uid ${door.stat.uid}), and is closed to you`
  if ((door.stat.mode & rights) === rights) return null
  return `${what} is closed to you (chmod ${rights === 0o700 ? 'u+rwx' : 'u+r'} ${word(door.path)})`
}

/** A path and the folders on the way to it, as far as this user may look: behind the last one a door is closed. */
function seenOf(machine: Machine, path: string): Seen[] {
  const seen: Seen[] = []
  for (const [i] of path.split('/').entries()) {
    const at = path.split('/').slice(0, i + 1).join('/') || '/'
    try {
      const stat = machine.lstat(at)
      if (stat === null) break
      seen.push({ path: at, stat })
    } catch {
      break
    }
  }
  return seen
}

/** Whether something is at a path, or may be: in a folder that its user closed nobody can tell. */
export function mayBeThere(machine: Machine, path: string): boolean {
  try {
    return machine.lstat(path) !== null
  } catch (error) {
    if (!isRefusal(error)) throw error
    return true
  }
}

/** Opens the folder at a path, where its own user closed it. Gives what closes it again, if that very folder is still there then. */
export function openDoor(machine: Machine, path: string): () => void {
  const stat = machine.lstat(path)
  if (stat?.type !== 'directory' || stat.uid !== machine.uid || (stat.mode & 0o700) === 0o700) return () => undefined
  machine.chmod(path, stat.mode | 0o700)
  return () => {
    if (machine.lstat(path)?.ino === stat.ino) machine.chmod(path, stat.mode)
  }
}
