import { describe, expect, it } from 'vitest'
import { isJudged } from '../../src/doctor/order.ts'
import { detect } from '../../src/facts/detect.ts'
import type { Condition, Test } from '../../src/model/problem.ts'
import { compatibility, data, problems } from '../doctor/machine.ts'

const ids = problems.map(({ id }) => id)

/** What a health check of a GB10 has to judge, and the problem that does it; `log` = it can only be seen or measured elsewhere. */
const SEEDS: Record<string, [id: string, side: 'machine' | 'log']> = {
  'the machine is a GB10': ['platform-not-recognised', 'machine'],
  'a driver process in state D': ['driver-process-stuck', 'machine'],
  'the driver answers in time': ['driver-not-responding', 'machine'],
  'Xid in this boot': ['kernel-xid-this-boot', 'machine'],
  'library and module differ': ['driver-library-version-mismatch', 'machine'],
  'open kernel modules': ['proprietary-kernel-modules', 'machine'],
  'a staged update': ['driver-staged-update', 'machine'],
  'pressure on unified memory': ['unified-memory-pressure', 'machine'],
  'the page cache': ['page-cache-counted-as-used', 'machine'],
  'two GPU servers': ['two-gpu-servers', 'machine'],
  'KHO and CMA': ['kernel-7-cma-pinning', 'machine'],
  'CPPC autonomous selection': ['cppc-autonomous-off', 'machine'],
  'low clock under load': ['gpu-low-power-state', 'machine'],
  'busy but idle': ['gpu-busy-but-idle', 'machine'],
  'hidden slow state': ['gpu-hidden-slow-state', 'log'],
  'staged firmware': ['firmware-staged-not-running', 'machine'],
  'how the last boot ended': ['sudden-power-off-no-log', 'machine'],
  'CUDA 12 wheels on CUDA 13': ['cuda12-runtime-library-missing', 'machine'],
  'the architectures of torch': ['torch-wheel-lacks-sm12x', 'machine'],
  'a shadowing nvcc': ['nvcc-shadowed-by-distro-package', 'machine'],
  '12.6 as the chosen compiler': ['nvcc-too-old-for-sm121', 'machine'],
  'a CPU torch': ['torch-cpu-only-wheel', 'machine'],
  'a cu128 torch': ['torch-cu128-nvrtc-invalid-arch', 'machine'],
  'cu132 wheels on driver 580': ['ptx-newer-than-driver', 'machine'],
  'two ONNX Runtime packages': ['onnxruntime-cpu-fallback', 'machine'],
  'Triton 3.5 and older': ['triton-ptxas-sm121a', 'machine'],
  'a stale TRITON_PTXAS_PATH': ['stale-gb10-env-overrides', 'machine'],
  TensorFlow: ['tensorflow-cpu-only-aarch64', 'machine'],
  PaddlePaddle: ['paddlepaddle-no-aarch64-gpu', 'machine'],
  'DeepSeek-OCR v1 and transformers 4.48': ['transformers-llamaflashattention2-removed', 'machine'],
  'patches of DeepSeek-OCR-Web': ['deepseek-ocr-web-patches', 'machine'],
  'links of libcudart.so.12': ['cuda-compat-symlink-leftover', 'machine'],
  'a GPU path into containers': ['docker-gpu-runtime-missing', 'machine'],
  'no CDI specification': ['cdi-spec-missing', 'machine'],
  'a stale CDI specification': ['cdi-spec-stale', 'machine'],
  'no permission for Docker': ['docker-socket-permission-denied', 'machine'],
  'no Docker daemon': ['docker-daemon-down', 'machine'],
  'Docker from snap': ['docker-from-snap', 'machine'],
  'conflicting apt sources': ['apt-signed-by-conflict', 'machine'],
  'one rail of ConnectX-7': ['nccl-single-rail', 'machine'],
  'Ollama on the CPU': ['llama-zero-layers-offloaded', 'machine'],
  'OLLAMA_LLM_LIBRARY=cuda': ['ollama-llm-library-invalid', 'machine'],
  'old Ollama and hybrid models': ['ollama-old-hybrid-models-on-cpu', 'machine'],
  'the benign warning about 12.1': ['torch-gb10-capability-range-warning', 'log'],
  candle: ['candle-cuda-on-gb10', 'log'],
  'a program for x86_64': ['wrong-architecture-binary', 'log'],
}

describe('the catalogue', () => {
  it.each(Object.entries(SEEDS))('has: %s', (_what, [id, side]) => {
    const problem = problems.find((one) => one.id === id)
    expect(problem && (isJudged(problem) ? 'machine' : 'log')).toBe(side)
  })

  it('names only facts that detection gives', () => {
    const known = Object.keys(detect([], data).facts)
    const isKnown = (path: string): boolean =>
      known.some((id) => path === id || path.startsWith(`${id}.`) || path.startsWith(`${id}[`))
    const pathsOf = (condition: Condition | null): string[] => {
      if (condition === null) return []
      if ('all' in condition) return condition.all.flatMap(pathsOf)
      if ('any' in condition) return condition.any.flatMap(pathsOf)
      return 'not' in condition ? pathsOf(condition.not) : [condition.path, ...condition.tests.flatMap(named)]
    }
    const named = (test: Test): string[] =>
      'value' in test && typeof test.value === 'object' && test.value !== null && 'fact' in test.value ? [test.value.fact] : []
    for (const { id, appliesTo, needs, fail, warn, note, unsure } of problems) {
      const paths = [...needs.facts, ...[appliesTo, fail, warn, note, unsure].flatMap(pathsOf)]
      expect({ id, unknown: paths.filter((path) => !isKnown(path)) }).toEqual({ id, unknown: [] })
    }
  })

  it('gives every problem a way to mend it, and every reference a date', () => {
    for (const { id, fix, references } of problems) {
      expect(fix.text, id).toMatch(/\.$/)
      for (const { url, checked } of references) expect(`${url} ${checked}`).toMatch(/^https:\/\/\S+ 20\d\d-\d\d-\d\d$/)
    }
  })

  it('gives every error that a machine can show a reference', () => {
    expect(
      problems.filter((one) => isJudged(one) && one.severity === 'broken' && one.references.length === 0).map(({ id }) => id),
    ).toEqual([])
  })

  it('shows regressions with their end', () => {
    expect(problems.find(({ id }) => id === 'kernel-7-cma-pinning')?.until).not.toBeNull()
  })
})

describe('the compatibility table', () => {
  it('has each name once and rests on problems that exist', () => {
    const names = compatibility.flatMap(({ name, also }) => [name, ...also])
    expect(new Set(names).size).toBe(names.length)
    expect(compatibility.flatMap((row) => row.problems).filter((id) => !ids.includes(id))).toEqual([])
    expect(compatibility.length).toBeGreaterThanOrEqual(33)
  })
  it.each(['torch', 'pytorch', 'triton', 'onnxruntime-gpu', 'tensorflow', 'paddlepaddle', 'vllm', 'ollama', 'candle', 'docling'])(
    'knows %s',
    (name) => {
      expect(compatibility.some((row) => row.name === name || row.also.includes(name))).toBe(true)
    },
  )
})
