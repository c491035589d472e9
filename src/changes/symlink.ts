import { kept, tempName, type ChangeKind, type Context, type WantOf } from './kind.ts'
import { makeKeptFolder, savedName, sweepTemp } from './text.ts'

type LinkWant = WantOf<'symlink'>
type LinkState = { target: string | null }

const target = ({ machine }: Context, path: string): string | null => {
  const stat = machine.lstat(path)
  return stat === null ? null : stat.type === 'link' ? `@${machine.readlink(path)}` : 'not a link'
}

/** Swaps a link in one step: a new one beside it, renamed over the old. */
function swap(context: Context, path: string, to: string): void {
  sweepTemp(context, path)
  const beside = `${path.slice(0, path.lastIndexOf('/'))}/${tempName(context.op)}`
  context.machine.symlink(to, beside)
  context.machine.rename(beside, path)
}

/** The link that ours stood in place of, where the user finds it. */
function saveLink(context: Context, path: string, to: string | null): string | null {
  if (to === null) return null
  makeKeptFolder(context)
  const saved = `${context.keptFolder}/${savedName(path)}`
  if (context.machine.lstat(saved) === null) context.machine.symlink(to, saved)
  return saved
}

/** Whether a link led to a tree of ours: one beside it, with its name and a hash. A user's own link comes back even if it leads nowhere. */
const wasTree = (path: string, to: string): boolean => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return to.startsWith(`${path.slice(0, -name.length)}.${name}-`) && /-[0-9a-f]{8}$/.test(to)
}

/** A symbolic link. An earlier link of that name comes back on undo; anything else of that name is refused. */
export const symlink: ChangeKind<LinkWant, LinkState, LinkState> = {
  async observe(context, want) {
    const now = target(context, want.path)
    if (now === 'not a link') return { state: 'other', pre: null, refusal: `${want.path} exists and is not a link` }
    const state = now === null ? 'absent' : now === `@${want.target}` ? 'same' : 'other'
    // The ledger names it too; saved as other things are, it outlives a ledger that was cut off.
    if (now !== null && state === 'other') context.objects.put(Buffer.from(now.slice(1)))
    return { state, pre: { target: now?.slice(1) ?? null }, refusal: null }
  },
  async perform(context, want) {
    swap(context, want.path, want.target)
    return { target: want.target }
  },
  standing(context, want, pre) {
    const now = target(context, want.path)
    if (now === `@${want.target}`) return 'complete'
    return now === (pre.target === null ? null : `@${pre.target}`) ? 'not-started' : 'foreign'
  },
  settle: async (_context, want) => ({ target: want.target }),
  async restore(context, want, pre) {
    sweepTemp(context, want.path)
    const now = target(context, want.path)
    if (now === (pre.target === null ? null : `@${pre.target}`)) return { how: 'noop', kept: [] }
    const treeGone = pre.target !== null && wasTree(want.path, pre.target) && context.machine.lstat(pre.target) === null
    // The link of a later version, or this one before a kill, went already because there is nothing to lead it back to.
    if (now === null && treeGone) return { how: 'removed', kept: [] }
    if (now !== `@${want.target}` && !(now === null && context.emptied)) {
      const reason = now === null ? 'it was removed after gb10 made it' : 'it no longer points to where gb10 pointed it'
      const saved = saveLink(context, want.path, pre.target)
      return { how: 'noop', kept: [kept(want.path, saved ? `${reason}; the link that was there before is saved` : reason, saved)] }
    }
    if (pre.target === null || treeGone) context.machine.unlink(want.path)
    else swap(context, want.path, pre.target)
    return { how: pre.target === null || treeGone ? 'removed' : 'restored', kept: [] }
  },
  drift(context, want) {
    if (target(context, want.path) !== `@${want.target}`) return [`${want.path} does not point to ${want.target} any more`]
    const nowhere = wasTree(want.path, want.target) && context.machine.lstat(want.target) === null
    return nowhere ? [`${want.path} leads nowhere: ${want.target} is gone`] : []
  },
}
