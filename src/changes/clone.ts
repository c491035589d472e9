import { sealTree, type Manifest, type TreePost } from './manifest.ts'
import type { Entry } from '../host/machine.ts'
import { absentOnly, beginTree, removeTree, SENTINEL, treeStanding } from './tree.ts'
import { StepFailed } from './venv.ts'
import type { ChangeKind, Context, WantOf } from './kind.ts'

type CloneWant = WantOf<'clone'>

/** Variables that lead git to another repository than the one it is told of: `checkout --force` would then run in the user's own. */
const ELSEWHERE = [
  'GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_NAMESPACE',
  'GIT_SHALLOW_FILE', 'GIT_GRAFT_FILE', 'GIT_PREFIX',
]

/** A git work tree at one pinned revision. Commits, stashes and files that the user made in it are kept on undo. */
export const clone: ChangeKind<CloneWant, null, TreePost> = {
  async observe(context, want) {
    const refusal = absentOnly(context, want.path)
    return { state: refusal ? 'other' : 'absent', pre: null, refusal }
  },
  async perform(context, want) {
    beginTree(context, want.path)
    removeLocks(context, want.path)
    const lines: string[] = []
    const git = async (...args: string[]): Promise<void> => {
      const argv = ['env', ...ELSEWHERE.flatMap((name) => ['-u', name]), 'git', '-C', want.path, '-c', 'gc.auto=0', '-c', 'advice.detachedHead=false', ...args]
      const env = { GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GB10_OP: context.op }
      const exit = await context.machine.run(argv, { env, signal: context.signal, onLine: (text) => context.progress({ text }), onOut: (line) => lines.push(line) })
      context.signal.throwIfAborted()
      if (exit.code !== 0) throw new StepFailed(`git ${args.find((word) => !word.startsWith('-') && !word.includes('='))} of ${want.url} ended with ${exit.code ?? exit.signal}:\n${exit.tail}`)
    }
    await git('init', '--quiet')
    await git('config', 'remote.origin.url', want.url)
    await git('config', 'core.excludesFile', '/dev/null')
    await git('fetch', '--progress', '--depth', '1', 'origin', want.revision)
    await git('checkout', '--force', '--detach', 'FETCH_HEAD')
    // A clone that was stopped lay open: what the user put into it meanwhile is no part of it.
    lines.length = 0
    await git('-c', 'core.quotePath=false', 'ls-files', '--others')
    const added = new Set(lines.filter((line) => line !== SENTINEL))
    return sealTree(context, want.path, (entry) => !added.has(entry.path))
  },
  standing: (context, want) => treeStanding(context, want.path),
  settle: (context, want) => clone.perform(context, want, null),
  restore: (context, want, _pre, post) => removeTree(context, want.path, post, bookkeeping),
  drift({ machine }, want) {
    return machine.lstat(`${want.path}/.git/HEAD`) ? [] : [`${want.path} is gone or no git work tree any more`]
  },
}

/** A git that was killed leaves its locks, and the next one would wait for them for ever. Nobody else works in a tree that is not finished. */
function removeLocks({ machine }: Context, path: string): void {
  if (machine.lstat(`${path}/.git`)?.type !== 'directory') return
  const locks = [...machine.walk(`${path}/.git`)].filter((e) => e.stat.type === 'file' && e.path.endsWith('.lock'))
  for (const lock of locks) machine.unlink(`${path}/.git/${lock.path}`)
}

/** Files that git rewrites when it only looks. Commits and stashes add objects, which no manifest names: those stay. */
const bookkeeping = (_manifest: Manifest, entry: Entry): boolean =>
  /^\.git\/(index|FETCH_HEAD|ORIG_HEAD|gc\.log|packed-refs)$/.test(entry.path) && entry.stat.type === 'file'
