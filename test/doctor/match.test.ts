import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/doctor/match.ts'
import type { Condition, Test } from '../../src/model/problem.ts'
import { inRange } from '../../src/model/version-range.ts'
import { factsOf } from './machine.ts'

const is = (path: string, ...tests: Test[]): Condition => ({ path, tests })

describe('matchers', () => {
  const facts = factsOf({
    n: 5,
    s: 'abc',
    list: [
      { name: 'a', v: '3.5' },
      { name: 'b', v: '3.6' },
    ],
    words: ['x', 'y'],
    gone: { status: 'absent' },
    map: { KEY: 'v', none: null },
    dark: { status: 'hung' },
  })
  it.each<[string, Condition, boolean | null]>([
    ['eq', is('n', { op: 'eq', value: 5 }), true],
    ['ne', is('n', { op: 'ne', value: 5 }), false],
    ['ne of something absent', is('gone', { op: 'ne', value: 5 }), false],
    ['eq of another fact', is('n', { op: 'eq', value: { fact: 'n' } }), true],
    ['eq of an unknown fact', is('n', { op: 'eq', value: { fact: 'dark' } }), null],
    ['in', is('s', { op: 'in', value: ['abc', 'd'] }), true],
    ['gt and le', is('n', { op: 'gt', value: 4 }, { op: 'le', value: 5 }), true],
    ['gt of the limit itself', is('n', { op: 'gt', value: 5 }), false],
    ['lt of the limit itself', is('n', { op: 'lt', value: 5 }), false],
    ['ge of the limit itself', is('n', { op: 'ge', value: 5 }), true],
    ['range up to its end', is('n', { op: 'range', value: [4, 5] }), true],
    ['lt of a text', is('s', { op: 'lt', value: 4 }), false],
    ['lt of nothing', is('map.none', { op: 'lt', value: 4 }), false],
    ['le of nothing', is('map.none', { op: 'le', value: 4 }), false],
    ['range of nothing', is('map.none', { op: 'range', value: [0, 4] }), false],
    ['range', is('n', { op: 'range', value: [5, 6] }), true],
    ['matches', is('s', { op: 'matches', value: '^A' }), true],
    ['contains a word', is('words', { op: 'contains', value: 'y' }), true],
    ['contains part of a text', is('s', { op: 'contains', value: 'bc' }), true],
    [
      'contains an element',
      is('list', {
        op: 'contains',
        where: { all: [is('name', { op: 'eq', value: 'a' }), is('v', { op: 'semver', value: '<3.6' })] },
      }),
      true,
    ],
    [
      'contains no such element',
      is('list', {
        op: 'contains',
        where: { all: [is('name', { op: 'eq', value: 'b' }), is('v', { op: 'semver', value: '<3.6' })] },
      }),
      false,
    ],
    ['any element', is('list[].v', { op: 'semver', value: '<3.6' }), true],
    ['count', is('words', { op: 'count', tests: [{ op: 'ge', value: 2 }] }), true],
    ['count of what is not there', is('gone', { op: 'count', tests: [{ op: 'eq', value: 0 }] }), false],
    ['contains, of what is not there', is('gone', { op: 'contains', where: is('name', { op: 'eq', value: 'a' }) }), false],
    ['exists', is('gone', { op: 'exists', value: false }), true],
    ['a key of a mapping', is('map.KEY', { op: 'eq', value: 'v' }), true],
    ['a key that is not there', is('map.OTHER', { op: 'exists', value: false }), true],
    ['status', is('dark', { op: 'status', value: 'hung' }), true],
    ['a fact that hangs', is('dark', { op: 'eq', value: 1 }), null],
    ['a fact nobody knows', is('nobody.knows', { op: 'eq', value: 1 }), null],
    ['any decides in spite of gaps', { any: [is('dark', { op: 'eq', value: 1 }), is('n', { op: 'eq', value: 5 })] }, true],
    ['all decides in spite of gaps', { all: [is('dark', { op: 'eq', value: 1 }), is('n', { op: 'eq', value: 6 })] }, false],
    ['not of unknown', { not: is('dark', { op: 'eq', value: 1 }) }, null],
  ])('%s', (_what, condition, wanted) => {
    expect(evaluate(condition, facts).holds).toBe(wanted)
  })
})

it.each([
  ['3.5.1', '<3.6', true],
  ['3.6.0', '<3.6', false],
  ['3.6.0rc1', '<3.6', true],
  ['2.10.0+cu130', '>=2.9 <2.11', true],
  ['580.95.05', '<580.126.09', true],
  ['2.9.0a0+50eac811a6.nv25.9', '>=2.9', false],
  ['12.6.85', '<12.9', true],
  ['13.0', '<12 || >=13', true],
  ['none', '<12.8', null],
  ['', '<1', null],
])('version %s in %s: %s', (version, range, wanted) => expect(inRange(version, range)).toBe(wanted))
