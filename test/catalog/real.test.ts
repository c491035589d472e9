import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { systemChanges } from '../../src/report/system-changes.ts'
import { catalogIn, planOf } from '../plan/support.ts'

const catalog = catalogIn('recipes')
const root = new URL('../../', import.meta.url)

describe('the recipes of this repository', () => {
  it.each(['gb10', 'cpu'] as const)('plan for a %s machine by its profile, without a refusal', (like) => {
    const plan = planOf(catalog, { useProfile: true, machine: { like } })
    expect(plan.refused).toEqual([])
    expect(plan.profile?.name).toBe(like)
    expect(plan.changes.length).toBeGreaterThan(0)
  })

  it.each(catalog.recipes.map((recipe) => [recipe.name, recipe] as const))(
    '%s: every claim is dated, sizes add up',
    (_, recipe) => {
      expect(recipe.references.length).toBeGreaterThan(0)
      for (const { want, bytes } of recipe.changes) {
        if (want.kind === 'download') expect(bytes).toBe(want.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0))
      }
    },
  )

  it.each(catalog.recipes.flatMap(({ name, smoke }) => smoke.map((proof) => [name, proof])))(
    '%s: smoke/%s.py is there',
    (_, proof) => {
      expect(existsSync(new URL(`smoke/${proof}.py`, root))).toBe(true)
    },
  )

  it('hold torch at the same versions wherever they install it', () => {
    const pins = catalog.recipes.map(({ parameters }) => [parameters['torch']?.default, parameters['torchvision']?.default])
    expect(new Set(pins.filter(([torch]) => torch !== undefined).map((pair) => pair.join(' '))).size).toBe(1)
  })

  it('never put plain ONNX Runtime beside the GPU one', () => {
    for (const ocr of ['torch', 'onnxruntime-gpu']) {
      const plan = planOf(catalog, { recipes: ['docling'], set: { ocr } })
      const venv = plan.changes.map(({ want }) => want).find((want) => want.kind === 'venv')
      expect(venv?.constraints).toContain('onnxruntime<0')
    }
  })

  it('take every model from a named folder when there is one', () => {
    const plan = planOf(catalog, { recipes: ['docling'], set: { models: '/data/models' }, foreign: ['/data/models'] })
    const kinds = plan.changes.filter(({ want }) => want.kind === 'download').map(({ id }) => id)
    expect(kinds).toEqual(['uv'])
    expect(plan.asserted.length).toBeGreaterThan(0)
  })

  it('match SYSTEM_CHANGES.md (else run: node scripts/system-changes.ts)', () => {
    expect(readFileSync(new URL('SYSTEM_CHANGES.md', root), 'utf8')).toBe(systemChanges(catalog.recipes, catalog.tools))
  })
})
