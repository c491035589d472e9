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
        if (want.kind !== 'download') continue
        const known = want.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0)
        // Where a file's size is not known to the byte, the change still says about how much comes.
        if (want.files.some((file) => file.bytes === null)) expect(bytes).toBeGreaterThan(known)
        else expect(bytes).toBe(known)
      }
    },
  )

  it.each(catalog.recipes.flatMap(({ name, smoke }) => smoke.map((proof) => [name, proof])))(
    '%s: smoke/%s.py is there',
    (_, proof) => {
      expect(existsSync(new URL(`smoke/${proof}.py`, root))).toBe(true)
    },
  )

  it.each(['gb10', 'cuda13'] as const)('set up DeepSeek-OCR last, beside the others, by the profile %s', (name) => {
    const like = name === 'gb10' ? {} : { dgxSpark: 'no' as const, arch: 'x86_64' }
    const plan = planOf(catalog, { useProfile: true, machine: like })
    expect(plan.profile?.name).toBe(name)
    expect(plan.refused).toEqual([])
    expect(plan.recipes.map((recipe) => recipe.name)).toEqual(['torch-cu130', 'docling', 'deepseek-ocr'])
    expect(plan.recipes.flatMap(({ smoke }) => smoke)).toEqual(['torch', 'docling', 'deepseek-ocr'])
    const own = plan.changes.filter(({ recipe }) => recipe === 'deepseek-ocr')
    expect(own.map(({ id }) => id)).toEqual(['environment', 'environment-link', 'model-v1', 'model-v1-link'])
    const venv = own.map(({ want }) => want).find((want) => want.kind === 'venv')
    expect(venv?.constraints).toEqual(['torch==2.14.1', 'torchvision==0.29.1'])
    expect(venv?.promised).toContainEqual({ distribution: 'transformers', version: '4.46.3', localVersion: null })
    for (const name of ['PYTORCH_JIT', 'LD_LIBRARY_PATH']) expect(venv?.variables).not.toHaveProperty(name)
    expect(own.every(({ id, seconds, bytes }) => id.endsWith('-link') || ((seconds ?? 0) > 0 && (bytes ?? 0) > 6e9 - 1))).toBe(true)
  })

  it('take every file of a model from the address of one commit', () => {
    for (const { want } of catalog.recipes.flatMap(({ changes }) => changes)) {
      if (want.kind !== 'download') continue
      for (const { url } of want.files.filter((file) => file.url.startsWith('{hub}'))) expect(url).toMatch(/\/resolve\/[0-9a-f]{40}\//)
    }
  })

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
