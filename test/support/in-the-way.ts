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
export const openOn = (state: string, m: Machine): Session =>
  openSession(m, { folder: state, command: 'test', emit: () => undefined, signal: new AbortController().signal })
