import type { Fact } from '../model/fact.ts'
import { derived, tool, type Reading } from './reading.ts'

/**
 * One Python environment that holds a package of the list below, read from files, never imported. Each package stands under its
 * own name with its version (`torch`, `onnxruntime-gpu`, …).
 */
export type Environment = {
  path: string
  kind: 'venv' | 'conda' | 'user' | 'system' | 'listed'
  python: string | null
  /** The build of torch: `cu130`, `cpu`, … as its version says; absent when it says none. */
  torchBuild?: string
  /** CUDA version torch was built for, `none` for a CPU build. */
  torchCuda?: string
  torchvisionBuild?: string
  /** The package whose files lie in the one folder that both ONNX Runtime packages use. */
  onnxruntimeModule?: string
  [packageName: string]: string | null | undefined
}

const PACKAGES = new Set(
  `torch torchvision torchaudio torchcodec triton onnxruntime onnxruntime-gpu transformers tokenizers flash-attn flash-attn-3 rapidocr docling
   docling-slim vllm sglang sgl-kernel sglang-kernel flashinfer-python bitsandbytes xformers tensorrt tensorrt-cu12 tensorrt-cu13 tensorflow
   paddlepaddle paddlepaddle-gpu paddleocr ctranslate2 faster-whisper jax jaxlib cupy-cuda12x cupy-cuda13x numba-cuda warp-lang decord
   nvidia-cudnn-cu12 nvidia-cudnn-cu13 nvidia-cuda-runtime-cu12 nvidia-cuda-nvrtc-cu12 nvidia-nccl-cu12 nvidia-nccl-cu13 opencv-python
   opencv-python-headless transformer-engine`.split(/\s+/),
)

const DIST = /^(\/.*\/(?:site|dist)-packages)\/([A-Za-z0-9_.-]+?)-(\d[^/]*?)(?:-py\d[\d.]*)?\.(?:dist-info|egg-info)\/?$/
const normal = (name: string): string => name.toLowerCase().replaceAll(/[._-]+/g, '-')

/** Whether the environments' fact tells about a package. */
export const isTold = (name: string): boolean => PACKAGES.has(normal(name))

/** `/home/u/venv/lib/python3.12/site-packages` → where the environment is, which Python, and what kind it is. */
const homeOf = (site: string): Pick<Environment, 'path' | 'kind' | 'python'> => {
  const found = /^(.*)\/lib\/python(3(?:\.\d+t?)?)\/((?:site|dist)-packages)$/.exec(site)
  const path = found?.[1] ?? site
  const kind =
    found?.[3] === 'dist-packages'
      ? 'system'
      : path.endsWith('/.local')
        ? 'user'
        : /conda|mamba|miniforge/.test(path)
          ? 'conda'
          : 'venv'
  return { path: kind === 'system' || kind === 'user' ? site : path, kind, python: found?.[2] ?? null }
}

const buildOf = (version: string): string | undefined => /\+(cu\d+|cpu|rocm[\d.]*)/.exec(version)?.[1]

/** What `torch/version.py` and its like state. */
const fromVersionFile = (r: Reading, env: Environment): void => {
  const version = /^__version__(?:\s*:\s*\w+)?\s*=\s*['"]([^'"]+)['"]/m.exec(r.text)?.[1]
  if (r.path?.endsWith('/torch/version.py')) {
    const cuda = /^cuda(?:\s*:\s*[\w[\]]+)?\s*=\s*(?:['"]([\d.]+)['"]|(None))/m.exec(r.text)
    if (cuda) env.torchCuda = cuda[1] ?? 'none'
    const build = version === undefined ? undefined : buildOf(version)
    if (build !== undefined) env.torchBuild = build
    if (version !== undefined) env['torch'] ??= version
  }
  if (r.path?.endsWith('/torchvision/version.py') && version !== undefined) {
    const build = buildOf(version)
    if (build !== undefined) env.torchvisionBuild = build
  }
  const name = /^package_name\s*=\s*['"]([^'"]+)['"]/m.exec(r.text)?.[1]
  if (r.path?.endsWith('/build_and_package_info.py') && name !== undefined) env.onnxruntimeModule = normal(name)
}

/** Builds that the version itself tells: `2.14.0+cu130`. */
const completed = (env: Environment): Environment => {
  const build = env.torchBuild ?? buildOf(env['torch'] ?? '')
  if (build !== undefined) {
    env.torchBuild = build
    env.torchCuda ??= build === 'cpu' ? 'none' : build.replace(/^cu(\d+)(\d)$/, '$1.$2')
  } else if (env.torchCuda === 'none') env.torchBuild = 'cpu'
  const vision = env.torchvisionBuild ?? buildOf(env['torchvision'] ?? '')
  if (vision !== undefined) env.torchvisionBuild = vision
  return env
}

/** `pip list`, whole or searched through. */
const fromPip = (r: Reading): Environment[] => {
  const found = [...r.text.matchAll(/^([A-Za-z0-9][\w.-]*)(?:\s+|==)(\d\S*)[ \t]*(?:\S.*)?$/gm)]
    .map((m) => [normal(m[1] ?? ''), m[2] ?? ''] as const)
    .filter(([name]) => PACKAGES.has(name))
  return found.length === 0 ? [] : [completed({ path: r.source, kind: 'listed', python: null, ...Object.fromEntries(found) })]
}

/**
 * Fact `python.environments`: every Python environment with packages that matter on a GPU machine. Empty = looked, none found;
 * partial = some could not be looked at.
 */
export const environmentFacts = (readings: readonly Reading[]): Record<string, Fact> => {
  const found = new Map<string, Environment>()
  const at = (site: string): Environment => {
    const env = found.get(site) ?? (homeOf(site) as Environment)
    found.set(site, env)
    return env
  }
  for (const r of readings) {
    if (r.status !== 'ok') continue
    if (r.tool === 'ls')
      for (const line of r.text.split('\n')) {
        const [, site, name, version] = DIST.exec(line.trim()) ?? []
        if (site !== undefined && PACKAGES.has(normal(name ?? ''))) at(site)[normal(name ?? '')] = version ?? null
      }
    const site = /^(\/.*\/(?:site|dist)-packages)\/(?:torch|torchvision|onnxruntime)\//.exec(r.path ?? '')?.[1]
    if (site !== undefined) fromVersionFile(r, at(site))
  }
  const pip = tool('pip', (args) => args.includes('list') || args.includes('freeze'))
  const listed = readings.filter((r) => r.status === 'ok' && (pip(r) || (tool('uv')(r) && r.args[0] === 'pip'))).flatMap(fromPip)
  const environments = [...[...found.values()].map(completed), ...listed]
  const asked = readings.filter((r) => r.tool === 'ls' && r.args.some((a) => a.endsWith('.dist-info')))
  const missed = asked.some(({ status }) => status !== 'ok' && status !== 'absent')
  const looked = asked.length > 0 && !missed
  const fact = derived(environments.length > 0 || looked ? environments : null, 'installed packages (dist-info folders)')
  return { 'python.environments': missed && fact.value !== null ? { ...fact, partial: true } : fact }
}
