import { expect, test } from 'vitest'
import { keyOf, type Want } from '../../src/model/change.ts'
import type { OpState } from '../../src/model/ledger.ts'
import { settle, type Claim } from '../../src/plan/settle.ts'
import { change } from '../support/sandbox.ts'

const path = '/home/me/a.conf'
const file: Want = { kind: 'file', path, content: 'a = 1\n', mode: 0o644 }
const block: Want = { kind: 'block', path, name: 'one', lines: ['b = 2'] }
const line: Want = { kind: 'env-line', path, name: 'C', value: '3' }
const link: Want = { kind: 'symlink', path, target: '/home/me/b.conf' }

const live = (want: Want): OpState => ({ op: 'op1', key: keyOf(want), want, status: 'live', refs: ['other'] }) as unknown as OpState
const settled = (wanted: Want[], around: Partial<Pick<Claim, 'earlier' | 'live' | 'occupied'>> = {}) =>
  settle({
    recipe: 'mine', wanted: wanted.map((want, i) => change('mine', `c${i}`, want)), values: {},
    earlier: [], live: [], drift: {}, occupied: () => 'absent', ...around,
  })

test.each([
  ['a block in a file', block, file],
  ['a file around a block', file, block],
  ['a line in a file', line, file],
  ['a file around a line', file, line],
  ['a block behind a link', block, link],
  ['a link over a line', link, line],
])('%s: refused, as taking one back would spoil the other', (_what, want, other) => {
  const reason = expect.stringMatching(/a\.conf is (edited|made as a whole) by other( too)?;/) as string
  expect(settled([want], { live: [live(other)] })).toMatchObject({ cause: 'machine', reason, next: 'gb10 undo other' })
  expect(settled([want], { earlier: [change('other', 'x', other)] })).toMatchObject({ reason, next: 'gb10 recipes other' })
  expect(settled([want, other])).toMatchObject({ reason: expect.stringContaining('by mine') as string })
})

test('a file of the user is not replaced; one that is as wanted is nobody\'s loss', () => {
  const occupied = (found: string, content?: string) => (found !== path ? 'absent' : content === 'theirs\n' ? 'same' : 'foreign')
  expect(settled([file], { occupied })).toMatchObject({ reason: `${path} is there already and is not gb10's.`, next: `mv ${path} ${path}.before` })
  const blank = { ...file, path: '/home/me/a b' }
  expect(settled([blank], { occupied: () => 'foreign' })).toMatchObject({ next: "mv '/home/me/a b' '/home/me/a b.before'" })
  expect(settled([{ ...file, content: 'theirs\n' }], { occupied })).toMatchObject({ changes: [{ id: 'c0' }] })
  expect(settled([block, line], { occupied })).toMatchObject({ changes: [{ id: 'c0' }, { id: 'c1' }] })
})

test('two blocks and two lines share a file', () => {
  const more: Want[] = [{ ...block, name: 'two' } as Want, { ...line, name: 'D' } as Want]
  expect(settled([line], { live: [live(block)], earlier: more.map((want) => change('other', 'x', want)) })).toMatchObject({ changes: [{ want: line }] })
})
