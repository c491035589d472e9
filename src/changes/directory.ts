import { kept, type ChangeKind, type WantOf } from './kind.ts'

type DirectoryWant = WantOf<'directory'>
type DirectoryPost = { ino: string; dev: string; mode: number }

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
  async settle({ machine }, want) {
    const { ino, dev, mode } = machine.lstat(want.path)!
    return { ino, dev, mode }
  },
  async restore({ machine }, want, _pre, post) {
    const stat = machine.lstat(want.path)
    if (stat === null) return { how: 'noop', kept: [] }
    if (stat.type !== 'directory') return { how: 'noop', kept: [kept(want.path, `it is now a ${stat.type}, not the folder gb10 made`)] }
    // The number of its disk is not looked at: it may be another after the next start of the machine.
    if (post && stat.ino !== post.ino) return { how: 'noop', kept: [kept(want.path, 'it is another folder than the one gb10 made')] }
    const names = machine.list(want.path)
    if (names.length > 0) return { how: 'noop', kept: [kept(want.path, `it holds what gb10 did not put there (${names.slice(0, 3).join(', ')})`)] }
    machine.rmdir(want.path)
    return { how: 'removed', kept: [] }
  },
  drift({ machine }, want, post) {
    const stat = machine.lstat(want.path)
    if (stat?.type !== 'directory') return [`${want.path} is gone`]
    return stat.mode === post.mode ? [] : [`${want.path} has mode ${stat.mode.toString(8)} instead of ${post.mode.toString(8)}`]
  },
}
