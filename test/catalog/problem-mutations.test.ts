import { describe, expect, it } from 'vitest'
import { judge } from '../../src/doctor/judge.ts'
import { isJudged } from '../../src/doctor/order.ts'
import type { FactStatus } from '../../src/model/fact.ts'
import type { Condition, Problem, Test } from '../../src/model/problem.ts'
import { factsOf, problems } from '../doctor/machine.ts'

const SIDES = ['fail', 'warn', 'note', 'unsure'] as const

/** A condition with each of its leaves turned round, one at a time. */
function turned(condition: Condition): Condition[] {
  if ('all' in condition)
    return condition.all.flatMap((part, at) => turned(part).map((one) => ({ all: condition.all.with(at, one) })))
  if ('any' in condition)
    return condition.any.flatMap((part, at) => turned(part).map((one) => ({ any: condition.any.with(at, one) })))
  return 'not' in condition ? turned(condition.not).map((not) => ({ not })) : [{ not: condition }]
}

const keepsItsTests = (problem: Problem): boolean =>
  problem.tests.every(({ facts, expect: wanted, severity }) => {
    const [verdict] = judge([problem], factsOf(facts))
    return verdict?.status === wanted && (severity === null || verdict.severity === severity)
  })

const judged = problems.filter(isJudged).map((problem) => [problem.id, problem] as const)

it.each(judged)('a part of %s turned round breaks one of its tests', (_id, problem) => {
  for (const side of SIDES) {
    for (const condition of problem[side] === null ? [] : turned(problem[side])) {
      expect(keepsItsTests({ ...problem, [side]: condition }), `${side}: ${JSON.stringify(condition)}`).toBe(false)
    }
  }
})

/** A number a tenth higher and a tenth lower, but at least by one where it is whole. */
const near = (value: number): number[] => {
  const step = Number.isInteger(value) ? Math.max(1, Math.round(Math.abs(value) / 10)) : Math.abs(value) / 10
  return [value + step, value - step]
}

/** A version range with the last part of each bound one higher and one lower. */
const nearRanges = (range: string): string[] =>
  [...range.matchAll(/(\d+)(?![\d.])/g)].flatMap((last) =>
    [Number(last[1]) + 1, Number(last[1]) - 1]
      .filter((part) => part >= 0)
      .map((part) => `${range.slice(0, last.index)}${part}${range.slice(last.index + last[1]!.length)}`),
  )

/** One matcher with its limits moved, one at a time. */
function moved(test: Test): Test[] {
  switch (test.op) {
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return typeof test.value === 'number' ? near(test.value).map((value) => ({ ...test, value })) : []
    case 'range':
      return [0, 1].flatMap((at) =>
        near(test.value[at]!).map((value) => ({ ...test, value: test.value.with(at, value) as [number, number] })),
      )
    case 'count':
      return test.tests.flatMap((one, at) => moved(one).map((other) => ({ ...test, tests: test.tests.with(at, other) })))
    case 'contains':
      return 'where' in test ? shifted(test.where).map((where) => ({ ...test, where })) : []
    case 'semver':
      return nearRanges(test.value).map((value) => ({ ...test, value }))
    default:
      return []
  }
}

/** A condition with each of its limits moved, one at a time. */
function shifted(condition: Condition): Condition[] {
  if ('all' in condition)
    return condition.all.flatMap((part, at) => shifted(part).map((one) => ({ all: condition.all.with(at, one) })))
  if ('any' in condition)
    return condition.any.flatMap((part, at) => shifted(part).map((one) => ({ any: condition.any.with(at, one) })))
  if ('not' in condition) return shifted(condition.not).map((not) => ({ not }))
  return condition.tests.flatMap((test, at) => moved(test).map((one) => ({ ...condition, tests: condition.tests.with(at, one) })))
}

const limited = judged.filter(([, problem]) => SIDES.some((side) => problem[side] !== null && shifted(problem[side]).length > 0))

it.each(limited)('a limit of %s that is moved a little breaks one of its tests', (_id, problem) => {
  const kept = SIDES.flatMap((side) =>
    problem[side] === null ? [] : shifted(problem[side]).filter((condition) => keepsItsTests({ ...problem, [side]: condition })),
  )
  expect(kept.map((condition) => JSON.stringify(condition))).toEqual([])
})

const pathsOf = (condition: Condition | null): string[] => {
  if (condition === null) return []
  if ('all' in condition) return condition.all.flatMap(pathsOf)
  if ('any' in condition) return condition.any.flatMap(pathsOf)
  return 'not' in condition ? pathsOf(condition.not) : [condition.path]
}
/** Checks whose very subject is how well a fact is known. */
const ABOUT_STATUS = ['driver-not-responding']

describe.each([
  ['unsupported', 'skip'],
  ['denied', 'blocked'],
  ['hung', 'unknown'],
  ['unrecorded', 'unknown'],
] as [FactStatus, string][])('a fact that is %s gives %s, never a plain verdict', (status, wanted) => {
  it.each(judged.filter(([id]) => !ABOUT_STATUS.includes(id)))('%s', (_id, problem) => {
    const failing = problem.tests.find((test) => test.expect === 'fail')
    const paths = SIDES.flatMap((side) => pathsOf(problem[side]))
    const dark = new Set(
      paths.map((path) =>
        Object.keys(failing?.facts ?? {}).findLast((id) => path === id || path.startsWith(`${id}.`) || path.startsWith(`${id}[`)),
      ),
    )
    if (failing === undefined) return
    const facts = Object.fromEntries(Object.entries(failing.facts).map(([id, value]) => [id, dark.has(id) ? { status } : value]))
    const [verdict] = judge([problem], factsOf(facts))
    expect(verdict?.status).toBe(problem.tier === 'deep' && status === 'unrecorded' ? 'skip' : wanted)
  })
})
