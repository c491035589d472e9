import type { Probe } from '../host/probe.ts'
import type { Fact, FactStatus } from '../model/fact.ts'
import type { Environment } from './environments.ts'
import { derived, type Reading } from './reading.ts'

/** The module that a distribution brings, where it has another name. */
const MODULES: Record<string, string> = {
  'flash-attn': 'flash_attn',
  'onnxruntime-gpu': 'onnxruntime',
  'sgl-kernel': 'sgl_kernel',
  'transformer-engine': 'transformer_engine',
  'docling-slim': 'docling',
  'opencv-python': 'cv2',
  'opencv-python-headless': 'cv2',
  'paddlepaddle-gpu': 'paddle',
  paddlepaddle: 'paddle',
  'cupy-cuda12x': 'cupy',
  'cupy-cuda13x': 'cupy',
}
/** Others whose import says something about the machine. What is not here is read from its files only. */
const PLAIN =
  `torch torchvision torchaudio triton onnxruntime transformers tokenizers rapidocr docling vllm sglang bitsandbytes xformers
  tensorrt tensorflow ctranslate2 jax decord`.split(/\s+/)

/** More environments than this are not imported from, and the check then says that it could not tell. */
export const MOST_ENVIRONMENTS = 8
/** How long each child may take. */
export const LIMIT = 60_000
/** How long the GPU is kept busy: its clock needs seconds to settle. */
const LOAD_SECONDS = 10

/** The name of a Python of one version, as another may lie beside it. A virtual environment of 3.9 or older has only `python3`. */
const nameOf = (version: string | null): string => (version === null || /^3\.\d$/.test(version) ? 'python3' : `python${version}`)

/** The interpreter that sees an environment's packages. */
const pythonOf = ({ path, kind, python }: Environment): string | null =>
  kind === 'venv' || kind === 'conda' ? `${path}/bin/${nameOf(python)}` : kind === 'listed' ? null : `/usr/bin/python${python ?? '3'}`

const modulesOf = (env: Environment): string[] => [
  ...new Set([
    ...PLAIN.filter((name) => env[name] !== undefined),
    ...Object.keys(MODULES).flatMap((name) => (env[name] === undefined ? [] : [MODULES[name]!])),
  ]),
]

/** One child for each environment that can be imported from; `path` names it. At most `MOST_ENVIRONMENTS`. */
export function importProbes(environments: readonly Environment[], script: string, gpu: boolean): Probe[] {
  return environments
    .flatMap((env): Probe[] => {
      const [python, modules] = [pythonOf(env), modulesOf(env)]
      if (python === null || modules.length === 0) return []
      const argv = [python, '-E', '-B', script, '--packages', modules.join(','), ...(gpu ? [] : ['--no-gpu'])] as const
      return [{ kind: 'run', argv: argv as unknown as [string, ...string[]], gpu, limit: LIMIT }]
    })
    .slice(0, MOST_ENVIRONMENTS)
}

/** How many environments would be imported from if there were no bound. */
export const importable = (environments: readonly Environment[]): number =>
  environments.filter((env) => pythonOf(env) !== null && modulesOf(env).length > 0).length

/** Keeps the GPU busy through the torch of one environment. */
export const loadProbe = (python: string, script: string): Probe => ({
  kind: 'run',
  argv: [python, '-E', '-B', script, '--load', String(LOAD_SECONDS)],
  gpu: true,
  limit: LIMIT,
})

type Import = { path: string; package: string; state: 'ok' | 'failed' | 'crashed' | 'timeout' | 'hung'; error: string | null }
type Kernel = { path: string; state: string; device: string | null; capability: string | null; error: string | null }
type Line = Record<string, unknown>

const isDeep = (r: Reading): boolean => r.args.some((arg) => arg.endsWith('/_deep.py'))
const linesOf = (r: Reading): Line[] =>
  r.text.split('\n').flatMap((line) => {
    try {
      const read: unknown = JSON.parse(line)
      return typeof read === 'object' && read !== null ? [read as Line] : []
    } catch {
      return []
    }
  })
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Whether something that a child began waits inside the kernel and nothing ended it, as the one that watched over it says. */
export const isStuck = ({ status, text }: Pick<Reading, 'status' | 'text'>): boolean => status === 'hung' || /"stuck": ?true/.test(text)

/** How a child ended that did not come to its last line. */
const endOf = (r: Reading): 'crashed' | 'timeout' | 'hung' => (isStuck(r) ? 'hung' : r.status === 'timeout' ? 'timeout' : 'crashed')

function importsOf(r: Reading): Import[] {
  const lines = linesOf(r)
  const ended = lines.filter(({ imported }) => imported !== undefined)
  const begun = lines.filter(({ importing }) => importing !== undefined)
  const path = r.toolPath ?? ''
  const all = ended.map((line): Import => {
    const error = text(line['error'])
    return { path, package: text(line['imported']) ?? '', state: error === null ? 'ok' : 'failed', error }
  })
  const cut = begun.length > ended.length ? begun.at(-1) : undefined
  return cut === undefined ? all : [...all, { path, package: text(cut['importing']) ?? '', state: endOf(r), error: null }]
}

