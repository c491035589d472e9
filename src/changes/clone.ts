import { sealTree, untouched, type TreePost } from './manifest.ts'
import type { Entry, Exit, Machine } from '../host/machine.ts'
import { absentOnly, beginTree, owned, removeTree, SENTINEL, trashOf, treeStanding, type Goes } from './tree.ts'
import { StepFailed } from './venv.ts'
import type { ChangeKind, Context, WantOf } from './kind.ts'

type CloneWant = WantOf<'clone'>

/** Variables that lead git to another repository than the one it is told of: `checkout --force` would then run in the user's own. */
const ELSEWHERE = [
  'GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_NAMESPACE',
  'GIT_SHALLOW_FILE', 'GIT_GRAFT_FILE', 'GIT_PREFIX',
]

/**
 * A git work tree at one pinned revision. It is made beside its place under a name of its own and moved there when it is whole and recorded, so
 * that nobody works in one that is not finished. What the user made in it, with git or without, is kept on undo.
 */
export const clone: ChangeKind<CloneWant, null, TreePost> = {
  async observe(context, want) {
    const refusal = absentOnly(context, want.path)
    return { state: refusal ? 'other' : 'absent', pre: null, refusal }
  },
  async perform(context, want) {
    const making = makingOf(context, want.path)
    beginTree(context, making)
    removeLocks(context, making)
    const git = async (...args: string[]): Promise<void> => {
      const exit = await runGit(context, making, args, () => undefined)
      if (exit.code !== 0) throw new StepFailed(`git ${args[0]} of ${want.url} ended with ${exit.code ?? exit.signal}:\n${exit.tail}`)
    }
    await git('init', '--quiet')
    markRepository(context, making)
    await git('config', 'remote.origin.url', want.url)
    await git('config', 'core.excludesFile', '/dev/null')
    await git('fetch', '--progress', '--depth', '1', 'origin', want.revision)
    await git('checkout', '--force', '--detach', 'FETCH_HEAD')
    const post = await sealTree(context, making, await fetched(context, making))
    writeMark(context, `${making}/${SEALED}`, JSON.stringify(post))
    if (context.machine.lstat(want.path) !== null) throw new StepFailed(`${want.path} was made by someone meanwhile: move it away, then go on`)
    context.machine.rename(making, want.path)
    return post
  },
  standing(context, want) {
    const making = treeStanding(context, makingOf(context, want.path))
    if (making !== 'not-started' || context.machine.lstat(want.path) === null) return making
    return sealedAt(context, want.path) === null ? 'foreign' : 'complete'
  },
  settle: async (context, want) => sealedAt(context, want.path)!,
  async restore(context, want, _pre, post) {
    if (post === null) {
      const making = makingOf(context, want.path)
      const place = [trashOf(context, making), making].find((root) => owned(context, root))
      return removeTree(context, making, null, goes(context), place ? await fetched(context, place) : () => true)
    }
    markAgain(context, want.path)
    const { how, kept } = await removeTree(context, want.path, post, goes(context), () => false)
    const whole = (place: string | null): boolean => place !== null && context.machine.lstat(`${place}/.git/HEAD`) !== null
    return { how, kept: kept.map((one) => (whole(one.savedCopy) ? { ...one, reason: REPOSITORY } : one)) }
  },
  drift({ machine }, want) {
    return machine.lstat(`${want.path}/.git/HEAD`) ? [] : [`${want.path} is gone or no git work tree any more`]
  },
}

/** The record of a finished clone, in it: a kill may come after the move, before the ledger could be told. */
const SEALED = '.git/gb10-sealed'

/** Where a clone is made. */
const makingOf = ({ op }: Context, path: string): string => `${path.slice(0, path.lastIndexOf('/'))}/.gb10-clone-${op}`

function sealedAt(context: Context, path: string): TreePost | null {
  const file = `${path}/${SEALED}`
  const there = owned(context, path) && context.machine.lstat(file)?.type === 'file'
  return there ? (JSON.parse(context.machine.read(file).toString()) as TreePost) : null
}

