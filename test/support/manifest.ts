import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'

/** Everything below a folder as lines: path, type, mode, owner, size, content, and the time of files. The oracle of every undo test. */
export function manifestOf(root: string, at = ''): string[] {
  const lines: string[] = []
  for (const name of readdirSync(root + at).sort()) {
    const path = `${at}/${name}`
    const s = lstatSync(root + path, { bigint: true })
    const what = `${path} ${Number(s.mode).toString(8)} ${s.uid}:${s.gid}`
    if (s.isDirectory()) lines.push(what, ...manifestOf(root, path))
    else if (s.isSymbolicLink()) lines.push(`${what} -> ${readlinkSync(root + path)}`)
    else lines.push(`${what} ${s.size} ${s.mtimeNs} ${createHash('sha256').update(readFileSync(root + path)).digest('hex')}`)
  }
  return lines
}
