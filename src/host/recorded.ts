import type { Capture } from '../model/capture.ts'
import type { FactStatus } from '../model/fact.ts'
import { nesting } from '../model/nesting.ts'
import { checkName, readFolder, TOTAL_LIMIT, type Files } from './recorded-files.ts'
import { RecordingError } from './recording-error.ts'

/** `host.yaml`, as far as it is trusted: each field is checked where it is read. */
type Loose = Record<string, unknown>

const INDEX = 'host.yaml'
const STATUSES: FactStatus[] = ['ok', 'absent', 'unsupported', 'denied', 'timeout', 'hung', 'error', 'unrecorded']
const DENIED = /permission denied|operation not permitted|non accord|keine berechtigung|permiso denegado|権限|权限/i

/**
 * Replays a recorded machine: a folder with `host.yaml`, or a `.tar.gz` bundle of one, read in memory.
 * Gives a capture for every record; `alternates` and `texts` are no probes of the machine. Throws RecordingError on anything
 * malformed, oversized or pointing outside.
 */
export const readRecording = async (path: string): Promise<Capture[]> => capturesOf(await readFolder(path), path)

/** The captures of a recording whose files are in memory. `where` names it in errors. */
export const capturesOf = async (files: Files, where: string): Promise<Capture[]> => {
  const text = files.get(INDEX)
  if (text === undefined) throw new RecordingError(where, `has no ${INDEX}`)
  const document = await parseYaml(text)
  const records = document['records']
  if (!Array.isArray(records)) throw new RecordingError(INDEX, 'records must be a list')
  const texts = bounded(files)
  return records.flatMap((record, at) => recordOf(asMap(record, `records[${at}]`), `records[${at}]`, texts))
}

/** The files, as long as what was read of them is no more than a whole recording may hold: a record may name what another one names. */
type Texts = { get: (name: string) => string | undefined; count: (text: string) => string }

const bounded = (files: Files): Texts => {
  let total = 0
  const count = (text: string): string => {
    total += text.length
    if (total > TOTAL_LIMIT) throw new RecordingError(INDEX, 'names more than 64 MiB of text')
    return text
  }
  return { count, get: (name) => (files.has(name) ? count(files.get(name) ?? '') : undefined) }
}

const parseYaml = async (text: string): Promise<Loose> => {
  const { parseDocument, visit } = await import('yaml')
  if (text.length > 1 << 20) throw new RecordingError(INDEX, 'is larger than 1 MiB')
  if (/^[ \t]{80}/m.test(text) || nesting(text) !== null) throw new RecordingError(INDEX, 'is nested too deeply')
  try {
    // The parser's own look for doubled keys compares each with all.
    const document = parseDocument(text, { merge: false, uniqueKeys: false, schema: 'core' })
    const [problem] = document.errors
    if (problem) throw new RecordingError(INDEX, problem.message.split('\n')[0] ?? 'is not YAML')
    visit(document, {
      Map: (_, { items }) => {
        const keys = items.map(({ key }) => String(key))
        if (new Set(keys).size !== keys.length) throw new RecordingError(INDEX, 'has a map with the same key twice')
      },
    })
    return asMap(document.toJS({ maxAliasCount: 0 }), INDEX)
  } catch (problem) {
    if (problem instanceof RecordingError) throw problem
    throw new RecordingError(INDEX, problem instanceof Error ? (problem.message.split('\n')[0] ?? 'is not YAML') : 'is not YAML')
  }
}

const asMap = (value: unknown, where: string): Loose => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RecordingError(INDEX, `${where} must be a map`)
  return value as Loose
}

const recordOf = (record: Loose, where: string, texts: Texts): Capture[] => {
  if (record['file'] === undefined)
    return [
      captureOf(record, where, content(record, 'stdout', where, texts) ?? content(record, 'content', where, texts) ?? '', texts),
    ]
  const lines = (content(record, 'file', where, texts) ?? '').split('\n')
  const parts = record['parts']
  if (!Array.isArray(parts)) throw new RecordingError(INDEX, `${where}.parts must be a list`)
  return parts.map((raw, at) => {
    const spot = `${where}.parts[${at}]`
    const part = asMap(raw, spot)
    const shared = { exitCode: record['exitCode'], excerpt: record['excerpt'], ...part }
    return captureOf(shared, spot, texts.count(slice(lines, part, spot)), texts)
  })
}

/** Lines `[first, last]`, counted from 1, without the label that `strip` names at their start. */
const slice = (lines: readonly string[], part: Loose, where: string): string => {
  const range = part['lines']
  const [first, last] = Array.isArray(range) ? (range as unknown[]) : []
  if (
    typeof first !== 'number' ||
    typeof last !== 'number' ||
    !Number.isInteger(first) ||
    !Number.isInteger(last) ||
    first < 1 ||
    last < first
  ) {
    throw new RecordingError(INDEX, `${where}.lines must be [first, last], counted from 1`)
  }
  if (last > lines.length)
    throw new RecordingError(INDEX, `${where}.lines ends at ${last}, but the file has ${lines.length} lines`)
  const strip = part['strip'] === undefined ? '' : String(part['strip'])
  return (
    lines
      .slice(first - 1, last)
      .map((line) => (line.startsWith(strip) ? line.slice(strip.length) : line))
      .join('\n') + '\n'
  )
}

const content = (record: Loose, key: string, where: string, texts: Texts): string | undefined => {
  const name = record[key]
  if (name === undefined) return undefined
  if (typeof name !== 'string') throw new RecordingError(INDEX, `${where}.${key} must be a file name`)
  const text = texts.get(checkName(name, `${where}.${key}`))
  if (text === undefined) throw new RecordingError(name, `is named by ${where}.${key} but is not in the recording`)
  return text
}

const captureOf = (record: Loose, where: string, text: string, texts: Texts): Capture => {
  const { command, path, exitCode } = record
  const isCommand = Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === 'string')
  if (isCommand === (typeof path === 'string'))
    throw new RecordingError(INDEX, `${where} needs either command (a list of words) or path`)
  if (exitCode !== undefined && exitCode !== null && typeof exitCode !== 'number')
    throw new RecordingError(INDEX, `${where}.exitCode must be a number`)
  const stderr = content(record, 'stderr', where, texts) ?? ''
  const absent = !isCommand && record['content'] === undefined && record['lines'] === undefined
  const inferred: FactStatus = absent ? (DENIED.test(stderr) ? 'denied' : 'absent') : exitCode === 127 ? 'absent' : 'ok'
  const stated = STATUSES.find((status) => status === record['status'])
  return {
    ...(isCommand ? { argv: command as string[] } : { path: path as string }),
    status: stated ?? inferred,
    text,
    stderr,
    exitCode: (exitCode as number | undefined) ?? null,
    excerpt: record['excerpt'] === true,
    ms: typeof record['ms'] === 'number' ? record['ms'] : 0,
    ...(typeof record['pid'] === 'number' ? { pid: record['pid'] } : {}),
    ...(typeof record['wchan'] === 'string' ? { wchan: record['wchan'] } : {}),
    ...(typeof record['program'] === 'string' ? { program: record['program'] } : {}),
  }
}
