import type { Machine, Stat } from '../host/machine.ts'
import { word } from '../ledger/remove.ts'

/** Whether the machine let this user not look, or not act. */
export const isRefusal = (error: unknown): boolean => ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')

/** Why a path could not be looked into, and where its user closed a folder on the way, the command that opens it. Throws what is no refusal again. */
export function closedText(machine: Machine, path: string, error: unknown): string {
  if (!isRefusal(error)) throw error
  const door = lastSeen(machine, path)
  if (door === null) return `${path} cannot be looked into: ${(error as Error).message}`
  const folder = door.stat.type === 'directory'
  const what = folder ? `${path} cannot be looked into` : `${path} cannot be read`
  const its = door.path === path ? 'it' : `its folder ${door.path}`
  if (door.stat.uid !== machine.uid) return `${what}: ${its} belongs to another user (uid ${door.stat.uid}) and is closed to you`
  const lacking = folder ? 0o700 : 0o400
  if ((door.stat.mode & lacking) === lacking) return `${what}: ${(error as Error).message}`
  return `${what}: ${its} is closed to you (chmod ${folder ? 'u+rwx' : 'u+r'} ${word(door.path)})`
}

/** The last part of a path that may still be looked at: what it is in, or it itself, is the closed door. */
function lastSeen(machine: Machine, path: string): { path: string; stat: Stat } | null {
  let seen: { path: string; stat: Stat } | null = null
  for (const [i] of path.split('/').entries()) {
    const at = path.split('/').slice(0, i + 1).join('/') || '/'
    try {
      const stat = machine.lstat(at)
      if (stat === null) break
      seen = { path: at, stat }
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
