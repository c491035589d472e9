import { describe, expect, it } from 'vitest'
import { judge } from '../../src/doctor/judge.ts'
import { environmentFacts } from '../../src/facts/environments.ts'
import { readingsOf } from '../../src/facts/reading.ts'
import { inRange } from '../../src/model/version-range.ts'
import { factsOf, problems } from './machine.ts'

/** Versions as they stand in environments of a Spark: wheels, NVIDIA's images, nightlies, builds from source, conda. */
describe('what kind of version stands before a limit', () => {
  it.each([
    ['3.6.0rc1', '<3.6-pre', false],
    ['3.5.9', '<3.6-pre', true],
    ['2.10.0a0+b558c986e8.nv25.11', '>=2.10-pre <2.11-pre', true],
    ['2.10.0a0+b558c986e8.nv25.11', '<2.10', true],
    ['2.15.0.dev20261015+cu130', '>=2.15-pre', true],
    ['0.48.0.dev0', '<0.48-pre', false],
    ['1.17.7~rc.1', '<1.17.7', true],
    ['1.17.7-rc.1', '<1.17.7', true],
    ['2.9.1+cu130.with.pypi.cudnn', '>=2.9.1', true],
    ['0.3.21.post3', '<=0.3.21', true],
    ['6.17.0-arm64', '>=6.17', true],
    ['0.30.5-cuda', '<0.30.5', false],
    ['10.14.1.48', '<10.14.1', false],
  ])('%s in %s: %s', (version, range, wanted) => expect(inRange(version, range)).toBe(wanted))
})

/** The verdict on one environment: its packages by `pip list`, with the CUDA of its torch where `torch/version.py` tells it. */
const verdictOn = (id: string, packages: string, cuda: string | null): string => {
  const blank = { status: 'ok', stderr: '', exitCode: 0, excerpt: false, ms: 0 } as const
  const site = '/home/user/venv/lib/python3.12/site-packages'
  const list = packages.split(' ').map((one) => `${site}/${one.replace('==', '-')}.dist-info\n`)
  const torch = /(?:^| )torch==(\S+)/.exec(packages)?.[1]
  const facts = environmentFacts(readingsOf([
    { ...blank, argv: ['ls', `${site}/*.dist-info`], text: list.join('') },
    ...(torch === undefined ? [] : [{ ...blank, path: `${site}/torch/version.py`, text: `__version__ = '${torch}'\ncuda = ${cuda === null ? 'None' : `'${cuda}'`}\n` }]),
  ]))
  const given = { 'machine.dgxSpark': 'yes', 'environment.variables': {}, 'models.cached': ['deepseek-ai/DeepSeek-OCR'], 'driver.version': '580.95.05' }
  const [verdict] = judge(problems.filter((problem) => problem.id === id), { ...factsOf(given), ...facts })
  return verdict!.status === 'fail' ? verdict!.severity : verdict!.status
}

const NGC2509 = 'torch==2.9.0a0+50eac811a6.nv25.09 torchvision==0.24.0a0+98f8b375 triton==3.4.0+gitc5d671f9'
const NGC2511 = 'torch==2.10.0a0+b558c986e8.nv25.11 torchvision==0.25.0a0+ca221243 triton==3.5.0+git'

