import { describe, expect, it } from 'vitest'
import { judge, summaryOf, type JudgeOptions } from '../../src/doctor/judge.ts'
import { outcomeOf } from '../../src/doctor/judge-exit.ts'
import { parseWaivers } from '../../src/catalog/waivers.ts'
import { waiverNotes } from '../../src/doctor/judge-waivers.ts'
import type { Condition, Problem, Test } from '../../src/model/problem.ts'
import type { Mended, Verdict } from '../../src/model/verdict.ts'
import { factsOf, problems } from './machine.ts'

const base = problems.find(({ id }) => id === 'docker-daemon-down') as Problem
const problem = (part: Partial<Problem>): Problem => ({
  ...base,
  appliesTo: null,
  needs: { facts: [], get: null, asRoot: null },
  warn: null,
  fail: null,
  after: [],
  ...part,
})
const is = (path: string, ...tests: Test[]): Condition => ({ path, tests })

describe('the judgement', () => {
  it('goes on when a check breaks', () => {
    const broken = problem({
      id: 'broken-check',
      fail: {
        get path(): string {
          throw new Error('planted')
        },
        tests: [],
      },
    })
    const verdicts = judge([broken, problem({ fail: is('a', { op: 'eq', value: 1 }) })], factsOf({ a: 1 }))
    expect(verdicts.map(({ status, reason }) => [status, reason])).toEqual([
      ['unknown', 'error'],
      ['fail', null],
    ])
    expect(verdicts[0]?.why).toBe('the check itself failed: planted')
  })
  it('shows one line for one cause, whatever the order of the files', () => {
    const effect = problem({ id: 'effect', after: ['middle'], fail: is('a', { op: 'eq', value: 1 }) })
    const middle = problem({ id: 'middle', after: ['root-cause'], fail: is('b', { op: 'eq', value: 1 }) })
    const cause = problem({ id: 'root-cause', fail: is('a', { op: 'eq', value: 1 }) })
    const status = (all: Problem[], b: number): object =>
      Object.fromEntries(judge(all, factsOf({ a: 1, b })).map((v) => [v.id, v.status]))
    expect(status([effect, middle, cause], 0)).toEqual({ effect: 'fail', middle: 'skip', 'root-cause': 'fail' })
    expect(status([problem({ ...effect, after: ['root-cause'] }), cause], 1)).toEqual({ effect: 'skip', 'root-cause': 'fail' })
  })
  it('lets only a cause that the same report shows stand for what it causes', () => {
    const cause = problem({ id: 'root-cause', fail: is('a', { op: 'eq', value: 1 }) })
    const effect = problem({ id: 'effect', after: ['root-cause'], fail: is('a', { op: 'eq', value: 1 }) })
    const status = (of: Problem[], options: JudgeOptions): string | undefined =>
      judge(of, factsOf({ a: 1 }), options).find(({ id }) => id === 'effect')?.status
    expect(status([cause, effect], {})).toBe('skip')
    expect(status([cause, effect], { shown: new Set(['effect']) })).toBe('fail')
    const waivers = [{ id: 'root-cause', reason: 'known', expires: '2026-12-01' }]
    expect(status([cause, effect], { waivers, today: '2026-12-01' })).toBe('fail')
    const quiet = { ...cause, fail: null, warn: cause.fail }
    expect(status([quiet, effect], {})).toBe('skip')
    expect(status([quiet, { ...effect, required: true }], {})).toBe('fail')
  })
  it('of a source that was cut believes what is there, and says of the rest that it is not known', () => {
    const one = problem({
      fail: is('list', { op: 'contains', value: 'bad' }),
      note: is('list', { op: 'count', tests: [{ op: 'ge', value: 1 }] }),
    })
    const verdict = (value: string[]): Verdict =>
      judge([one], { list: { value, status: 'ok', source: 'log', ms: 0, partial: true } })[0] as Verdict
    expect(verdict(['bad'])).toMatchObject({ status: 'fail', severity: 'error' })
    expect(verdict(['odd'])).toMatchObject({ status: 'unknown', actual: 'list odd' })
    expect(verdict(['odd']).why).toMatch(/only known in part.*found: list odd/)
    expect(verdict([])).toMatchObject({ status: 'unknown' })
  })
  it('tells a missing tool, missing root and a platform without the value apart', () => {
    const one = problem({
      fail: is('a', { op: 'eq', value: 1 }),
      needs: { facts: ['a'], get: 'sudo apt-get install x', asRoot: 'sudo x' },
    })
    const verdict = (status: string): Verdict => judge([one], factsOf({ a: { status } }))[0] as Verdict
    expect([verdict('absent').status, verdict('absent').remedy.commands]).toEqual(['blocked', ['sudo apt-get install x']])
    expect([verdict('denied').status, verdict('denied').remedy.commands]).toEqual(['blocked', ['sudo x']])
    expect([verdict('unsupported').status, verdict('unsupported').reason]).toEqual(['skip', 'unsupported'])
    for (const status of ['timeout', 'hung', 'error', 'unrecorded'])
      expect([verdict(status).status, verdict(status).reason]).toEqual(['unknown', status])
  })
  it('a container is not told that its own root could read the log of the machine', () => {
    const one = problem({ fail: is('a', { op: 'eq', value: 1 }), needs: { facts: ['a'], get: null, asRoot: 'sudo x' } })
    const verdict = (kind: string): Verdict => judge([one], factsOf({ a: { status: 'denied' }, 'container.kind': kind }))[0] as Verdict
    expect(verdict('none').remedy.commands).toEqual(['sudo x'])
    expect(verdict('docker')).toMatchObject({ status: 'blocked', reason: 'needs-root', remedy: { text: 'Look from the machine outside.', commands: [] } })
    expect(verdict('docker').why).toMatch(/, it may not be read in this container: on the machine outside, sudo x$/)
  })
  it('names three of what was found, and how many more', () => {
    const one = problem({ fail: is('list[].v', { op: 'ge', value: 1 }) })
    const found = (count: number): string | null | undefined =>
      judge([one], factsOf({ list: Array.from({ length: count }, (_, at) => ({ name: `n${at}`, v: at + 1 })) }))[0]?.actual
    expect(found(3)).toBe('v 1 in n0; v 2 in n1; v 3 in n2')
    expect(found(4)).toBe('v 1 in n0; v 2 in n1; v 3 in n2; and 1 more')
  })
  it.each<[string, unknown, string]>([
    ['nothing in a list', [], 'all none'],
    ['four of a list', ['a', 'b', 'c', 'd', 'e'], 'all a, b, c, d, ...'],
    ['what an element says of itself', [{ name: 'a', gone: null, more: { b: 1 }, size: 2 }], 'all a 2'],
  ])('names %s', (_what, all, wanted) => {
    const one = problem({ fail: is('all', { op: 'count', tests: [{ op: 'ge', value: 0 }] }) })
    expect(judge([one], factsOf({ all }))[0]?.actual).toBe(wanted)
  })
  it('a problem that is not found is as loud as it can get', () => {
    const one = problem({ severity: 'broken', fail: is('a', { op: 'eq', value: 1 }), note: is('a', { op: 'eq', value: 2 }) })
    expect(judge([one], factsOf({ a: 0 }))[0]).toMatchObject({ status: 'pass', severity: 'error' })
  })
  it('a fact that hangs is told before one that this platform does not have', () => {
    const one = problem({ needs: { facts: ['a', 'b'], get: null, asRoot: null }, fail: is('a', { op: 'eq', value: 1 }) })
    const reason = (a: string, b: string): unknown => judge([one], factsOf({ a: { status: a }, b: { status: b } }))[0]?.reason
    expect([reason('unsupported', 'hung'), reason('unrecorded', 'denied')]).toEqual(['hung', 'needs-root'])
  })
  it('names the tool that does not answer, and calls none hung that may only have been spared', () => {
    const one = problem({ fail: is('a', { op: 'eq', value: 1 }) })
    const why = (status: 'timeout' | 'hung', source: string): unknown =>
      judge([one], { a: { value: null, status, source, ms: 0 } })[0]?.why
    expect(why('timeout', 'docker version (/usr/bin/docker)')).toMatch(/, docker did not answer in time$/)
    expect(why('hung', 'nvidia-smi -L')).toMatch(/, nvidia-smi hangs, or was not asked because it may hang$/)
    expect(why('timeout', '/etc/cdi')).toMatch(/, the tool did not answer in time$/)
  })
  it('waives for a time', () => {
    const one = problem({ fail: is('a', { op: 'eq', value: 1 }) })
    const waivers = [{ id: one.id, reason: 'known', expires: '2026-12-01' }]
    expect(judge([one], factsOf({ a: 1 }), { waivers, today: '2026-12-01' })[0]).toMatchObject({
      status: 'waived',
      until: '2026-12-01',
    })
    expect(judge([one], factsOf({ a: 1 }), { waivers, today: '2026-12-02' })[0]?.status).toBe('fail')
    expect(judge([one], factsOf({ a: 0 }), { waivers, today: '2026-12-01' })[0]?.status).toBe('pass')
    expect(waiverNotes(waivers, [one.id], '2026-11-16')).toEqual([])
    expect(waiverNotes(waivers, [one.id], '2026-11-17')).toHaveLength(1)
    expect(waiverNotes(waivers, [one.id], '2026-11-20')).toEqual([`waiver for ${one.id} ends on 2026-12-01 (in 11 days)`])
    expect(waiverNotes(waivers, [one.id], '2026-12-01')).toEqual([`waiver for ${one.id} ends on 2026-12-01 (in 0 days)`])
    expect(waiverNotes(waivers, [one.id], '2026-12-02')[0]).toMatch('no longer counts')
    expect(waiverNotes(waivers, [], '2026-12-02')[0]).toMatch('no check has this id')
  })
  it.each(['2027-02-30', '2027-02-29', '2026-11-31', '2026-13-01'])('until %s is malformed, as there is no such day', (day) => {
    const read = (): unknown => parseWaivers(`waivers:\n  - {id: a, reason: known, expires: '${day}'}\n`, 'waivers.yaml')
    expect(read).toThrow(/waivers\.yaml:2:37: waivers\[0\]\.expires: expected a day/)
  })
  it('until the last day of a leap year\'s February is fine', () => {
    expect(parseWaivers("waivers: [{id: a, reason: known, expires: '2028-02-29'}]", 'waivers.yaml')).toHaveLength(1)
  })
  it('is the same for facts in any order, and counts every verdict once', () => {
    const facts = factsOf({ 'machine.dgxSpark': 'yes', 'docker.path': '/usr/bin/docker', 'docker.access': 'no-daemon' })
    const turned = Object.fromEntries(Object.entries(facts).toReversed())
    expect(judge(problems.toReversed(), turned)).toEqual(judge(problems, facts))
    const verdicts = judge(problems, facts)
    expect(Object.values(summaryOf(verdicts)).reduce((a, b) => a + b)).toBe(verdicts.length)
  })
})

