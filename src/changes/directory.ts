import type { Machine, Stat } from '../host/machine.ts'
import { rmdirEmpty } from '../ledger/remove.ts'
import { kept, type ChangeKind, type WantOf } from './kind.ts'

type DirectoryWant = WantOf<'directory'>
/** `ledger`: the number of the ledger's file at that time; an older ledger does not have it. */
export type DirectoryPost = { ino: string; dev: string; mode: number; ledger?: string | undefined }

const stateOf = (keptFolder: string): string => keptFolder.split('/').slice(0, -2).join('/')
const ledgerIn = (machine: Machine, state: string): string | undefined => machine.lstat(`${state}/ledger.jsonl`)?.ino

/**
 * Whether a folder is the one that was made. One with another number is somebody's; but where the ledger has another number too, the home was
 * copied to a new disk or came out of a backup, and no number in it says anything. A folder at our path goes then as well: only when empty, as
 * ever, so nothing can be lost with it. The number of the disk is not looked at: it may be another after the next start of the machine.
 */
export const isThatFolder = (machine: Machine, state: string, stat: Stat, post: DirectoryPost): boolean =>
  stat.type === 'directory' && (stat.ino === post.ino || (post.ledger !== undefined && post.ledger !== ledgerIn(machine, state)))

/** An empty folder. Undo takes it away only while it is empty: nothing in it is ever removed with it. */
export const directory: ChangeKind<DirectoryWant, null, DirectoryPost> = {
  async observe({ machine }, want) {
    const stat = machine.lstat(want.path)
    if (stat === null) return { state: 'absent', pre: null, refusal: null }
    const refusal = stat.type === 'directory' ? null : `${want.path} is a ${stat.type}, not a folder`
    return { state: refusal ? 'other' : 'same', pre: null, refusal }
  },
  async perform(context, want) {
    if (context.machine.lstat(want.path) === null) context.machine.mkdir(want.path, want.mode)
    return directory.settle(context, want, null)
  },
  standing({ machine }, want) {
    const stat = machine.lstat(want.path)
    return stat === null ? 'not-started' : stat.type === 'directory' ? 'complete' : 'foreign'
  },
  async settle({ machine, keptFolder }, want) {
    const { ino, dev, mode } = machine.lstat(want.path)!
    return { ino, dev, mode, ledger: ledgerIn(machine, stateOf(keptFolder)) }
  },
  async restore({ machine, keptFolder, holdsKept }, want, _pre, post) {
    const stat = machine.lstat(want.path)
    if (stat === null) return { how: 'noop', kept: [] }
    if (stat.type !== 'directory') return { how: 'noop', kept: [kept(want.path, `it is now a ${stat.type}, not the folder gb10 made`)] }
    if (post && !isThatFolder(machine, stateOf(keptFolder), stat, post)) return { how: 'noop', kept: [kept(want.path, 'it is another folder than the one gb10 made')] }
    const seen = machine.list(want.path)
    if (seen.length === 0 && rmdirEmpty(machine, want.path)) return { how: 'removed', kept: [] }
    const names = seen.length > 0 ? seen : machine.list(want.path)
    const theirs = names.filter((name) => !holdsKept(`${want.path}/${name}`))
    const what = theirs.length > 0 ? 'gb10 did not put there' : 'was kept for you'
    return { how: 'noop', kept: [kept(want.path, `it holds what ${what} (${(theirs.length > 0 ? theirs : names).slice(0, 3).join(', ')})`)] }
  },
  drift({ machine }, want, post) {
    const stat = machine.lstat(want.path)
    if (stat?.type !== 'directory') return [`${want.path} is gone`]
    return stat.mode === post.mode ? [] : [`${want.path} has mode ${stat.mode.toString(8)} instead of ${post.mode.toString(8)}`]
  },
}
