import { expect, test } from 'vitest'
import type { Problem } from '../../src/model/problem.ts'
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
  signatures: [{ text, pattern: null, example: text, counterExample: null, notWhen: [] }],
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

test('what the log says against a problem takes it back, before or after', () => {
  const signature = { text: 'alpha failed', pattern: null, example: '', counterExample: null, notWhen: ['gamma … here'] }
  expect(order(made('a', 'x', { signatures: [signature] }))).toEqual([])
  expect(order(made('a', 'x', { signatures: [{ ...signature, notWhen: ['delta'] }] }))).toEqual(['a'])
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
