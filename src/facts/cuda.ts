import type { Fact } from '../model/fact.ts'
import type { Toolkit } from '../model/machine.ts'
import { derived, file, tool, type Reading } from './reading.ts'
import { onlyOne } from './text.ts'

const NVCC_VERSION = /release (\d+\.\d+), V(\d+(?:\.\d+)+)/
const NVCC = tool('nvcc', (args) => args.some((a) => a === '--version' || a === '-V'))

type Seen = { version: string; path: string | null; bare: boolean; source: string }

/** Toolkits as their nvcc states them. A bare `nvcc` is the one that PATH chooses; `which` may say where it is. */
const seenBy = (readings: readonly Reading[], links: Map<string, string>): Seen[] =>
  readings
    .filter((r) => r.status === 'ok')
    .flatMap((r) => {
      const version = NVCC(r) ? NVCC_VERSION.exec(r.text)?.[2] : undefined
      if (version === undefined || r.toolPath === null) return []
      const bare = !r.toolPath.includes('/')
      const program = bare ? firstNvcc(readings) : r.toolPath
      return [{ version, path: program === null ? null : resolved(folderOf(program), links), bare, source: r.source }]
    })

/** `/usr/local/cuda/bin/nvcc` → `/usr/local/cuda`. */
const folderOf = (program: string): string => program.replace(/\/bin\/nvcc$/, '') || '/'

/** What `which nvcc` (or `command -v`) prints first. */
const firstNvcc = (readings: readonly Reading[]): string | null => pathNvccs(readings)[0] ?? null

/** All nvcc programs on PATH, in order, as `which -a nvcc` lists them. */
const pathNvccs = (readings: readonly Reading[]): string[] =>
  readings
    .filter(
      (r) => (r.tool === 'which' || r.tool === 'type' || r.args[0] === '-v') && r.args.includes('nvcc') && r.status === 'ok',
    )
    .flatMap((r) =>
      r.text
        .split('\n')
        .map((line) => /(\/\S*nvcc)\s*$/.exec(line)?.[1])
        .filter((p) => p !== undefined),
    )

/** Symbolic links that `readlink -f` or `ls -l` show, name → target. */
const linksOf = (readings: readonly Reading[]): Map<string, string> => {
  const links = new Map<string, string>()
  for (const r of readings) {
    if (r.status !== 'ok') continue
    const name = r.args.at(-1)
    if (r.tool === 'readlink' && name !== undefined && r.text.startsWith('/')) links.set(name, r.text.trim())
    if (r.tool === 'ls') for (const m of r.text.matchAll(/^l\S+\s.*?(\/\S+) -> (\/\S+?)\/?$/gm)) links.set(m[1] ?? '', m[2] ?? '')
  }
  return links
}

const resolved = (path: string, links: Map<string, string>): string => {
  let at = path
  for (let i = 0; i < 8 && links.has(at); i++) at = links.get(at) ?? at
  if (at !== path) return at
  const program = links.get(`${path}/bin/nvcc`)
  return program === undefined ? path : folderOf(program)
}

/** `version.json` of a toolkit, whole or cut: nvcc's version in it. */
const fromVersionFile = (readings: readonly Reading[], links: Map<string, string>): Seen[] =>
  readings.flatMap((r) => {
    const path =
      r.status === 'ok' && r.path !== null && file(/\/version\.json$/)(r) ? r.path.replace(/\/version\.json$/, '') : null
    const version = /"cuda_nvcc"\s*:\s*\{[^}]*"version"\s*:\s*"([\d.]+)"/.exec(r.text)?.[1]
    return path !== null && version !== undefined ? [{ version, path: resolved(path, links), bare: false, source: r.source }] : []
  })

/**
 * Every CUDA toolkit with the one that `/usr/local/cuda` (else PATH) chooses as default. The same toolkit seen through several names
 * appears once; a wrapper on PATH that states the same version is the same one. `shadowing` = the program PATH finds first, when it is not the default toolkit's.
 */
