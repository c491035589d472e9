import { lstatSync } from 'node:fs'
import { openSession, type Session } from '../../src/apply/session.ts'
import type { Machine } from '../../src/host/machine.ts'
import { machine } from './sandbox.ts'

/** The real machine on which a disk is mounted, or with entries that this user may not remove. */
export const mountedAt = (path: () => string | null): Machine => ({
  ...machine,
  read: (at) => (at.endsWith('/mountinfo') ? Buffer.from(path() === null ? '' : `1 1 0:1 / ${path()!.replaceAll(' ', '\\040')} rw - ext4 x rw\n`) : machine.read(at)),
})
export const refusing = (name: string): Machine => ({
  ...machine,
  *prune(root, mine) {
    for (const stay of machine.prune(root, (e) => mine(e) && !e.path.endsWith(name))) yield stay.path.endsWith(name) ? { ...stay, why: 'refused' } : stay
  },
})
const modeOf = (path: string): number => lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0o700
const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

function pass(call: string, path: string): void {
  const folders = path.split('/').map((_, i, parts) => parts.slice(0, i).join('/')).slice(2)
  const changes = ['write', 'mkdir', 'rmdir', 'unlink', 'symlink', 'rename'].includes(call)
  const reads = ['list', 'read'].includes(call)
  const shut = folders.some((one) => !(modeOf(one) & 0o100)) || (changes && !(modeOf(parentOf(path)) & 0o200)) || (reads && !(modeOf(path) & 0o400))
  if (shut) throw Object.assign(new Error(`EACCES: permission denied, ${call} '${path}'`), { code: 'EACCES' })
}

/** The real machine on which a closed door is closed to root too. */
export const shutting: Machine = {
  ...machine,
  ...Object.fromEntries(
    (['lstat', 'read', 'readlink', 'list', 'chmod', 'write', 'mkdir', 'rmdir', 'unlink', 'rename'] as const).map((call) => [
      call,
      (path: string, ...rest: unknown[]) => (pass(call, path), (machine[call] as (...args: unknown[]) => unknown)(path, ...rest)),
    ]),
  ),
  *walk(root) {
    for (const entry of (pass('list', root), machine.walk(root))) {
      yield entry
      if (entry.stat.type === 'directory') pass('list', `${root}/${entry.path}`)
    }
  },
}
export const openOn = (state: string, m: Machine): Session =>
  openSession(m, { folder: state, command: 'test', emit: () => undefined, signal: new AbortController().signal })
