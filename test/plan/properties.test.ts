import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keyOf } from '../../src/model/change.ts'
import { catalogIn, planOf, type Situation } from './support.ts'

const catalog = catalogIn('test/plan/recipes')
const real = catalogIn('recipes')

const python = fc.constantFrom('3.8.1', '3.10.4', '3.11.2', '3.12.3', '3.13.1', '3.14.0').map((version) => ({
  path: `/usr/bin/python${version.split('.').slice(0, 2).join('.')}`,
  version,
}))

const machine = fc.record({
  arch: fc.constantFrom('aarch64', 'x86_64', 'riscv64', null),
  pythons: fc.option(fc.array(python, { maxLength: 4 })),
  uv: fc.constantFrom('none' as const, null, { path: '/usr/bin/uv', version: '1.4.0' }, { path: '/usr/bin/uv', version: '0.1' }),
  disks: fc.option(fc.array(fc.record({ mount: fc.constantFrom('/', '/home'), freeBytes: fc.nat(20e9) }), { maxLength: 2 })),
})

const set = fc.dictionary(
  fc.constantFrom(
    'path',
    'alpha.path',
    'beta.path',
    'models',
    'engine',
    'version',
    'python',
    'installer',
    'index',
    'torch',
    'ocr',
    'x',
  ),
  fc.oneof(
    fc.constantFrom(
      '/srv/a',
      '~/b',
      '/home/me/beta',
      '/home/me/.cache/gb10/c',
      'torch',
      'onnx',
      '3.12',
      'pip',
      '2.1.0',
      'default',
    ),
    fc.string({ maxLength: 10 }),
  ),
  { maxKeys: 3 },
)

const situation = (recipes: string[]): fc.Arbitrary<Situation> =>
  fc.record({ recipes: fc.subarray(recipes), set, machine, foreign: fc.subarray(['/home/me/beta', '/srv/a']) })

it.each([
  ['the cases', catalog, ['alpha', 'beta', 'alhpa']],
  ['gb10', real, ['torch-cu130', 'docling']],
] as const)('plans of %s: the same input gives the same plan, paths are absolute, no key comes twice', (_, used, recipes) => {
  fc.assert(
    fc.property(situation([...recipes]), (input) => {
      const plan = planOf(used, input)
      expect(planOf(used, structuredClone(input))).toEqual(plan)
      const keys = plan.changes.map(({ want }) => keyOf(want))
      expect(new Set(keys).size).toBe(keys.length)
      for (const { want } of plan.changes) if (want.kind !== 'exec') expect(want.path).toMatch(/^\/[^\p{Cc}]*$/u)
      for (const { reason } of plan.refused) expect(reason).not.toBe('')
    }),
    { numRuns: 300 },
  )
})

it('plans nothing more once a plan was applied', () => {
  fc.assert(
    fc.property(situation(['alpha', 'beta']), (input) => {
      const first = planOf(catalog, input)
      const second = planOf(catalog, { ...input, after: [input] })
      const done = first.recipes.map(({ name }) => name)
      expect(second.changes.filter(({ recipe }) => done.includes(recipe))).toEqual([])
    }),
    { numRuns: 200 },
  )
})