export const toolkitsOf = (readings: readonly Reading[]): { toolkits: Toolkit[]; shadowing: Seen | null; sources: string } => {
  const links = linksOf(readings)
  const seen = seenBy(readings, links)
  const all = [
    ...seen,
    ...fromVersionFile(readings, links).filter(
      (v) => !seen.some((s) => s.path === v.path || (s.path === null && s.version === v.version)),
    ),
  ]
  const main = resolved('/usr/local/cuda', links)
  const unique: Seen[] = []
  for (const one of [...all.filter((s) => !s.bare), ...all.filter((s) => s.bare)]) {
    const twin = unique.find((u) => u.path === one.path) ?? unique.find((u) => one.bare && u.version === one.version)
    if (twin) twin.bare ||= one.bare
    else unique.push({ ...one })
  }
  const chosen = unique.find((u) => u.path === main) ?? unique.find((u) => u.bare)
  const bare = unique.find((u) => u.bare) ?? null
  return {
    toolkits: unique.map((u) => ({ version: u.version, path: u.path, default: u === chosen })),
    shadowing: bare !== null && bare !== chosen ? bare : null,
    sources: seen[0]?.source ?? '',
  }
}

const library = (readings: readonly Reading[], pattern: RegExp, header: RegExp, macros: readonly string[]): Fact<string> => {
  for (const r of readings.filter((one) => one.status === 'ok')) {
    const named = r.tool === 'ls' ? onlyOne([...r.text.matchAll(pattern)].map((m) => m[1] ?? '')) : null
    if (named !== null) return derived(named, r.source)
    if (r.path === null || !header.test(r.path)) continue
    const parts = macros.map((macro) => new RegExp(`#define\\s+${macro}\\s+(\\d+)`).exec(r.text)?.[1])
    if (parts.every((part) => part !== undefined)) return derived(parts.join('.'), r.source)
  }
  return derived<string>(null)
}

/**
 * Facts `cuda.*`: `toolkits`, `defaultVersion`, `defaultPath`, `nvccOnPath` (program), `shadowedBy` (version of an nvcc on PATH that hides the default
 * one, e.g. the distribution's), `archs` (what nvcc can build for), and `cudnn.version`, `nccl.version` of the system.
 */
export const cudaFacts = (readings: readonly Reading[]): Record<string, Fact> => {
  const { toolkits, shadowing, sources } = toolkitsOf(readings)
  const main = toolkits.find((t) => t.default)
  const looked = readings.some((r) => r.tool === 'ls' && r.args.includes('/usr/local/cuda*') && ['ok', 'absent'].includes(r.status))
  const silent = readings.find((r) => NVCC(r) && r.status !== 'absent')
  const asked = readings.find((r) => (r.tool === 'which' && r.args.includes('nvcc')) || (r.toolPath === 'nvcc' && r.status === 'absent'))
  const archs = readings.find((r) => tool('nvcc', (args) => args.includes('--list-gpu-arch'))(r) && r.status === 'ok')
  // A program that only names another, which is not there: the shell's own exit code.
  const dangling = readings.some((r) => NVCC(r) && r.toolPath === 'nvcc' && r.exitCode === 127)
  return {
    'cuda.toolkits': derived(toolkits.length > 0 ? toolkits : null, sources, silent ? (silent.status === 'ok' ? 'error' : silent.status) : looked ? 'absent' : 'unrecorded'),
    'cuda.defaultVersion': derived(main?.version ?? null, sources),
    'cuda.defaultPath': derived(main?.path ?? null, sources),
    'cuda.nvccOnPath': derived(dangling ? null : firstNvcc(readings), 'which -a nvcc', asked ? (asked.status === 'ok' ? 'absent' : asked.status) : 'unrecorded'),
    'cuda.shadowedBy': derived(shadowing?.version ?? null, shadowing?.source, toolkits.length > 0 ? 'absent' : 'unrecorded'),
    'cuda.archs': derived(archs?.text.match(/compute_\w+/g)?.slice() ?? null, archs?.source),
    'cudnn.version': library(readings, /libcudnn\.so\.(\d+\.\d+\.\d+)/g, /cudnn_version(_v\d+)?\.h$/, [
      'CUDNN_MAJOR',
      'CUDNN_MINOR',
      'CUDNN_PATCHLEVEL',
    ]),
    'nccl.version': library(readings, /libnccl\.so\.(\d+\.\d+\.\d+)/g, /nccl\.h$/, ['NCCL_MAJOR', 'NCCL_MINOR', 'NCCL_PATCH']),
  }
}