function kernelsOf(r: Reading): Kernel[] {
  const told = linesOf(r).filter(({ kernel }) => typeof kernel === 'string')
  const last = told.at(-1)
  if (last === undefined) return []
  const state = last['kernel'] === 'begun' ? endOf(r) : (text(last['kernel']) ?? '')
  return [
    {
      path: r.toolPath ?? '',
      state,
      device: text(last['device']),
      capability: text(last['capability']),
      error: text(last['error']),
    },
  ]
}

/** Whether a child neither came to its end nor says which package stopped it. */
const isSilent = (r: Reading): boolean =>
  !linesOf(r).some(({ done }) => done === true) && importsOf(r).every(({ state }) => state === 'ok' || state === 'failed')

type Failed = { path: string; state: string; error: string | null }
/** `docling: ImportError: … (/home/user/venv/bin/python3)`: what failed, how, and where. */
const inWords = (what: string, { path, state, error }: Failed): string => `${what}: ${error ?? WORDS[state] ?? state} (${path})`
const WORDS: Record<string, string> = {
  crashed: 'it crashed',
  timeout: 'it did not end in time',
  hung: 'it hangs inside the kernel',
  wrong: 'the numbers are wrong',
}

const BUSY = 80

/** What the clock did under our own load. Without a busy GPU in every sample it says nothing. */
function loadOf(readings: readonly Reading[]): Fact {
  const asked = readings.filter((r) => r.args.includes('--load'))
  const line = asked.flatMap(linesOf).find(({ load }) => Array.isArray(load))
  const samples = (line?.['load'] ?? []) as (number | null)[][]
  const source = 'python3 (a load of our own)'
  if (asked.length === 0) return derived(null, source)
  const column = (at: number): number[] => samples.flatMap((one) => (typeof one[at] === 'number' ? [one[at]] : []))
  const [busy, clocks, watts] = [column(0), column(1), column(2)]
  if (samples.filter((one) => one.length === 3).length > 2 && clocks.length === 0) return derived(null, source, 'unsupported')
  if (busy.length < 3 || busy.length < samples.length || Math.min(...busy) < BUSY || clocks.length < 3) {
    const end = endOf(asked[0]!)
    return derived(null, source, end === 'crashed' ? 'error' : end)
  }
  const value = {
    utilizationPercent: Math.min(...busy),
    clockSmMHz: Math.max(...clocks),
    powerW: watts.length > 0 ? Math.max(...watts) : null,
    teraflops: typeof line?.['teraflops'] === 'number' ? line['teraflops'] : null,
  }
  return derived(value, source)
}

/**
 * Facts of a deep run: `python.imports` (one entry a package and interpreter: ok, failed, crashed, timeout, hung),
 * `python.untold` (what was not come to; without a value when there is any), `python.kernels` (ok, wrong, failed, unseen,
 * cpu-build, crashed, timeout, hung), `python.importFailures` and `python.kernelFailures` (the bad ones in words), `gpu.load` (the
 * highest clock and lowest utilisation under our own load).
 */
export const deepFacts = (readings: readonly Reading[]): Record<string, Fact> => {
  const deep = readings.filter((r) => isDeep(r))
  const asked = deep.filter((r) => r.args.includes('--packages'))
  const over = deep.filter((r) => r.args.includes('--left'))
  const [source] = asked.map(({ toolPath }) => toolPath ?? '')
  const imports = asked.flatMap(importsOf)
  const kernels = asked.flatMap(kernelsOf)
  const badImports = imports.filter(({ state }) => state !== 'ok').map((one) => inWords(one.package, one))
  const badKernels = kernels.filter(({ state }) => state !== 'ok' && state !== 'cpu-build').map((one) => inWords('torch', one))
  const none: FactStatus = deep.length === 0 ? 'unrecorded' : 'absent'
  const silent = asked.filter(isSilent)
  const late = over.length > 0 || silent.some(({ status }) => status === 'timeout')
  return {
    'python.imports': derived(asked.length > 0 ? imports : null, source, none),
    'python.importFailures': derived(asked.length > 0 ? badImports : null, source, none),
    'python.untold': derived(
      asked.length > 0 && silent.length === 0 && !late ? [] : null,
      source,
      late ? 'timeout' : silent.length > 0 ? 'error' : none,
    ),
    'python.kernels': derived(kernels.length > 0 ? kernels : null, source, none),
    'python.kernelFailures': derived(kernels.length > 0 ? badKernels : null, source, none),
    'gpu.load': deep.length > 0 && !deep.some((r) => r.args.includes('--load')) ? derived(null, '', 'absent') : loadOf(deep),
  }
}
