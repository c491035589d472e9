import { expect, test } from 'vitest'
import type { Context, Problem, Signature } from '../../src/model/problem.ts'
import { explainText } from '../../src/doctor/explain.ts'
import { patternPieces, piecesOf } from '../../src/doctor/explain-signatures.ts'
import { aboutWords, frameworkNamed } from '../../src/doctor/explain-words.ts'
import { compatibility, idsIn, problems } from './catalogue.ts'

const model = problems[0]!
const made = (id: string, text: string, more: Partial<Problem> = {}): Problem => ({
  ...model,
  id,
  severity: 'broken',
  confidence: 'A',
  after: [],
  causes: [],
  signatures: [{ text, pattern: null, example: text, counterExample: null, when: [], notWhen: [] }],
  ...more,
})
const order = (...list: Problem[]): string[] =>
  explainText('alpha failed here\nbeta failed here\ngamma failed here\n', list).matches.map(({ problem }) => problem.id)

test('broken before degraded before benign, then confidence, then place', () => {
  expect(
    order(
      made('c', 'gamma failed', { severity: 'benign' }),
      made('b', 'beta failed', { severity: 'degraded' }),
      made('a', 'alpha failed'),
    ),
  ).toEqual(['a', 'b', 'c'])
  expect(order(made('a', 'alpha failed', { confidence: 'B' }), made('b', 'beta failed'))).toEqual(['b', 'a'])
  expect(order(made('b', 'beta failed'), made('a', 'alpha failed'))).toEqual(['a', 'b'])
})

test('a cause before what follows from it, even when it is less loud; a circle does no harm', () => {
  expect(
    order(
      made('a', 'alpha failed', { causes: ['c'] }),
      made('b', 'beta failed'),
      made('c', 'gamma failed', { severity: 'degraded', confidence: 'C' }),
    ),
  ).toEqual(['c', 'a', 'b'])
  expect(order(made('a', 'alpha failed', { after: ['b'] }), made('b', 'beta failed', { causes: ['a'] }))).toEqual(['a', 'b'])
  expect(order(made('a', 'alpha failed', { causes: ['b'] }), made('b', 'beta failed', { causes: ['a'] })).toSorted()).toEqual([
    'a',
    'b',
  ])
  expect(order(made('a', 'alpha failed', { causes: ['c'] }), made('c', 'gamma failed', { severity: 'benign' }))).toEqual([
    'c',
    'a',
  ])
})

const anywhere: Context = { text: null, pattern: null, within: null, later: false }
const read = (log: string[], beside: Partial<Pick<Signature, 'when' | 'notWhen'>>): (number | null)[] => {
  const signature = { text: 'alpha failed', pattern: null, example: '', counterExample: null, when: [], notWhen: [], ...beside }
  return explainText(log.join('\n'), [made('a', 'x', { signatures: [signature] })]).matches.map(({ line }) => line)
}
const calm = (count: number): string[] => Array.from({ length: count }, () => 'all is well')

test('what the log says against a problem takes it back, before or after', () => {
  const said = (text: string): Context[] => [{ ...anywhere, text }]
  const log = ['alpha failed here', 'beta failed here', 'gamma failed here']
  expect(read(log, { notWhen: said('gamma … here') })).toEqual([])
  expect(read(log.toReversed(), { notWhen: said('gamma … here') })).toEqual([])
  expect(read(log, { notWhen: said('delta') })).toEqual([1])
})

test('what comes later takes back what came before it, and no more', () => {
  const notWhen = [{ ...anywhere, text: 'beta is up', later: true }]
  expect(read(['alpha failed', ...calm(9), 'beta is up'], { notWhen })).toEqual([])
  expect(read(['beta is up', 'alpha failed'], { notWhen })).toEqual([2])
  expect(read(['alpha failed', 'beta is up', ...calm(50_000), 'alpha failed', 'alpha failed'], { notWhen })).toEqual([50_003])
  expect(read(Array.from({ length: 99 }, () => ['alpha failed', 'beta is up']).flat(), { notWhen })).toEqual([])
})

