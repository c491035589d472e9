import type { Fact, FactStatus } from '../model/fact.ts'
import type { Condition, Scalar, Test } from '../model/problem.ts'
import { inRange } from '../model/version-range.ts'

export type Facts = Readonly<Record<string, Fact>>

/** A fact without a value, met on the way: its id and why. */
export type Gap = { fact: string; status: FactStatus; partial?: true }
/** A value that made a condition true: what it is, and of which element of a list. */
export type Hit = { name: string; value: unknown; owner: string | null; source: string }

/** Three-valued: `null` = it could not be told, and `gaps` says what is missing. */
export type Outcome = { holds: boolean | null; gaps: Gap[]; hits: Hit[]; facts: string[] }

/**
 * Longest text that a pattern is tried on. Patterns themselves are refused when they could backtrack (see the catalogue's
 * reader).
 */
const LONGEST = 10_000

/** Judges a condition on facts. Unknown parts count only where the known ones do not decide. */
export function evaluate(condition: Condition, facts: Facts): Outcome {
  return judge(condition, { facts, root: null })
}

/** Where paths start: at the facts, or at one element of a list. */
type Scope = { facts: Facts; root: { value: unknown; label: string | null; source: string } | null }

function judge(condition: Condition, scope: Scope): Outcome {
  if ('all' in condition)
    return join(
      condition.all.map((part) => judge(part, scope)),
      false,
    )
  if ('any' in condition)
    return join(
      condition.any.map((part) => judge(part, scope)),
      true,
    )
  if ('not' in condition) {
    const inner = judge(condition.not, scope)
    return { ...inner, holds: inner.holds === null ? null : !inner.holds, hits: [] }
  }
  return leaf(condition, scope)
}

/** `deciding` is the answer of one part that decides the whole: true for any, false for all. */
function join(parts: Outcome[], deciding: boolean): Outcome {
  const decided = parts.find(({ holds }) => holds === deciding)
  const open = parts.some(({ holds }) => holds === null)
  const holds = decided ? deciding : open ? null : !deciding
  return {
    holds,
    gaps: holds === null ? parts.flatMap(({ gaps }) => gaps) : [],
    hits: parts.filter((part) => part.holds === true).flatMap(({ hits }) => hits),
    facts: parts.flatMap((part) => part.facts),
  }
}

function leaf({ path, tests }: Extract<Condition, { path: string }>, scope: Scope): Outcome {
  if (scope.root !== null) {
    const { value, label, source } = scope.root
    return met(valuesAt([{ value, owner: label }], path), tests, path, source, [], scope)
  }
  const id = factIdOf(path, scope.facts)
  const fact = scope.facts[id]
  const status = fact?.status ?? 'unrecorded'
  const asked = tests.find((test) => test.op === 'status')
  if (asked?.op === 'status' && status === 'unrecorded' && asked.value !== status)
    return { holds: null, gaps: [{ fact: id, status }], hits: [], facts: [id] }
  if (asked?.op === 'status')
    return {
      holds: status === asked.value,
      gaps: [],
      hits: [{ name: id, value: status, owner: null, source: fact?.source ?? '' }],
      facts: [id],
    }
  if (fact === undefined || (status !== 'ok' && status !== 'absent'))
    return { holds: null, gaps: [{ fact: id, status }], hits: [], facts: [id] }
  const start = status === 'ok' ? fact.value : undefined
  const outcome = met(valuesAt([{ value: start, owner: null }], path.slice(id.length)), tests, path, fact.source, [id], scope)
  // Of a source that was cut, what is not found may stand in the rest of it.
  if (fact.partial && outcome.holds === false)
    return { ...outcome, holds: null, gaps: [{ fact: id, status: 'unrecorded', partial: true }] }
  return outcome
}

/** The part of a path that is a fact's id: the longest that is known; ids hold dots themselves. */
function factIdOf(path: string, facts: Facts): string {
  const whole = path.split('[]')[0] ?? path
  const words = whole.split('.')
  for (let count = words.length; count > 0; count -= 1) {
    const id = words.slice(0, count).join('.')
    if (Object.hasOwn(facts, id)) return id
  }
  return whole
}

type Found = { value: unknown; owner: string | null }

