import type { Fact, FactStatus } from '../model/fact.ts'
import type { Problem } from '../model/problem.ts'
import type { Reason, Severity, VerdictStatus } from '../model/verdict.ts'
import { evaluate, type Facts, type Gap } from './match.ts'

/** A verdict before or instead of the judgement: why it cannot be, or need not be, judged. */
export type Short = { status: VerdictStatus; reason: Reason; why: string; commands: string[] }

const GAP: Record<Exclude<FactStatus, 'ok' | 'absent'>, string> = {
  unsupported: 'this platform does not offer it',
  denied: 'it may not be read by this user',
  timeout: 'did not answer in time',
  hung: 'hangs, or was not asked because it may hang',
  error: 'reading it failed',
  unrecorded: 'nothing shows it',
}
const WORST: FactStatus[] = ['hung', 'timeout', 'error', 'denied', 'absent', 'unrecorded', 'unsupported']

/**
 * What missing facts mean for a problem: a skip where the platform has no such thing, blocked where root would help, else
 * unknown.
 */
export function shortOf(gaps: readonly Gap[], { needs, tier }: Problem, facts: Facts, about: string): Short {
  const worst = gaps.toSorted((one, other) => WORST.indexOf(one.status) - WORST.indexOf(other.status))[0]
  const status = worst?.status ?? 'unrecorded'
  const name = worst?.fact ?? 'a fact'
  if (worst?.partial)
    return { status: 'unknown', reason: 'error', why: `${about}: ${name} is only known in part, as not all of it could be read`, commands: [] }
  const tool = status === 'timeout' || status === 'hung' ? `${toolOf(facts[name])} ` : ''
  const why = `${about}: ${name} is not known, ${tool}${GAP[status as keyof typeof GAP] ?? 'it is not there'}`
  switch (status) {
    case 'unsupported':
      return { status: 'skip', reason: 'unsupported', why: `${name} does not exist on this platform`, commands: [] }
    case 'denied':
      // Root of a container may read no more of the machine than its users.
      if (needs.asRoot !== null && (facts['container.kind']?.value ?? 'none') !== 'none') {
        const there = `${about}: ${name} is not known, it may not be read in this container: on the machine outside, ${needs.asRoot}`
        return { status: 'blocked', reason: 'needs-root', why: there, commands: [] }
      }
      return { status: 'blocked', reason: 'needs-root', why, commands: needs.asRoot === null ? [] : [needs.asRoot] }
    case 'absent':
      return { status: 'blocked', reason: 'missing', why, commands: needs.get === null ? [] : [needs.get] }
    case 'unrecorded':
      return tier === 'deep'
        ? { status: 'skip', reason: 'not-asked', why: `${name} is only read by a deep run`, commands: ['gb10 doctor --deep'] }
        : { status: 'unknown', reason: 'unrecorded', why, commands: [] }
    default:
      return { status: 'unknown', reason: status as Reason, why, commands: [] }
  }
}

/** The program that was to tell a fact: the first word of its source, unless that is a file. */
const toolOf = (fact: Fact | undefined): string => /^[^\s/]+/.exec(fact?.source ?? '')?.[0] ?? 'the tool'

/**
 * Whether a problem can be judged on these facts at all; null = yes. `failed`: the problems that the same report shows. A
 * required one gives way to an error only, so that the run cannot end well without it.
 */
export function hindrance(problem: Problem, facts: Facts, failed: ReadonlyMap<string, Severity>): Short | null {
  const cause = problem.after.find((id) => failed.has(id) && (!problem.required || failed.get(id) === 'error'))
  if (cause !== undefined)
    return {
      status: 'skip',
      reason: 'explained',
      why: `${cause} comes first and may explain this`,
      commands: [`gb10 doctor ${cause}`],
    }
  if (problem.appliesTo !== null) {
    const applies = evaluate(problem.appliesTo, facts)
    if (applies.holds === false)
      return { status: 'skip', reason: 'not-applicable', why: 'nothing shows that this concerns this machine', commands: [] }
    if (applies.holds === null) return shortOf(applies.gaps, problem, facts, 'it cannot be told whether this concerns this machine')
  }
  const gaps = problem.needs.facts
    .map((fact) => ({ fact, status: facts[fact]?.status ?? ('unrecorded' as const) }))
    .filter(({ status }) => status !== 'ok')
  return gaps.length > 0 ? shortOf(gaps, problem, facts, 'this cannot be judged') : null
}
