import { describe, expect, it } from 'vitest'
import { parseProblem } from '../../src/catalog/problem.ts'
import { judge } from '../../src/doctor/judge.ts'
import type { Context } from '../../src/model/problem.ts'
import { factsOf, problems } from '../doctor/machine.ts'

const squeeze = (text: string): string => text.replaceAll(/\s+/g, ' ')

describe.each(problems.map((problem) => [problem.id, problem] as const))('%s', (_id, problem) => {
  it('keeps its own tests', () => {
    for (const { facts, expect: wanted, severity } of problem.tests) {
      const [verdict] = judge([problem], factsOf(facts))
      expect({ facts, status: verdict?.status, ...(severity && { severity: verdict?.severity }) }).toEqual({
        facts,
        status: wanted,
        ...(severity && { severity }),
      })
    }
  })

  it('shows both sides in its tests', () => {
    if (problem.tests.length === 0) return
    const seen = new Set(problem.tests.map((test) => test.expect))
    expect([...seen], 'a test that passes').toContain('pass')
    expect(seen.has('fail') || seen.has('unknown'), 'a test that does not').toBe(true)
    expect(seen.has('skip') || seen.has('blocked') || seen.has('unknown'), 'a test where it cannot be judged').toBe(true)
    const dark = ({ facts }: { facts: object }): boolean => JSON.stringify(facts).includes('"status":"unsupported"')
    expect(problem.tests.filter(dark).map(({ expect: wanted }) => wanted === 'fail' || wanted === 'unknown')).toContain(false)
  })

  it('says what to do, and who says so', () => {
    expect(problem.fix.text).not.toBe('')
    if (problem.severity === 'broken') expect(problem.references).not.toEqual([])
  })

  it('finds its own examples and not its counter-examples', () => {
    for (const { text, pattern, example, counterExample, when, notWhen } of problem.signatures) {
      const says = (line: string, one: Pick<Context, 'text' | 'pattern'>): boolean =>
        one.text !== null ? squeeze(line).includes(squeeze(one.text)) : new RegExp(one.pattern ?? '', 'm').test(line)
      const finds = (line: string): boolean =>
        says(line, { text, pattern }) &&
        !notWhen.some((one) => says(line, one)) &&
        (when.length === 0 || when.some((one) => says(line, one)))
      expect(finds(example), example).toBe(true)
      if (counterExample !== null) expect(finds(counterExample), counterExample).toBe(false)
    }
  })
})

describe('the notation of problems', () => {
  const minimal = (more: string): string =>
    `id: some-problem\narea: python\ntitle: T\nseverity: broken\nconfidence: A\ncause: C\nfix: {text: F}\nreferences: []\n${more}`
  it.each([
    ['an unknown matcher', 'fail: {a.b: {semvr: "<3"}}', /9:\d+.*"semvr"; did you mean semver\?/],
    ['a range that is none', 'fail: {a.b: {semver: "below 3"}}', /version range/],
    ['a pattern that could backtrack', 'fail: {a.b: {matches: "(a+)+$"}}', /repeated group/],
    ['a back reference', 'signatures: [{pattern: "(a)\\\\1", example: aa}]', /back references/],
    ['too few tests', 'fail: {a.b: 1}', /at least three tests/],
    ['neither side', 'since: "1"', /fail, warn, note, unsure, signatures or measure/],
    ['a context in two places', 'signatures: [{text: x, notWhen: [{text: y, within: 1, later: true}]}]', /within or later/],
    ['a context too far away', 'signatures: [{text: x, when: [{text: y, within: 900}]}]', /a number of lines, 0 to 60/],
    ['a context of two kinds', 'signatures: [{text: x, when: [y, {text: z, within: 1}]}]', /all near \(within\)/],
    ['a misspelt key', 'sigantures: []', /did you mean signatures/],
  ])('%s', (_what, more, message) => {
    const read = parseProblem(minimal(more), 'checks/python/some-problem.yaml')
    expect(
      'errors' in read ? read.errors.map((e) => `${e.line}:${e.col} ${e.expected} ${e.got}; ${e.hint}`).join('\n') : 'no error',
    ).toMatch(message)
  })
  it('wants the id as file name and the area as folder', () => {
    const read = parseProblem(minimal('signatures: [{text: x}]'), 'checks/apt/other.yaml')
    expect('errors' in read && read.errors[0]?.expected).toBe("the file's name, other")
  })
})
