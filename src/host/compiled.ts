import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './root.ts'

/** Files of a folder that comes with gb10, and how to read one. */
export type Texts = { names: string[]; text: (name: string) => string }

/**
 * What is made of the YAML files of a folder, without the YAML parser where that was done before: a package holds
 * `dist/<folder>.json`, a
 * clone keeps a copy under node_modules/.cache for as long as no file changed. `code` names the sources whose change makes a
 * copy old.
 */
export async function compiled<T>(folder: string, code: readonly string[], make: (texts: Texts) => Promise<T>): Promise<T> {
  const root = projectRoot()
  const built = join(root, 'dist', `${folder}.json`)
  if (!existsSync(join(root, 'package-lock.json')) && existsSync(built)) return JSON.parse(readFileSync(built, 'utf8')) as T
  const names = filesBelow(join(root, folder), '')
  const state = [...names.map((name) => join(folder, name)), ...code].map((path) => stamp(root, path)).join('\n')
  const cache = cacheFolder(root)
  const kept = cache === null ? null : readKept<T>(join(cache, `${folder}.json`), state)
  if (kept !== null) return kept
  const made = await make({ names, text: (name) => readFileSync(join(root, folder, name), 'utf8') })
  if (cache !== null) keep(cache, folder, JSON.stringify({ state, made }))
  return made
}

const filesBelow = (folder: string, prefix: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(join(folder, entry.name), `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`],
    )
    .filter((name) => name.endsWith('.yaml'))
    .sort()

const stamp = (root: string, path: string): string => {
  const stat = statSync(join(root, path), { throwIfNoEntry: false })
  return stat === undefined ? path : `${path} ${stat.mtimeMs} ${stat.size}`
}

/**
 * Our own cache, when the tree is this user's to write: root neither writes into another user's tree nor believes what lies
 * there.
 */
const cacheFolder = (root: string): string | null => {
  const folder = join(root, 'node_modules')
  try {
    if (statSync(folder).uid !== process.geteuid!()) return null
    accessSync(folder, constants.W_OK)
    return join(folder, '.cache', 'gb10')
  } catch {
    return null
  }
}

const readKept = <T>(file: string, state: string): T | null => {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { state: string; made: T }
    return kept.state === state ? kept.made : null
  } catch {
    return null
  }
}

const keep = (cache: string, folder: string, text: string): void => {
  try {
    mkdirSync(cache, { recursive: true })
    const temp = join(cache, `${folder}.${process.pid}.tmp`)
    writeFileSync(temp, text)
    renameSync(temp, join(cache, `${folder}.json`))
  } catch {
    // No cache is only slower.
  }
}
