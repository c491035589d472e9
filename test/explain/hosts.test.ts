import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { explain } from './catalogue.ts'

/** Recordings of real machines that lie beside the project where there are any. */
const folder = fileURLToPath(new URL('../../../shared/hosts', import.meta.url))

/** What the pasted logs and errors of these machines hold; every other log and error there holds nothing known. */
const EXPECTED: Record<string, string[]> = {
  'error-snippets/ggml-cuda-init-failed.txt': ['llama-zero-layers-offloaded'],
  'error-snippets/libcudart12-missing-import.txt': ['cuda12-runtime-library-missing'],
  'error-snippets/libcudart12-missing-llama-server.txt': ['cuda12-runtime-library-missing'],
  'error-snippets/libcudart12-missing-oserror.txt': ['cuda12-runtime-library-missing'],
  'error-snippets/nvrtc-invalid-arch-5070ti.txt': ['torch-cu128-nvrtc-invalid-arch'],
  'error-snippets/nvrtc-invalid-arch-gb10.txt': ['torch-cu128-nvrtc-invalid-arch'],
  'error-snippets/onnxruntime-cuda-provider-missing.txt': ['onnxruntime-cpu-fallback'],
  'error-snippets/torch-warning-gb10-old-format.txt': ['torch-gb10-capability-range-warning'],
  'gb10-fwdcompat-container-580.159.03/sglang-memory-fallback-line.txt': ['nvidia-smi-memory-not-supported'],
  'gb10-gigabyte-docker-28.5.1/docker-run-exec-format-error.txt': ['image-platform-mismatch', 'wrong-architecture-binary'],
  'gb10-ollama-gpu-vs-cpu/ollama-log-cpu-fallback.txt': ['llama-zero-layers-offloaded'],
  'gb10-triton-ptxas/triton-ptxas-error.txt': ['triton-ptxas-sm121a'],
  'gb10-vllm31588-cu129/vllm-collect-env.txt': ['torch-gb10-capability-range-warning'],
}

const hosts = existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/host.yaml`)) : []
const found = (path: string): string[] =>
  explain(readFileSync(`${folder}/${path}`, 'utf8'))
    .matches.map(({ problem }) => problem.id)
    .toSorted()

describe.skipIf(hosts.length === 0)('real machines', () => {
  test.each(hosts)('%s: logs and errors', (host) => {
    const { texts = [] } = parse(readFileSync(`${folder}/${host}/host.yaml`, 'utf8')) as { texts?: { file: string }[] }
    for (const { file } of texts) expect(found(`${host}/${file}`), file).toEqual(EXPECTED[`${host}/${file}`] ?? [])
  })

  test.each(hosts)('%s: what else was printed there is at most what nvidia-smi itself complains of', (host) => {
    const printed = readdirSync(`${folder}/${host}`).filter(
      (name) => name.endsWith('.txt') && EXPECTED[`${host}/${name}`] === undefined,
    )
    const known = new Set([
      'nvidia-smi-memory-not-supported',
      'driver-not-loaded',
      'no-devices',
      'nvidia-smi-missing',
      'cuda-version-err',
      'insufficient-permissions',
      'driver-library-version-mismatch',
      'thermal-slowdown',
    ])
    for (const name of printed)
      expect(
        found(`${host}/${name}`).filter((id) => !known.has(id)),
        name,
      ).toEqual([])
  })

  test('a healthy Ollama that skips one of its libraries is healthy', () => {
    expect(found('gb10-ollama-0.30.5/systemctl-status-ollama.txt')).toEqual([])
    expect(found('gb10-ollama-gpu-vs-cpu/ollama-log-gpu.txt')).toEqual([])
  })
})
