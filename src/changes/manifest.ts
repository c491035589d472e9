import type { Entry } from '../host/machine.ts'
import type { Context } from './kind.ts'

/** What a sealed tree holds, entry by entry, as it stood when it was finished. */
export type Manifest = Map<string, Sealed>
export type Sealed = { type: string; mode: number; size: number; stamp: string; content: string }

/** What the ledger keeps of a finished tree; the manifest itself is an object. */
export type TreePost = { manifest: string; entries: number; bytes: number }

/** A change of any of these means that the content must be looked at again; equality means that it was not touched. */
const stampOf = ({ stat: s }: Entry): string => `${s.ino} ${s.mtimeNs} ${s.ctimeNs}`

const contentOf = (entry: Entry): string =>
  entry.stat.type === 'file' ? entry.hash() : entry.stat.type === 'link' ? entry.target() : ''

/**
 * Reads what is ours of a tree into a manifest object: all of it, where nobody else could have put anything there yet. The tree is written out
 * to the disk meanwhile: neither has to wait for the other. Gives the event loop a turn now and then, so that Ctrl-C is heard.
 */
export async function sealTree(context: Context, root: string, ours: (entry: Entry) => boolean = () => true): Promise<TreePost> {
  const [, { lines, bytes }] = await Promise.all([context.machine.syncAll(root), readTree(context, root, ours)])
  return { manifest: context.objects.put(Buffer.from(`${lines.join('\n')}\n`)), entries: lines.length, bytes }
}

async function readTree(context: Context, root: string, ours: (entry: Entry) => boolean): Promise<{ lines: string[]; bytes: number }> {
  const lines: string[] = []
  let bytes = 0
  for (const entry of context.machine.walk(root)) {
    if (!ours(entry)) continue
    const { type, mode, size } = entry.stat
    lines.push(JSON.stringify([entry.path, type, mode, size, stampOf(entry), contentOf(entry)]))
    bytes += type === 'file' ? size : 0
    if (lines.length % 500 === 0) {
      context.progress({ text: `recording what was made: ${lines.length} files` })
      await new Promise(setImmediate)
      context.signal.throwIfAborted()
    }
  }
  return { lines, bytes }
}

export function readManifest(context: Context, post: TreePost): Manifest {
  const manifest: Manifest = new Map()
  for (const line of context.objects.get(post.manifest).toString().split('\n')) {
    if (!line) continue
    const [path, type, mode, size, stamp, content] = JSON.parse(line) as [string, string, number, number, string, string]
    manifest.set(path, { type, mode, size, stamp, content })
  }
  return manifest
}

/**
 * Whether an entry is still exactly what was sealed. Same inode, size and times: yes, without reading. Else the content decides: hard links
 * made and removed by the installer's cache move a file's ctime without touching it.
 */
export function untouched(manifest: Manifest, entry: Entry): boolean {
  const sealed = manifest.get(entry.path)
  if (!sealed || sealed.type !== entry.stat.type) return false
  if (entry.stat.type === 'directory') return true
  if (entry.stat.size !== sealed.size) return false
  return stampOf(entry) === sealed.stamp || contentOf(entry) === sealed.content
}

/** A compiled Python file whose source is part of the tree: it can be made again at any time, so it goes with the tree. */
export function derived(manifest: Manifest, entry: Entry): boolean {
  if (entry.path === '__pycache__' || entry.path.endsWith('/__pycache__')) return entry.stat.type === 'directory'
  const compiled = /^(.*\/)?__pycache__\/([^/.]+)\.[^/]*\.pyc(\.\d+)?$/.exec(entry.path)
  return compiled !== null && entry.stat.type === 'file' && manifest.has(`${compiled[1] ?? ''}${compiled[2]}.py`)
}