describe('the outcome', () => {
  const verdict = (part: Partial<Verdict>): Verdict => ({ ...(judge([base], {})[0] as Verdict), ...part })
  it.each<[string, Partial<Verdict>[], 'info' | 'warning' | 'error' | 'never', boolean, string]>([
    ['nothing', [{ status: 'pass' }], 'error', false, 'good'],
    ['an error', [{ status: 'fail', severity: 'error' }], 'error', false, 'failed'],
    ['a warning', [{ status: 'fail', severity: 'warning' }], 'error', false, 'good'],
    ['a warning, strict', [{ status: 'fail', severity: 'warning' }], 'error', true, 'failed'],
    ['a remark, strict', [{ status: 'fail', severity: 'info' }], 'error', true, 'good'],
    ['a remark that counts', [{ status: 'fail', severity: 'info' }], 'info', false, 'failed'],
    ['never', [{ status: 'fail', severity: 'error' }], 'never', false, 'good'],
    ['a waived error', [{ status: 'waived', severity: 'error' }], 'error', true, 'good'],
    ['an unknown', [{ status: 'unknown', required: false }], 'error', false, 'good'],
    ['a required unknown', [{ status: 'unknown', required: true }], 'error', false, 'unsure'],
    ['blocked', [{ status: 'blocked' }], 'error', false, 'good'],
    ['blocked, strict', [{ status: 'blocked' }], 'error', true, 'unsure'],
    [
      'an error wins',
      [
        { status: 'unknown', required: true },
        { status: 'fail', severity: 'error' },
      ],
      'error',
      false,
      'failed',
    ],
  ])('%s', (_what, parts, failOn, strict, wanted) => expect(outcomeOf(parts.map(verdict), failOn, strict)).toBe(wanted))
  it.each<[Mended['outcome'], string]>([
    ['fixed', 'good'],
    ['unchanged', 'good'],
    ['refused', 'good'],
    ['declined', 'good'],
    ['instructions', 'good'],
    ['unknown', 'good'],
    ['worse', 'failed'],
    ['failed', 'failed'],
    ['stopped', 'failed'],
  ])('a mend that ended %s: %s', (outcome, wanted) => {
    const mended = [{ id: 'a', recipe: null, outcome, text: '', run: null }]
    expect(outcomeOf([verdict({ status: 'pass' })], 'error', false, false, mended)).toBe(wanted)
  })
  it('a run that was late cannot be good', () => {
    expect(outcomeOf([verdict({ status: 'pass' })], 'error', false, true)).toBe('unsure')
    expect(outcomeOf([verdict({ status: 'fail', severity: 'error' })], 'error', false, true)).toBe('failed')
  })
})
