import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compareBaseline, parseBaseline, type Baseline, type Held } from '../../src/report/baseline.ts'
import { readBaselineData } from '../../src/report/baseline-data.ts'
import { comparisonText, savedText } from '../../src/report/baseline-text.ts'

const here = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const items = readBaselineData(parse(here('../../checks/_baseline.yaml')))
type Case = {
  what: string
  then: Record<string, Held>
  now: Record<string, Held>
  expect: Record<string, unknown> & { order?: string[]; details?: string[] }
}

const saved: Baseline = {
  formatVersion: '1.0',
  command: 'baseline',
  action: 'save',
  name: 'before-update',
  at: '2026-11-20T08:00:00.000Z',
  gb10: '0.1.0',
  machine: { dgxSpark: 'yes', product: null },
  items: {},
}

test.each(JSON.parse(here('cases.json')) as Case[])('$what', ({ then, now, expect: wanted }) => {
  const { verdict, changes, unknown, same, notCompared } = compareBaseline(then, now, items)
  const left = items.map(({ id }) => id).filter((id) => !(id in then))
  expect({
    verdict,
    order: changes.map(({ id }) => id),
    suspicious: changes.filter((one) => one.suspicious).map(({ id }) => id),
    details: changes.flatMap(({ details }) => details),
    unknown: unknown.map(({ id }) => id),
    same,
    notCompared: notCompared.filter((id) => !left.includes(id)),
  }).toEqual({ order: [], suspicious: [], details: [], unknown: [], same: [], notCompared: [], ...wanted })
})

describe('the ranking', () => {
  test('begins with the driver, and gives a dated reason for every place', () => {
    expect(items[0]!.id).toBe('driver.version')
    for (const { references, why } of items) {
      expect(why.length).toBeGreaterThan(20)
      for (const { url, checked } of references)
        expect([url, checked]).toEqual([expect.stringMatching(/^https:\/\//), expect.stringMatching(/^\d{4}-\d\d-\d\d/)])
    }
  })
  test.each([[{}], [{ items: [] }], [{ items: [{ id: 'a', title: 'A', why: 'B' }] }], [{ items: [{ id: 1 }] }]])(
    'refuses %j',
    (document) => expect(() => readBaselineData(document)).toThrow(),
  )
})

test.each([
  '',
  'null',
  '[]',
  '{"formatVersion": "2.0", "at": "x", "name": "x", "items": {}}',
  '{"formatVersion": "1.0", "at": "x", "name": "x", "items": {"a": 1}}',
  '{"formatVersion": "1.0", "at": "x", "name": "x", "items": {"a": null}}',
  '{"formatVersion": "1.0", "at": "x", "name": "x", "items": {"a": {"value": 1}}}',
  '{"formatVersion": "1.0", "at": "x", "items": {}}',
])('a stored text that is no baseline: %s', (text) => expect(parseBaseline(text)).toBeNull())

test('of many parts that changed eight are told, and how many more', () => {
  const wheels = (count: number, version: string): Held => ({
    value: { docling: Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, version])) },
    status: 'ok',
  })
  const told = (count: number): string => {
    const then = { ...saved, items: { wheels: wheels(count, '1.0') } }
    return comparisonText(then, compareBaseline(then.items, { wheels: wheels(count, '2.0') }, items), 80, false)
  }
  expect(told(8).match(/^ +- /gm)).toHaveLength(8)
  expect(told(8)).not.toContain('more (--json')
  expect(told(9).match(/^ +- /gm)).toHaveLength(8)
  expect(told(9)).toContain('... and 1 more (--json names all)')
})

test('what was saved counts what compare can compare, and names the command for it', () => {
  const held = (status: Held['status']): Held => ({ value: null, status })
  const known = { a: held('ok'), b: held('absent'), c: held('unsupported') }
  const path = '/home/me/.local/state/gb10-baselines/before-update.json'
  const text = savedText({ ...saved, items: { ...known, d: held('error'), e: held('unrecorded') } }, path, null, 80)
  expect(text).toContain('3 of 5 things are known')
  expect(text).toMatch(/\nNext, when something no longer works: gb10 baseline compare before-update\n$/)
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
})
