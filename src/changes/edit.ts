import type { Want } from '../model/change.ts'
import { sha256 } from '../ledger/chain.ts'
import type { Cut } from './block-text.ts'
import { kept, type ChangeKind, type Context } from './kind.ts'
import { fileState, notAFile, putBack, replace, saveCopy, sweepTemp, textOf, torn, type FileState } from './text.ts'

/** An edit of a text file that leaves the rest to its owner: how to make it, and how to take exactly it out again. */
export type Edit<W> = {
  make(text: string, want: W): { text: string; undo: unknown }
  /** The edited text without our part. `undo` is what `make` returned. */
  cut(text: string, want: W, undo: unknown): Cut
  /** Whether the text says what is wanted already. */
  holds(text: string, want: W): boolean
}

export type EditPre = { before: FileState; undo: unknown; after: string; mode: number }
type EditPost = { sha: string }
type PathWant = Want & { path: string }

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

const isBefore = (text: string, before: FileState): boolean => before.present && sha256(latin1(text)) === before.sha

/** The text before our edit, where an edit in place (of a file with several names) was cut off in the middle; else null. */
function wholeAgain<W extends PathWant>(edit: Edit<W>, context: Context, want: W, before: FileState, text: string): string | null {
  if (!before.present || (context.machine.lstat(want.path)?.nlink ?? 1) < 2) return null
  const from = context.objects.get(before.sha).toString('latin1')
  const to = edit.make(from, want).text
  return torn(text, from, to) || torn(text, to, from) ? from : null
}

/** A change kind that edits part of a file. Undo cuts our part out of whatever the file has become since. */
export function editKind<W extends PathWant>(edit: Edit<W>): ChangeKind<W, EditPre, EditPost> {
  const post = (context: Context, want: W): EditPost => ({ sha: sha256(context.machine.read(want.path)) })
  return {
    async observe(context, want) {
      const refusal = notAFile(context.machine, want.path)
      if (refusal) return { state: 'other', pre: null, refusal }
      const text = textOf(context.machine, want.path) ?? ''
      const before = fileState(context, want.path, true)
      const made = edit.make(text, want)
      const mode = before.present ? before.mode : 0o644
      const pre: EditPre = { before, undo: made.undo, after: sha256(latin1(made.text)), mode }
      return { state: edit.holds(text, want) ? 'same' : before.present ? 'other' : 'absent', pre, refusal: null }
    },
    async perform(context, want, pre) {
      const found = textOf(context.machine, want.path) ?? ''
      const text = wholeAgain(edit, context, want, pre.before, found) ?? found
      if (text !== found || !edit.holds(text, want)) replace(context, want.path, latin1(edit.make(text, want).text), pre.mode)
      return post(context, want)
    },
    standing(context, want, pre) {
      if (notAFile(context.machine, want.path)) return 'foreign'
      const text = textOf(context.machine, want.path)
      if (text === null) return pre.before.present ? 'foreign' : 'not-started'
      if (wholeAgain(edit, context, want, pre.before, text) !== null) return 'partial'
      if (edit.holds(text, want)) return 'complete'
      if (isBefore(text, pre.before)) return 'not-started'
      return edit.cut(text, want, pre.undo).found === 'changed' ? 'foreign' : 'not-started'
    },
    settle: async (context, want) => post(context, want),
    async restore(context, want, pre) {
      sweepTemp(context, want.path)
      const refusal = notAFile(context.machine, want.path)
      if (refusal) return { how: 'noop', kept: [kept(want.path, refusal)] }
      const text = textOf(context.machine, want.path)
      // Where the user took the file or our part away, what stands there now is theirs, and no trace of ours.
      if (text === null) return { how: pre.before.present ? 'merged' : 'noop', kept: [] }
      if (isBefore(text, pre.before)) return { how: 'noop', kept: [] }
      if (wholeAgain(edit, context, want, pre.before, text) !== null) {
        putBack(context, want.path, pre.before)
        return { how: 'restored', kept: [] }
      }
      const cut = edit.cut(text, want, pre.undo)
      if (cut.found === 'none') return { how: 'merged', kept: [] }
      if (cut.found === 'changed') {
        const copy = pre.before.present ? saveCopy(context, want.path, pre.before.sha) : null
        return { how: 'noop', kept: [kept(want.path, 'our part of it was changed after gb10 wrote it', copy)] }
      }
      const mode = context.machine.lstat(want.path)!.mode
      if (!isBefore(cut.text, pre.before) && (pre.before.present || cut.text !== '')) {
        replace(context, want.path, latin1(cut.text), mode)
        return { how: 'merged', kept: [] }
      }
      const usersMode = pre.before.present && mode !== pre.mode
      putBack(context, want.path, pre.before, usersMode ? mode : undefined)
      return { how: usersMode ? 'merged' : pre.before.present ? 'restored' : 'removed', kept: [] }
    },
    drift(context, want) {
      if (notAFile(context.machine, want.path)) return [`${want.path} is no longer a file`]
      const text = textOf(context.machine, want.path)
      if (text === null) return [`${want.path} is gone`]
      return edit.holds(text, want) ? [] : [`our part of ${want.path} was changed or removed`]
    },
  }
}
