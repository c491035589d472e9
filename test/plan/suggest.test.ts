import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distance, suggest } from '../../src/model/suggest.ts'

describe('suggest', () => {
  it.each([
    ['dcoling', 'docling'],
    ['Torch-cu130', 'torch-cu130'],
    ['torch', 'torch-cu130'],
    ['verison', 'version'],
    ['xyz', null],
    ['', null],
  ])('%s → %s', (typed, meant) => {
    expect(suggest(typed, ['docling', 'torch-cu130', 'version'])).toBe(meant)
  })

  it('measures a distance: zero for the same, the same both ways, never more than the longer word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
        const [a, b] = [one.toLowerCase(), other.toLowerCase()]
        expect(distance(a, a)).toBe(0)
        expect(distance(a, b)).toBe(distance(b, a))
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })
})
