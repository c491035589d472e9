import { describe, expect, it } from 'vitest'
import { judge } from '../../src/doctor/judge.ts'
import { isJudged } from '../../src/doctor/order.ts'
import type { FactStatus } from '../../src/model/fact.ts'
import type { Condition, Problem } from '../../src/model/problem.ts'
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
