import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CatalogError } from '../../src/catalog/issue.ts'
import { loadCatalog } from '../../src/catalog/load.ts'

const base = new URL('../plan/recipes/', import.meta.url)
const names = readdirSync(base)
const texts = new Map(names.map((name) => [name, readFileSync(new URL(name, base), 'utf8')]))

const scrap = fc.oneof(
  fc.constantFrom(
    '',
    ':',
    '- ',
    '? ',
    '{',
    ']',
    '&a',
    '*a',
    '!!binary ',
    '<<: ',
    '\t',
    '\n',
    '"',
    "'",
    '%',
    '---\n',
    '{arch',
    'null',
    '1e9',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
)

const edit = fc.record({ name: fc.constantFrom(...names), at: fc.nat(3000), cut: fc.nat(30), put: scrap })

it('throws nothing but CatalogError, whatever happens to the files', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const changed = new Map(texts)
      for (const { name, at, cut, put } of edits) {
        const text = changed.get(name) ?? ''
        changed.set(name, text.slice(0, at) + put + text.slice(at + cut))
      }
      try {
        loadCatalog({ folder: 'recipes', names, text: (name) => changed.get(name) ?? '' })
      } catch (error) {
        expect(error).toBeInstanceOf(CatalogError)
        for (const issue of (error as CatalogError).errors) {
          expect(issue.line).toBeGreaterThan(0)
          expect(issue.expected).not.toBe('')
        }
      }
    }),
    { numRuns: 500 },
  )
})

it.each([
  ['brackets', '['.repeat(500_000)],
  ['dashes', '- '.repeat(500_000)],
  ['keys', Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ['a long line', `a: ${'x'.repeat(1_100_000)}`],
  ['questions', '? '.repeat(10_000)],
])('refuses %s without hanging', (_, text) => {
  const started = performance.now()
  expect(() => loadCatalog({ folder: 'recipes', names: ['a.yaml'], text: () => text })).toThrow(CatalogError)
  expect(performance.now() - started).toBeLessThan(5000)
})
