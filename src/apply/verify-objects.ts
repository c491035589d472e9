import type { Machine } from '../host/machine.ts'
import { objects } from '../ledger/objects.ts'
import type { Read } from '../ledger/read.ts'
import { present } from '../ledger/state.ts'
import { derived, readManifest, untouched, type TreePost } from '../changes/manifest.ts'
import { isKnown } from '../changes/index.ts'
import type { Context } from '../changes/kind.ts'
import { closedText } from './closed.ts'
import { driftOf } from './status.ts'

/** What is not as recorded, and what the user added to our trees (which is no fault). */
export type Verified = { wrong: string[]; more: string[] }

/** Reads every saved copy and every file of every tree and compares it with its hash. One line for each that does not fit. */
export async function verifyEverything(machine: Machine, folder: string, read: Read, onStep: (text: string) => void): Promise<Verified> {
  const store = objects(machine, `${folder}/objects`)
  const wrong: string[] = []
  const more: string[] = []
  const check = (sha: string, what: string): void => {
    try {
      store.get(sha)
    } catch (error) {
      wrong.push(`${what}: ${(error as Error).message}`)
    }
  }
  const newest = new Map(present(read.ops).map((op) => [op.key, op]))
  for (const op of present(read.ops)) {
    for (const sha of savedIn(op.pre)) check(sha, `what ${op.summary} replaced`)
    const post = op.post as TreePost | null
    if (newest.get(op.key) !== op) continue
    if (op.status === 'live') wrong.push(...driftOf(machine, folder, op, false))
    if (!isKnown(op.want) || !post?.manifest || !('path' in op.want)) continue
    onStep(op.summary)
    check(post.manifest, `the manifest of ${op.summary}`)
    const tree = await verifyTree(machine, { objects: store } as Context, op.want.path, post)
    wrong.push(...tree.wrong.filter((line) => !wrong.includes(line)))
    more.push(...tree.more)
  }
  return { wrong, more }
}

/** Every entry of one tree. Where its user closed a folder nobody can tell any further. */
async function verifyTree(machine: Machine, context: Context, root: string, post: TreePost): Promise<Verified> {
  const wrong: string[] = []
  const seen = new Set<string>()
  let at = root
  let added = 0
  try {
    if (machine.lstat(root)?.type !== 'directory') return { wrong, more: [] }
    const manifest = readManifest(context, post)
    for (const entry of machine.walk(root)) {
      at = `${root}/${entry.path}`
      seen.add(entry.path)
      if (!manifest.has(entry.path) && !derived(manifest, entry) && entry.stat.type !== 'directory') added += 1
      if (manifest.has(entry.path) && !untouched(manifest, entry)) wrong.push(`${at} was changed`)
      if (seen.size % 500 === 0) await new Promise(setImmediate)
    }
    for (const path of manifest.keys()) if (!seen.has(path)) wrong.push(`${root}/${path} is gone`)
  } catch (error) {
    wrong.push(closedText(machine, at, error))
  }
  return { wrong, more: added > 0 ? [`${root} holds ${added} ${added === 1 ? 'file' : 'files'} more than gb10 put there`] : [] }
}

/** Hashes of saved bytes in a pre-state, wherever the kind put them. */
function savedIn(pre: unknown): string[] {
  if (pre === null || typeof pre !== 'object') return []
  return Object.entries(pre).flatMap(([name, value]) => (name === 'sha' && typeof value === 'string' ? [value] : savedIn(value)))
}
