import type { Condition, Problem } from '../model/problem.ts'
import { STATUSES, type Severity, type Summary, type Verdict, type Waiver } from '../model/verdict.ts'
import { hindrance, shortOf, type Short } from './applies.ts'
import { evaluate, type Facts, type Gap, type Hit } from './match.ts'
import { byArea, inOrder } from './order.ts'

/** `shown`: the ids that the report will show; all, unless given. */
export type JudgeOptions = { waivers?: readonly Waiver[]; today?: string; shown?: ReadonlySet<string> }

const SEVERITY: Record<Problem['severity'], Severity> = { benign: 'info', degraded: 'warning', broken: 'error' }

/**
 * The verdicts on all problems that a machine can show, in order of area and id. Never throws: a check that breaks is `unknown`.
 */
export function judge(
  problems: readonly Problem[],
  facts: Facts,
  { waivers = [], today = '', shown }: JudgeOptions = {},
): Verdict[] {
  // Only a cause that is told may stand for what it causes: not one that is waived, or that nobody asked for.
  const failed = new Map<string, Severity>()
  const verdicts = inOrder(problems).map((problem) => {
    const verdict = waived(judgeOne(problem, facts, failed), waivers, today)
    if (verdict.status === 'fail' && verdict.severity !== 'info' && (shown?.has(problem.id) ?? true))
      failed.set(problem.id, verdict.severity)
    return verdict
  })
  return verdicts.toSorted(byArea)
}

function judgeOne(problem: Problem, facts: Facts, failed: ReadonlyMap<string, Severity>): Verdict {
  try {
    const short = hindrance(problem, facts, failed)
    return short !== null ? shortVerdict(problem, short, facts) : judged(problem, facts)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return shortVerdict(
      problem,
      { status: 'unknown', reason: 'error', why: `the check itself failed: ${message}`, commands: [] },
      facts,
    )
  }
}

/** The sides of a problem, the loudest first. */
const sidesOf = (problem: Problem): [Condition | null, Severity][] => [
  [problem.fail, SEVERITY[problem.severity]],
  [problem.warn, 'warning'],
  [problem.note, 'info'],
]

function judged(problem: Problem, facts: Facts): Verdict {
  const gaps: Gap[] = []
  const seen: string[] = []
  if (problem.unsure !== null) {
    const { holds, gaps: missing, hits, facts: ids } = evaluate(problem.unsure, facts)
    const ms = costOf(facts, ids)
    if (holds === true)
      return verdictOf(problem, {
        status: 'unknown',
        reason: 'unsupported-platform',
        why: problem.cause,
        actual: actualOf(hits),
        ms,
      })
    if (holds === null) gaps.push(...missing)
    seen.push(...ids)
  }
  for (const [side, severity] of sidesOf(problem)) {
    if (side === null) continue
    const { holds, gaps: missing, hits, facts: ids } = evaluate(side, facts)
    seen.push(...ids)
    const cut = severity === 'info' && gaps.some(({ partial }) => partial)
    if (holds === true && cut) {
      // A remark says nothing of what may stand in the part that is missing.
      const verdict = shortVerdict(problem, shortOf(gaps, problem, facts, 'this cannot be judged'), facts, seen)
      return { ...verdict, actual: actualOf(hits), why: `${verdict.why}; found: ${actualOf(hits)}` }
    }
    if (holds === true)
      return verdictOf(problem, { status: 'fail', severity, why: problem.cause, actual: actualOf(hits), ms: costOf(facts, ids) })
    if (holds === null) gaps.push(...missing)
  }
  if (gaps.length > 0) return shortVerdict(problem, shortOf(gaps, problem, facts, 'this cannot be judged'), facts, seen)
  return verdictOf(problem, { status: 'pass', why: '', ms: costOf(facts, seen) })
}

const costOf = (facts: Facts, ids: readonly string[]): number => Math.max(0, ...ids.map((id) => facts[id]?.ms ?? 0))

function shortVerdict(problem: Problem, { status, reason, why, commands }: Short, facts: Facts, seen: string[] = []): Verdict {
  const verdict = verdictOf(problem, { status, reason, why, ms: costOf(facts, [...seen, ...problem.needs.facts]) })
  const asRoot = commands.length === 0 && problem.needs.asRoot !== null ? 'Look from the machine outside.' : 'Look as root.'
  const text = status === 'blocked' ? (reason === 'needs-root' ? asRoot : 'Bring what is missing.') : ''
  return { ...verdict, remedy: { text, commands, recipe: null, risk: 'none', reboot: false } }
}

/** What was found, in words: `triton 3.5.1 in /home/user/venv`. At most three, then how many more. */
function actualOf(hits: readonly Hit[]): string | null {
  const texts = [
    ...new Set(
      hits
        .filter(({ value }) => value !== undefined)
        .map(({ name, value, owner }) => `${name} ${shown(value)}${owner === null || owner === value ? '' : ` in ${owner}`}`),
    ),
  ]
  if (texts.length === 0) return null
  return texts.length > 3 ? `${texts.slice(0, 3).join('; ')}; and ${texts.length - 3} more` : texts.join('; ')
}

const shown = (value: unknown): string => {
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : `${value.slice(0, 4).map(shown).join(', ')}${value.length > 4 ? ', ...' : ''}`
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.values(value)
    .filter((one) => one !== null && typeof one !== 'object')
    .slice(0, 3)
    .join(' ')
}

type Part = Pick<Verdict, 'status' | 'why' | 'ms'> & Partial<Pick<Verdict, 'severity' | 'reason' | 'actual'>>

const verdictOf = (problem: Problem, { status, severity, reason = null, why, actual = null, ms }: Part): Verdict => ({
  id: problem.id,
  area: problem.area,
  title: problem.title,
  severity: severity ?? defaultSeverity(problem),
  status,
  reason,
  required: problem.required,
  confidence: problem.confidence,
  expected: problem.expected,
  actual,
  why,
  remedy: {
    text: problem.fix.text,
    commands: problem.fix.commands,
    recipe: problem.fix.recipe,
    risk: problem.fix.risk,
    reboot: problem.fix.reboot,
  },
  references: problem.references,
  until: null,
  ms,
})

/** How loud a problem can get at most. */
const defaultSeverity = (problem: Problem): Severity =>
  sidesOf(problem).find(([side]) => side !== null)?.[1] ?? SEVERITY[problem.severity]

function waived(verdict: Verdict, waivers: readonly Waiver[], today: string): Verdict {
  const waiver = verdict.status === 'fail' ? waivers.find(({ id, expires }) => id === verdict.id && expires >= today) : undefined
  return waiver === undefined
    ? verdict
    : {
        ...verdict,
        status: 'waived',
        why: `${waiver.reason} (waived until ${waiver.expires}) ${verdict.why}`,
        until: waiver.expires,
      }
}

/** How many verdicts there are of each status. */
export const summaryOf = (verdicts: readonly Verdict[]): Summary =>
  Object.fromEntries(
    STATUSES.map((status) => [status, verdicts.filter((verdict) => verdict.status === status).length]),
  ) as Summary
