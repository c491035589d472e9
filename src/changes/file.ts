import { sha256 } from '../ledger/chain.ts'
import { kept, type ChangeKind, type Context, type Restored, type WantOf } from './kind.ts'
import { fileState, notAFile, putBack, replace, saveCopy, sweepTemp, type FileState } from './text.ts'

type FileWant = WantOf<'file'>

const same = (a: FileState, b: FileState): boolean =>
  a.present === b.present && (!a.present || !b.present || (a.sha === b.sha && a.mode === b.mode))

/** Whoever removed our file need not have known that it stood in place of theirs. */
const removedByUser = (context: Context, path: string, sha: string): Restored => ({
  how: 'noop',
  kept: [kept(path, 'it was removed after gb10 wrote it; what was there before is saved', saveCopy(context, path, sha))],
})

/** A whole file of given content. What was there before is saved and comes back on undo. */
export const file: ChangeKind<FileWant, FileState, FileState> = {
  async observe(context, want) {
    const refusal = notAFile(context.machine, want.path)
    if (refusal) return { state: 'other', pre: null, refusal }
    const pre = fileState(context, want.path, true)
    if (!pre.present) return { state: 'absent', pre, refusal: null }
    const asWanted = pre.sha === sha256(want.content) && pre.mode === want.mode
    const links = pre.links > 1 ? `${want.path} has several hard links; replacing it would part them` : null
    return { state: asWanted ? 'same' : 'other', pre, refusal: asWanted ? null : links }
  },
  async perform(context, want) {
    replace(context, want.path, Buffer.from(want.content), want.mode)
    return fileState(context, want.path, false)
  },
  standing(context, want, pre) {
    if (notAFile(context.machine, want.path)) return 'foreign'
    const now = fileState(context, want.path, false)
    // First: where only the mode is to change, the content is as wanted from the start.
    if (same(now, pre)) return 'not-started'
    return now.present && now.sha === sha256(want.content) ? 'complete' : 'foreign'
  },
  settle: async (context, want) => fileState(context, want.path, false),
  async restore(context, want, pre, post) {
    sweepTemp(context, want.path)
    const refusal = notAFile(context.machine, want.path)
    if (refusal) return { how: 'noop', kept: [kept(want.path, refusal)] }
    const now = fileState(context, want.path, false)
    const nowhere = context.machine.lstat(want.path.slice(0, want.path.lastIndexOf('/')) || '/') === null
    // Its folder went with a newer change: what is to be put back is nothing but our older one, which goes too.
    if (!now.present && pre.present && nowhere && context.older) return { how: 'noop', kept: [] }
    if (!now.present && pre.present && (nowhere || !context.emptied)) return removedByUser(context, want.path, pre.sha)
    if (same(now, pre)) return { how: 'noop', kept: [] }
    if (!now.present || now.sha === sha256(want.content)) {
      const usersMode = now.present && pre.present && post?.present && now.mode !== post.mode && now.mode !== pre.mode
      putBack(context, want.path, pre, usersMode ? now.mode : undefined)
      return { how: usersMode ? 'merged' : pre.present ? 'restored' : 'removed', kept: [] }
    }
    const copy = pre.present ? saveCopy(context, want.path, pre.sha) : null
    return { how: 'noop', kept: [kept(want.path, 'it was changed after gb10 wrote it', copy)] }
  },
  drift({ machine }, want, post, glance) {
    const now = machine.lstat(want.path)
    if (now === null) return [`${want.path} is gone`]
    if (now.type !== 'file') return [`${want.path} is no longer a file`]
    const untouched = glance && post.present && now.mtimeNs === post.mtimeNs && now.size === Buffer.byteLength(want.content)
    if (!post.present || (!untouched && sha256(machine.read(want.path)) !== post.sha)) return [`${want.path} was changed`]
    return now.mode === post.mode ? [] : [`${want.path} has mode ${now.mode.toString(8)} instead of ${post.mode.toString(8)}`]
  },
}