test('what must, or must not, stand near', () => {
  const pattern = '(?:beta|gamma) \\d+'
  const near = (within: number): Context[] => [{ ...anywhere, pattern, within }]
  const log = [...calm(5000), 'beta 7', ...calm(3), 'alpha failed', ...calm(5000)]
  expect(read(log, { when: near(4) })).toEqual([5005])
  expect(read(log.toReversed(), { when: near(4) })).toEqual([5001])
  expect(read(log, { when: near(3) })).toEqual([])
  expect(read(log, { notWhen: near(4) })).toEqual([])
  expect(read(log, { notWhen: near(3) })).toEqual([5005])
  expect(read(['alpha failed: beta 7', 'alpha failed'], { notWhen: near(0) })).toEqual([2])
  expect(read(['alpha failed', 'alpha failed: beta 7'], { when: near(0) })).toEqual([2])
  expect(read(['alpha failed', ...calm(30)], { when: [{ ...anywhere, text: 'delta' }] })).toEqual([])
  expect(read(['alpha failed', ...calm(5000), 'delta'], { when: [{ ...anywhere, text: 'delta' }] })).toEqual([1])
})

test('a text that is mostly harmless is still found where it is not', () => {
  const notWhen = [{ ...anywhere, text: 'ignoring', within: 0 }]
  const harmless = Array.from({ length: 5000 }, (_, index) => `ignoring alpha failed ${index}`)
  expect(read([...harmless, 'server: alpha failed', ...harmless], { notWhen })).toEqual([5001])
})

test('root causes of the catalogue come first', () => {
  expect(
    idsIn("nvcc fatal   : Unsupported gpu architecture 'compute_121'\n-- The CUDA compiler identification is NVIDIA 12.0.140\n"),
  ).toEqual(['nvcc-shadowed-by-distro-package', 'nvcc-too-old-for-sm121'])
  expect(idsIn("Could not import module 'ProcessorMixin'\noperator torchvision::nms does not exist\n")).toEqual([
    'torchvision-torch-mismatch',
    'transformers-processormixin-import-crash',
  ])
  expect(idsIn('NVIDIA GB10, [N/A], 12.1\nTorch not compiled with CUDA enabled\n')).toEqual([
    'torch-cpu-only-wheel',
    'nvidia-smi-memory-not-supported',
  ])
})

test('every signature has a piece by which it is found', () => {
  for (const { id, signatures } of problems) {
    for (const { text, pattern } of signatures) {
      const pieces = text === null ? patternPieces(pattern ?? '') : piecesOf(text)
      expect(pieces.length, `${id}: ${text ?? pattern}`).toBeGreaterThan(0)
      for (const piece of pieces) expect(piece.length, `${id}: ${piece}`).toBeGreaterThanOrEqual(5)
    }
  }
  expect(patternPieces(String.raw`(SW|HW) Thermal Slowdown\s*:\s*[1-9]`)).toEqual(['thermalslowdown:'])
  expect(patternPieces('foo bar baz|x?other one')).toEqual(['foobarbaz', 'otherone'])
})

test('words and frameworks', () => {
  expect(aboutWords('ptxas sm_121a', problems).map(({ problem }) => problem.id)).toContain('triton-ptxas-sm121a')
  expect(aboutWords('the weather in spring', problems)).toEqual([])
  expect(aboutWords('', problems)).toEqual([])
  for (const word of ['vllm', 'PyTorch', 'llama.cpp', 'onnxruntime-gpu'])
    expect(frameworkNamed(word, compatibility), word).not.toBeNull()
  expect(frameworkNamed('nothing', compatibility)).toBeNull()
})

test('what a container cannot start is its image first, what a shell cannot start the program', () => {
  expect(idsIn('0.144 exec /bin/sh: exec format error')[0]).toBe('image-platform-mismatch')
  expect(idsIn('bash: ./server: cannot execute binary file: Exec format error')[0]).toBe('wrong-architecture-binary')
})

test('a network device that was lost before the connection that timed out', () => {
  const lost = 'mlx5_core 0000:01:00.0: mlx5_pci_err_detected Device state = 1'
  expect(idsIn(`NCCL WARN Call to ibv_modify_qp failed with 110 Connection timed out\n${lost}`)).toEqual([
    'cx7-pcie-fatal-error',
    'nccl-peer-unreachable',
  ])
})