/** Follows `.key` and `[]`; each `[]` goes through all elements of a list. */
function valuesAt(start: Found[], rest: string): Found[] {
  let found = start
  for (const step of rest.match(/\[\]|[^.[\]]+/g) ?? []) {
    found =
      step === '[]'
        ? found.flatMap(({ value, owner }) =>
            Array.isArray(value) ? value.map((item: unknown) => ({ value: item, owner: labelOf(item) ?? owner })) : [],
          )
        : found.map(({ value, owner }) => ({
            value: isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined,
            owner,
          }))
  }
  return found
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What an element is called: its path, name, device, address or id. */
function labelOf(item: unknown): string | null {
  if (!isMap(item)) return null
  const name = ['path', 'name', 'device', 'address', 'id'].map((key) => item[key]).find((value) => typeof value === 'string')
  return (name as string | undefined) ?? null
}

/** True when one of the values passes every test. */
function met(values: Found[], tests: Test[], path: string, source: string, ids: string[], scope: Scope): Outcome {
  const name =
    path
      .split(/[.[\]]+/)
      .filter((word) => word !== '')
      .at(-1) ?? path
  const hits: Hit[] = []
  const gaps: Gap[] = []
  for (const { value, owner } of values) {
    const inner: Hit[] = []
    const named = tests.find((test) => test.op === 'contains' && 'value' in test && Array.isArray(value))
    const shown = named?.op === 'contains' && 'value' in named ? named.value : value
    const answers = tests.map((test) => passes(test, value, scope, inner, gaps))
    if (answers.every((answer) => answer === true))
      hits.push(...(inner.length > 0 ? inner : [{ name: name === '' ? path : name, value: shown, owner, source }]))
  }
  if (hits.length > 0) return { holds: true, gaps: [], hits, facts: ids }
  return { holds: gaps.length > 0 ? null : false, gaps, hits, facts: ids }
}

function passes(test: Test, value: unknown, scope: Scope, inner: Hit[], gaps: Gap[]): boolean | null {
  const known = value !== undefined && value !== null
  switch (test.op) {
    case 'exists':
      return known === test.value
    case 'eq':
    case 'ne': {
      const other = isMap(test.value) ? reference(test.value['fact'] as string, scope, gaps) : { value: test.value }
      if (other === null) return null
      return known && same(value, other.value) === (test.op === 'eq')
    }
    case 'in':
      return known && test.value.some((one) => same(value, one))
    case 'gt':
      return typeof value === 'number' && value > test.value
    case 'ge':
      return typeof value === 'number' && value >= test.value
    case 'lt':
      return typeof value === 'number' && value < test.value
    case 'le':
      return typeof value === 'number' && value <= test.value
    case 'range':
      return typeof value === 'number' && value >= test.value[0] && value <= test.value[1]
    case 'matches':
      return (
        (typeof value === 'string' || typeof value === 'number') &&
        new RegExp(test.value, 'i').test(String(value).slice(0, LONGEST))
      )
    case 'semver':
      return (typeof value === 'string' && inRange(value, test.value)) === true
    case 'count':
      return Array.isArray(value) && test.tests.every((one) => passes(one, value.length, scope, inner, gaps) === true)
    case 'contains':
      return 'where' in test ? holdsOne(test.where, value, scope, inner) : containsValue(value, test.value)
    case 'status':
      return false
  }
}

function reference(id: string, scope: Scope, gaps: Gap[]): { value: unknown } | null {
  const fact = scope.facts[id]
  if (fact?.status === 'ok') return { value: fact.value }
  gaps.push({ fact: id, status: fact?.status ?? 'unrecorded' })
  return null
}

const same = (value: unknown, other: unknown): boolean => value === other

function containsValue(value: unknown, wanted: Scalar): boolean {
  if (Array.isArray(value)) return value.some((item) => same(item, wanted))
  return typeof value === 'string' && typeof wanted === 'string' && value.includes(wanted)
}

function holdsOne(where: Condition, value: unknown, scope: Scope, inner: Hit[]): boolean {
  if (!Array.isArray(value)) return false
  const found = value.flatMap((item: unknown) => {
    const outcome = judge(where, { facts: scope.facts, root: { value: item, label: labelOf(item), source: '' } })
    return outcome.holds === true ? [outcome.hits] : []
  })
  inner.push(...found.flat())
  return found.length > 0
}