async function runGit(context: Context, path: string, args: string[], onOut: (line: string) => void): Promise<Exit> {
  const settings = ['gc.auto=0', 'advice.detachedHead=false', 'core.quotePath=false'].flatMap((one) => ['-c', one])
  const argv = ['env', ...ELSEWHERE.flatMap((name) => ['-u', name]), 'git', '-C', path, ...settings, ...args]
  const env = { GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GB10_OP: context.op }
  const onLine = (text: string): void => context.progress({ text })
  const exit = await context.machine.run(argv, { env, signal: context.signal, onLine, onOut })
  context.signal.throwIfAborted()
  return exit
}

/** What came with a clone: git's own files, our mark, and what the revision names, if it got as far as that. */
async function fetched(context: Context, root: string): Promise<(entry: Entry) => boolean> {
  const names = new Set([SENTINEL, `${SENTINEL}.tmp`])
  await runGit(context, root, ['ls-tree', '-r', '-t', '--name-only', '--full-tree', 'FETCH_HEAD'], (line) => names.add(line))
  return ({ path }) => names.has(path) || /^\.git(\/|$)/.test(path)
}

/** A git that was killed leaves its locks, and the next one would wait for them for ever. Nobody else works in a tree that is not finished. */
function removeLocks({ machine }: Context, path: string): void {
  if (machine.lstat(`${path}/.git`)?.type !== 'directory') return
  const locks = [...machine.walk(`${path}/.git`)].filter((e) => e.stat.type === 'file' && e.path.endsWith('.lock'))
  for (const lock of locks) machine.unlink(`${path}/.git/${lock.path}`)
}

/** Git takes our mark for a file of the user's: it is ignored, and for `git clean -x` there is another one where git removes nothing. */
function markRepository(context: Context, path: string): void {
  const { machine } = context
  if (machine.lstat(`${path}/.git/info`) === null) machine.mkdir(`${path}/.git/info`, 0o755)
  writeMark(context, `${path}/.git/info/exclude`, `/${SENTINEL}\n`)
  writeMark(context, `${path}/.git/${SENTINEL}`, `${context.op}\n`)
}

function markAgain(context: Context, path: string): void {
  const inside = `${path}/.git/${SENTINEL}`
  if (context.machine.lstat(`${path}/${SENTINEL}`) !== null || context.machine.lstat(inside)?.type !== 'file') return
  const mark = context.machine.read(inside).toString()
  if (mark === `${context.op}\n`) writeMark(context, `${path}/${SENTINEL}`, mark)
}

function writeMark({ machine }: Context, path: string, text: string): void {
  const options = { mode: 0o644, uid: machine.uid, gid: machine.gid, temp: `${SENTINEL}.tmp` }
  const beside = `${path.slice(0, path.lastIndexOf('/'))}/${options.temp}`
  if (machine.lstat(beside)) machine.unlink(beside)
  machine.write(path, Buffer.from(text), options)
}

const REPOSITORY =
  'git was used in it: its repository (with all commits, branches, tags and stashes) is kept whole, beside the files that were added or changed'

/**
 * What equals the manifest goes, unless git was used for more than looking: a repository is of use only with all of its objects, and where the
 * names of commits stand is git's affair.
 */
const goes = ({ machine }: Context): Goes => (manifest, root) => {
  const ours = (entry: Entry): boolean => untouched(manifest, entry) || bookkeeping(entry)
  const used = usedIn(machine, root, ours)
  return (entry) => ours(entry) && !(used && /^\.git(\/|$)/.test(entry.path) && entry.path !== `.git/${SENTINEL}`)
}

function usedIn(machine: Machine, root: string, ours: (entry: Entry) => boolean): boolean {
  if (machine.lstat(`${root}/.git`)?.type !== 'directory') return false
  for (const entry of machine.walk(`${root}/.git`)) {
    if (entry.stat.type !== 'directory' && !ours({ ...entry, path: `.git/${entry.path}` })) return true
  }
  return false
}

/** Files that git rewrites when it only looks, and our own record. */
const bookkeeping = ({ path, stat }: Entry): boolean => /^\.git\/(index|FETCH_HEAD|ORIG_HEAD|gc\.log|gb10-sealed)$/.test(path) && stat.type === 'file'
