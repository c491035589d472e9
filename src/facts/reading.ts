import { isCut, type Capture } from '../model/capture.ts'
import type { Fact, FactStatus } from '../model/fact.ts'
import { clean } from './text.ts'

/** A capture in the form the parsers want: the tool's plain name, its arguments, or a path in one spelling. */
export type Reading = {
  tool: string | null
  /** The tool as it was called, a bare name or a path. */
  toolPath: string | null
  args: readonly string[]
  path: string | null
  status: FactStatus
  text: string
  stderr: string
  exitCode: number | null
  excerpt: boolean
  ms: number
  /** How the fact's source is named: the path, or the command line and the program that ran. */
  source: string
  /** Of a hung tool: its process id and the kernel function it waits in. */
  pid?: number
  wchan?: string
}

/** Words before the tool that change nothing about its output. */
const WRAPPERS = new Set(['sudo', 'env', 'timeout', 'nice', 'stdbuf', 'command', 'exec', 'time'])
/** Tools that only print files: their output is read as the file itself. All but `cat` may leave lines out. */
const PRINTERS = new Set(['cat', 'head', 'tail', 'grep', 'egrep', 'sed', 'awk', 'less', 'more', 'tr', 'strings'])
const ALIASES: [RegExp, string][] = [
  [/^\/sys\/devices\/virtual\/dmi\/id\//, '/sys/class/dmi/id/'],
  [/^\/sys\/firmware\/devicetree\/base\//, '/proc/device-tree/'],
  [/^\/(usr\/lib|lib)\/os-release$/, '/etc/os-release'],
]
const NOT_FOUND =
  /not found|no such file|introuvable|nicht gefunden|no encontrad|n[ãa]o encontrad|non trovat|не найден|未找到|見つかりません|찾을 수 없/i
const DENIED =
  /permission denied|operation not permitted|permission non accord|keine berechtigung|permiso denegado|許可がありません|权限不够/i

/** Turns captures into readings. A file printed by `cat`, `grep` and their like becomes a reading of that file. */
export const readingsOf = (captures: readonly Capture[]): Reading[] => captures.flatMap(oneCapture)

const oneCapture = (c: Capture): Reading[] => {
  const base = {
    status: c.status,
    text: clean(c.text),
    stderr: clean(c.stderr),
    exitCode: c.exitCode,
    excerpt: isCut(c),
    ms: c.ms,
    ...(c.pid === undefined ? {} : { pid: c.pid }),
    ...(c.wchan === undefined ? {} : { wchan: c.wchan }),
  }
  if (c.path !== undefined) return [{ ...base, tool: null, toolPath: null, args: [], path: onePath(c.path), source: c.path }]
  const [toolPath, ...args] = withoutWrappers(c.argv ?? [])
  if (toolPath === undefined) return []
  const tool = (toolPath.split('/').at(-1) ?? toolPath).replace(/\.exe$/i, '')
  const source = (c.argv ?? []).join(' ')
  const files = PRINTERS.has(tool) ? args.filter((arg) => arg.startsWith('/')) : []
  const ran = c.program === undefined || c.program === c.argv?.[0] ? source : `${source} (${c.program})`
  if (files.length === 0) return [{ ...base, tool, toolPath, args, path: null, source: ran, status: commandStatus({ ...base, program: c.program }, tool) }]
  if (tool === 'grep' && args.some((arg) => /^-[a-zA-Z]*H/.test(arg))) return labelled(base, files, source)
  return files.map((file) => ({
    ...base,
    tool: null,
    toolPath: null,
    args: [],
    path: onePath(file),
    source: file,
    excerpt: base.excerpt || tool !== 'cat',
    status: fileStatus(base),
  }))
}

/** `grep -H '' FILES` prints `path:line`; each file becomes its own reading. */
const labelled = (base: Omit<Reading, 'tool' | 'toolPath' | 'args' | 'path' | 'source'>, files: string[], source: string) =>
  files.map((file): Reading => {
    const own = base.text
      .split('\n')
      .filter((line) => line.startsWith(`${file}:`))
      .map((line) => line.slice(file.length + 1))
    return {
      ...base,
      tool: null,
      toolPath: null,
      args: [],
      path: onePath(file),
      text: own.join('\n'),
      source: `${source} -> ${file}`,
      status: base.status !== 'ok' || own.length > 0 ? base.status : base.excerpt ? 'unrecorded' : 'absent',
    }
  })

const onePath = (path: string): string => ALIASES.reduce((p, [from, to]) => p.replace(from, to), path)

const withoutWrappers = (argv: readonly string[]): readonly string[] => {
  let rest = argv
  for (;;) {
    const word = rest[0]
    if (word === undefined || rest.length === 1) return rest
    const after = rest[1] ?? ''
    if (/^[A-Za-z_]\w*=/.test(word)) rest = rest.slice(1)
    else if (!WRAPPERS.has(word.split('/').at(-1) ?? '')) return rest
    else rest = after.startsWith('-') || /^\d+[smh]?$/.test(after) ? [word, ...rest.slice(2)] : rest.slice(1)
  }
}

type Ran = { status: FactStatus; text: string; stderr: string; exitCode: number | null; program?: string | undefined }

/** What a recorded command tells about itself: a shell's "command not found" means that the tool is absent. */
const commandStatus = (c: Ran, tool: string): FactStatus => {
  if (c.status !== 'ok') return c.status
  // A script that began names itself when it does not find what it calls.
  if (c.exitCode === 127) return c.program !== undefined && c.stderr.includes(`${c.program}: `) ? 'error' : 'absent'
  const said = `${c.stderr}\n${c.text.length < 2000 ? c.text : ''}`
  const complaint = said
    .split('\n')
    .find((line) => line.includes(tool) && NOT_FOUND.test(line) && !/device|driver|librar/i.test(line))
  if (complaint !== undefined && (c.text.trim() === '' || c.text.includes(complaint))) return 'absent'
  if (c.exitCode === 126) return 'denied'
  if (tool === 'journalctl' && /not seeing messages from|insufficient permissions/i.test(c.stderr)) return 'denied'
  if (tool === 'journalctl' && /No journal files were found/i.test(c.stderr)) return 'error'
  if (c.text.trim() === '' && c.stderr.trim() !== '') return DENIED.test(c.stderr) ? 'denied' : 'error'
  return 'ok'
}

const fileStatus = (c: Ran): FactStatus => {
  if (c.status !== 'ok' || c.text.trim() !== '' || c.stderr.trim() === '') return c.status
  return DENIED.test(c.stderr) ? 'denied' : 'absent'
}

/** One accepted form of a fact: which readings hold it and how it is read. `parse` gives null when the text does not show it. */
export type Form<T> = { of: (r: Reading) => boolean; parse: (r: Reading) => T | null; from?: string }

/** Readings of a tool whose arguments satisfy `args`. */
export const tool =
  (name: string, args: (args: readonly string[]) => boolean = () => true) =>
  (r: Reading): boolean =>
    r.tool === name && args(r.args)

/** Readings of a file: an exact path or a pattern. */
export const file =
  (path: string | RegExp) =>
  (r: Reading): boolean =>
    r.path !== null && (typeof path === 'string' ? r.path === path : path.test(r.path))

const WORTH: FactStatus[] = ['hung', 'timeout', 'denied', 'error', 'unsupported', 'absent', 'unrecorded', 'ok']

/**
 * Reads a fact from the first form, in order of preference, that gives a value. Without one, the status says why: the worst thing
 * that happened to a reading of any form, else `unrecorded`. A list from a text that was cut is partial, and none where it is empty.
 */
export const factOf = <T>(readings: readonly Reading[], forms: readonly Form<T>[]): Fact<T> => {
  let missing: Fact<T> = { value: null, status: 'unrecorded', source: '', ms: 0 }
  for (const form of forms) {
    for (const r of readings.filter(form.of)) {
      const value = r.status === 'ok' ? form.parse(r) : null
      const cut = r.excerpt && Array.isArray(value)
      if (value !== null && !(cut && value.length === 0))
        return { value, status: 'ok', source: r.source, ms: r.ms, ...(cut ? { partial: true } : {}) }
      const status: FactStatus = r.status !== 'ok' ? r.status : 'unrecorded'
      if (missing.source === '' || WORTH.indexOf(status) < WORTH.indexOf(missing.status)) {
        missing = { value: null, status, source: r.source, ms: r.ms }
      }
    }
  }
  return missing
}

/** A fact that follows from others. Null gives `unrecorded` unless another status is named. */
export const derived = <T>(value: T | null, source = '', status: FactStatus = 'unrecorded'): Fact<T> => ({
  value,
  status: value === null ? status : 'ok',
  source,
  ms: 0,
})