const cases: [id: string, packages: string, cuda: string | null, verdict: string][] = [
  ['triton-ptxas-sm121a', 'torch==2.9.1+cu130 triton==3.5.1', '13.0', 'pass'],
  ['triton-ptxas-sm121a', 'torch==2.9.0+cu130.with.pypi.cudnn triton==3.5.0', '13.0', 'pass'],
  ['triton-ptxas-sm121a', 'torch==2.10.0.dev20251015+cu130 triton==3.5.0+git7416ffcb', '13.0', 'pass'],
  ['triton-ptxas-sm121a', NGC2509, '13.0', 'pass'],
  ['triton-ptxas-sm121a', NGC2511, '13.0', 'pass'],
  ['triton-ptxas-sm121a', 'torch==2.7.0a0+ecf3bae40a.nv25.02 triton==3.2.0', '12.8', 'error'],
  ['triton-ptxas-sm121a', 'torch==2.9.1 triton==3.5.1', '12.9', 'unknown'],
  ['triton-ptxas-sm121a', 'torch==2.9.1a0+gitd38164a triton==3.5.1', '13.0', 'unknown'],
  ['triton-ptxas-sm121a', 'torch==2.9.1+cu129 triton==3.5.1', '12.9', 'error'],
  ['triton-ptxas-sm121a', 'torch==2.9.1+cpu triton==3.5.1', null, 'pass'],
  ['triton-ptxas-sm121a', 'torch==2.10.0+cu130 triton==3.6.0rc1', '13.0', 'pass'],
  ['torchvision-torch-mismatch', NGC2509, '13.0', 'pass'],
  ['torchvision-torch-mismatch', NGC2511, '13.0', 'pass'],
  ['torchvision-torch-mismatch', 'torch==2.10.0a0+b558c986e8.nv25.11 torchvision==0.24.0', '13.0', 'error'],
  ['torchvision-torch-mismatch', 'torch==2.9.1+cu130 torchvision==0.24.1a0+b919bd0', '13.0', 'pass'],
  ['torchvision-torch-mismatch', 'torch==2.12.0+cu130 torchvision==0.27.0a0+b919bd0', '13.0', 'pass'],
  ['torchvision-torch-mismatch', 'torch==2.12.0+cu130 torchvision==0.26.0a0+b919bd0', '13.0', 'error'],
  ['torchvision-torch-mismatch', 'torch==2.11.0.dev20260110+cu130 torchvision==0.25.0.dev20260110+cu130', '13.0', 'pass'],
  ['torchvision-torch-mismatch', 'torch==2.15.0.dev20261015+cu130 torchvision==0.29.0.dev20261015+cu130', '13.0', 'pass'],
  ['torchvision-torch-mismatch', 'torch==2.14.0+cu130 torchvision==0.30.0.dev20261015+cu130', '13.0', 'error'],
  ['torchvision-torch-mismatch', 'torch==2.10.0rc1+cu130 torchvision==0.25.0rc1+cu130', '13.0', 'pass'],
  ['torchvision-torch-mismatch', 'torch==2.10.0rc1+cu130 torchvision==0.24.0+cu130', '13.0', 'error'],
  ['torchvision-torch-mismatch', 'torch==2.9.1+cu130 torchvision==0.24.1', '13.0', 'error'],
  ['torchvision-torch-mismatch', 'torch==2.9.1+cu130 torchvision==0.24.1+cpu', '13.0', 'error'],
  ['torchvision-torch-mismatch', 'torch==2.9.1 torchvision==0.24.1', '12.9', 'pass'],
  ['torch-wheel-lacks-sm12x', NGC2511, '13.0', 'pass'],
  ['torch-wheel-lacks-sm12x', 'torch==2.15.0.dev20261015+cu130', '13.0', 'pass'],
  ['torch-wheel-lacks-sm12x', 'torch==2.9.1+cu126', '12.6', 'error'],
  ['torch-cpu-only-wheel', NGC2511, '13.0', 'pass'],
  ['torch-cpu-only-wheel', 'torch==2.9.1a0+gitd38164a', '13.0', 'pass'],
  ['torch-cu128-nvrtc-invalid-arch', 'torch==2.9.1+cu130.with.pypi.cudnn', '13.0', 'pass'],
  ['ptx-newer-than-driver', 'torch==2.11.0a0+eb65b36914.nv26.02', '13.1', 'warning'],
  ['bitsandbytes-cuda-binary-missing', 'torch==2.9.1+cu130 bitsandbytes==0.48.0.dev0', '13.0', 'pass'],
  ['bitsandbytes-cuda-binary-missing', 'torch==2.9.1+cu130 bitsandbytes==0.47.0', '13.0', 'error'],
  ['onnxruntime-cuda-session-fails', 'onnxruntime_gpu==1.24.0.dev20251103002', null, 'pass'],
  ['onnxruntime-cuda-session-fails', 'onnxruntime_gpu==1.23.2', null, 'info'],
  ['transformers-llamaflashattention2-removed', 'transformers==4.48.0.dev0', null, 'info'],
  ['transformers-llamaflashattention2-removed', 'transformers==4.47.1', null, 'pass'],
  ['sglang-sgl-kernel-load-failure', 'sgl_kernel==0.3.21.post3', null, 'error'],
  ['tensorrt-sm121-old-release', 'tensorrt==10.14.1.48', null, 'pass'],
]

it.each(cases)('%s on %s, CUDA %s: %s', (id, packages, cuda, verdict) => expect(verdictOn(id, packages, cuda)).toBe(verdict))
