import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesText, secondsText } from '../../src/model/units.ts'
import { plain, table, wrap } from '../../src/report/text.ts'

describe('text helpers', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [16_808_714, '16.8 MB'],
    [171_658_996, '172 MB'],
    [999_600_000, '1.0 GB'],
    [5.6e9, '5.6 GB'],
  ])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text))

  it.each([
    [5, '5 s'],
    [89, '89 s'],
    [240, '4 min'],
    [3600, '60 min'],
    [7200, '2 h'],
    [5700, '1 h 35 min'],
  ])('%d seconds are %s', (seconds, text) => expect(secondsText(seconds)).toBe(text))

  it('wraps without losing a word, and breaks only at blanks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z/]{1,30}$/), { minLength: 1 }),
        fc.integer({ min: 5, max: 60 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width)
          expect(lines.join(' ')).toBe(words.join(' '))
          for (const line of lines) if (line.length > width) expect(line).not.toContain(' ')
        },
      ),
    )
  })

  it('lines columns up', () => {
    expect(
      table(
        [
          ['a', 'one two'],
          ['bcd', 'three'],
        ],
        20,
        '  ',
      ),
    ).toEqual(['  a    one two', '  bcd  three'])
    expect(table([], 20)).toEqual([])
  })

  it('shows foreign text without what could move a cursor', () => {
    expect(plain('a\u001B[31mb\nc\u202Ed\u001B]8;;http://x\u0007e\u001B[')).toBe('ab c de [')
  })
})
