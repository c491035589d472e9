import type { Capture } from '../model/capture.ts'
import type { FactStatus } from '../model/fact.ts'
import { expand, fixedPart, isClosed, listFolder, presence, readPlain, target } from './probe-files.ts'
import type { Reach } from './reach.ts'

const blank = { text: '', stderr: '', exitCode: null, excerpt: false, ms: 0 } as const
/** More Python environments than this are looked at in part; what is left out proves nothing. */
const MOST = 200
const listing = (folder: string): Capture => ({ ...blank, argv: ['ls', '-d', `${folder}/*.dist-info`], status: 'absent' })

/**
 * Python environments by their package folders: the names of what is installed and a few version files. A folder that is reached
 * through several names counts once. Folders that may hang are left out; when a whole place of theirs is, or may not be listed, or
 * there are too many, that is said.
 */
export const sitesOf = (patterns: readonly string[], files: readonly string[], reach: Reach): Capture[] => {
  const before = reach.missed
  const real = new Map<string, string>()
  for (const folder of patterns.flatMap((pattern) => expand(pattern, reach)).filter(reach)) {
    const place = target(folder)
    if (place !== null && !real.has(place)) real.set(place, folder)
  }
  const folders = [...real.values()].slice(0, MOST)
  const listed = folders.map((folder): Capture => {
    const { status, names } = listFolder(folder)
    const found = names.filter((name) => /\.(dist|egg)-info$/.test(name))
    return { ...listing(folder), status, exitCode: status === 'ok' ? 0 : 2, text: found.map((name) => `${folder}/${name}\n`).join('') }
  })
  const missed = folders.length === 0 ? reach.missed > before : folders.length < real.size || !patterns.every((p) => reach(fixedPart(p)))
  const closed = [...new Set(patterns.map(fixedPart))].some((folder) => isClosed(`${folder}/*`, reach))
  const left: FactStatus | null = closed ? 'denied' : missed ? 'unrecorded' : folders.length === 0 ? 'absent' : null
  const rest: Capture[] = left === null ? [] : [{ ...listing('*/site-packages'), status: left }]
  const read = folders.flatMap((folder) =>
    files
      .map((file) => `${folder}/${file}`)
      .filter(reach)
      .map((path) => ({ ...blank, path, ...readPlain(path) }))
      .filter(({ status }) => status === 'ok'),
  )
  return [...listed, ...rest, ...read]
}

/** Files, and which of the absolute paths that a pattern finds in them exist: as `cat` and `ls -d` would show. */
export const mentionedIn = (patterns: readonly string[], mention: string, reach: Reach): Capture[] => {
  const found = patterns.flatMap((pattern) => expand(pattern, reach)).filter(reach)
  const files = [...new Map(found.map((path) => [target(path) ?? path, path])).values()]
  const read = files.map((path): Capture => ({ ...blank, path, ...readPlain(path) }))
  const wanted = [
    ...new Set(read.flatMap(({ text }) => [...text.matchAll(new RegExp(mention, 'g'))].map((m) => m[1] ?? ''))),
  ]
    .slice(0, 1000)
    .filter(reach)
  if (wanted.length === 0) return read
  const told = wanted.map((path) => ({ path, status: presence(path) }))
  const text = told.map(({ path, status }) => (status === 'ok' ? `${path}\n` : '')).join('')
  const stderr = told
    .filter(({ status }) => status !== 'ok')
    .map(({ path, status }) => `ls: cannot access '${path}': ${status === 'absent' ? 'No such file or directory' : 'Permission denied'}\n`)
    .join('')
  return [...read, { ...blank, argv: ['ls', '-d', ...wanted], status: 'ok', exitCode: stderr === '' ? 0 : 2, text, stderr }]
}

/** Chosen variables of an environment, as `printenv` shows them; the others stay private. */
export const variablesOf = (names: readonly string[], env: Record<string, string | undefined>): Capture => ({
  ...blank,
  argv: ['printenv'],
  status: 'ok',
  exitCode: 0,
  excerpt: true,
  text: names.flatMap((name) => (env[name] === undefined ? [] : [`${name}=${env[name].replaceAll('\n', ' ')}\n`])).join(''),
})
