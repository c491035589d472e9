import type { Want } from '../model/change.ts'
import { sha256 } from '../ledger/chain.ts'
import type { Cut } from './block-text.ts'
import { kept, type ChangeKind, type Context, type Restored } from './kind.ts'
import { fileState, notAFile, putBack, replace, saveCopy, sweepTemp, textOf, torn, type FileState } from './text.ts'

/** An edit of a text file that leaves the rest to its owner: how to make it, and how to take exactly it out again. */
export type Edit<W> = {
  make(text: string, want: W): { text: string; undo: unknown }
  /** The edited text without our part. `undo` is what `make` returned. */
  cut(text: string, want: W, undo: unknown): Cut
  /** Whether the text says what is wanted already. */
  holds(text: string, want: W): boolean
}

/**
 * `origin`: the file before the first of all our edits that are in it, which may be taken back in any order; `newline`: one of them added the
 * newline that its last line lacked.
 */
export type EditPre = { before: FileState; undo: unknown; after: string; mode: number; origin?: FileState; newline?: boolean }
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

/**
 * Which state of the file the rest of it is: with or without the newline that we added. The very first one is looked for even while another
 * of our edits counts as live: a kill may have come after its part was cut out.
 */
function foundAgain(rest: string, pre: EditPre, goals: [FileState, FileState]): { rest: string; goal: FileState } {
  const trimmed = rest.slice(0, -1)
  for (const goal of goals) {
    if (isBefore(rest, goal)) return { rest, goal }
    if (pre.newline && rest.endsWith('\n') && isBefore(trimmed, goal)) return { rest: trimmed, goal }
  }
  return { rest, goal: goals[0] }
}

/**
 * The bytes are as before already. A file with several names gets its bytes and its time back one after the other: a kill in
 * between leaves the time to be set. A mode that is not as before is the user's: ours never differed.
 */
function backAlready({ machine }: Context, path: string, before: FileState): Restored {
  const now = machine.lstat(path)!
  if (before.present && now.nlink > 1 && now.mtimeNs !== before.mtimeNs) machine.setTimes(path, before.mtimeNs)
  return { how: before.present && now.mode !== before.mode ? 'merged' : 'noop', kept: [] }
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
      const other = context.alsoEdits(want.path) as EditPre | null
      const newline = (text !== '' && !text.endsWith('\n') && made.text.startsWith(`${text}\n`)) || other?.newline === true
      const origin = other ? (other.origin ?? other.before) : before
      const pre: EditPre = { before, undo: made.undo, after: sha256(latin1(made.text)), mode, origin, newline }
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
      const origin = pre.origin ?? pre.before
      const latest = context.alsoEdits(want.path) === null ? origin : pre.before
      if (isBefore(text, latest)) return backAlready(context, want.path, latest)
      if (isBefore(text, pre.before)) return backAlready(context, want.path, pre.before)
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
      const { rest, goal } = foundAgain(cut.text, pre, [latest, origin])
      if (!isBefore(rest, goal) && (goal.present || rest !== '')) {
        replace(context, want.path, latin1(rest), mode)
        return { how: 'merged', kept: [] }
      }
      const usersMode = goal.present && mode !== pre.mode
      putBack(context, want.path, goal, usersMode ? mode : undefined)
      return { how: usersMode ? 'merged' : goal.present ? 'restored' : 'removed', kept: [] }
    },
    drift(context, want) {
      if (notAFile(context.machine, want.path)) return [`${want.path} is no longer a file`]
      const text = textOf(context.machine, want.path)
      if (text === null) return [`${want.path} is gone`]
      return edit.holds(text, want) ? [] : [`our part of ${want.path} was changed or removed`]
    },
  }
}
