import { isMap, isScalar, isSeq } from 'yaml'
import { isRange } from '../model/version-range.ts'
import type { Condition, Scalar, Test } from '../model/problem.ts'
import { suggest } from '../model/suggest.ts'
import { fault, list, pairs, type Cursor, type Reader } from './reader.ts'
import { oneOf, text } from './scalars.ts'

const MATCHERS = [
  'eq',
  'ne',
  'in',
  'gt',
  'ge',
  'lt',
  'le',
  'range',
  'matches',
  'contains',
  'exists',
  'count',
  'semver',
  'status',
] as const
const FACT_STATUS = ['ok', 'absent', 'unsupported', 'denied', 'timeout', 'hung', 'error', 'unrecorded'] as const
const PATH = /^[a-zA-Z][\w-]*(\[\])?(\.[\w-]+(\[\])?)*$/

/**
 * What must hold, as a mapping: `fact.id: {matcher: value}`, or `fact.id: value` for equality; several keys must all hold.
 * `all`, `any`
 * and `not` combine. Inside `contains:` paths start at the element of the list.
 */
export const condition: Reader<Condition> = (cursor) => {
  if (!isMap(cursor.node)) return fault(cursor, 'a mapping of facts to what they must be')
  const parts = pairs(cursor).map(([name, child]): Condition | undefined => {
    if (name === 'all' || name === 'any') {
      const inner = list(condition)(child)
      return inner === undefined ? undefined : name === 'all' ? { all: inner } : { any: inner }
    }
    if (name === 'not') {
      const inner = condition(child)
      return inner === undefined ? undefined : { not: inner }
    }
    if (!PATH.test(name)) return fault({ ...child, at: child.keyAt }, 'the id of a fact, all, any or not', JSON.stringify(name))
    const tests = testsOf(child)
    return tests === undefined ? undefined : { path: name, tests }
  })
  if (parts.length === 0) return fault(cursor, 'at least one fact')
  if (parts.includes(undefined)) return undefined
  return parts.length === 1 ? parts[0] : { all: parts as Condition[] }
}

function testsOf(cursor: Cursor): Test[] | undefined {
  if (!isMap(cursor.node)) {
    const value = scalar(cursor)
    return value === undefined ? undefined : [{ op: 'eq', value }]
  }
  const tests = pairs(cursor).map(([name, child]) => testOf(name, child))
  if (tests.length === 0) return fault(cursor, `a matcher: ${MATCHERS.join(', ')}`)
  return tests.includes(undefined) ? undefined : (tests as Test[])
}

function testOf(name: string, cursor: Cursor & { keyAt: number }): Test | undefined {
  switch (name) {
    case 'eq':
    case 'ne': {
      if (!isMap(cursor.node)) return wrap(scalar(cursor), (value) => ({ op: name, value }))
      const named = pairs(cursor)
      const [key, child] = named[0] ?? ['', cursor]
      if (named.length !== 1 || key !== 'fact') return fault(cursor, 'a value, or {fact: ID}')
      return wrap(text(child), (id) => ({ op: name, value: { fact: id } }))
    }
    case 'in':
      return wrap(list(scalar as Reader<Exclude<Scalar, undefined>>)(cursor), (value) => ({ op: name, value }))
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return wrap(number(cursor), (value) => ({ op: name, value }))
    case 'range': {
      const both = list(number)(cursor)
      if (both === undefined) return undefined
      const [low, high] = both
      if (both.length !== 2 || low === undefined || high === undefined || low > high)
        return fault(cursor, 'two numbers, the lower one first')
      return { op: name, value: [low, high] }
    }
    case 'matches':
      return wrap(safePattern(cursor), (value) => ({ op: name, value }))
    case 'semver':
      return wrap(versionRange(cursor), (value) => ({ op: name, value }))
    case 'status':
      return wrap(oneOf(FACT_STATUS)(cursor), (value) => ({ op: name, value }))
    case 'exists': {
      const value = isScalar(cursor.node) ? cursor.node.value : undefined
      return typeof value === 'boolean' ? { op: name, value } : fault(cursor, 'true or false')
    }
    case 'contains':
      return isMap(cursor.node)
        ? wrap(condition(cursor), (where) => ({ op: name, where }))
        : wrap(scalar(cursor), (value) => ({ op: name, value }))
    case 'count':
      return wrap(testsOf(cursor), (tests) => ({ op: name, tests }))
    default: {
      const near = suggest(name, MATCHERS)
      return fault(
        { ...cursor, at: cursor.keyAt },
        `one of ${MATCHERS.join(', ')}`,
        JSON.stringify(name),
        near === null ? null : `did you mean ${near}?`,
      )
    }
  }
}

const wrap = <T, R>(value: T | undefined, make: (value: T) => R): R | undefined => (value === undefined ? undefined : make(value))

const scalar: Reader<Scalar> = (cursor) => {
  const value = isScalar(cursor.node) ? cursor.node.value : undefined
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return fault(cursor, isSeq(cursor.node) ? 'one value (a list goes under in:)' : 'a value')
}

const number: Reader<number> = (cursor) => {
  const value = isScalar(cursor.node) ? cursor.node.value : undefined
  return typeof value === 'number' && Number.isFinite(value) ? value : fault(cursor, 'a number')
}

const versionRange: Reader<string> = (cursor) => {
  const value = text(cursor)
  if (value === undefined) return undefined
  return isRange(value) ? value : fault(cursor, "a version range such as '<3.6' or '>=2.11 <2.13'")
}

/**
 * A regular expression that stays linear: no back references, no look-around, no quantifier on a group that holds one itself,
 * and at
 * most three open-ended quantifiers.
 */
export const safePattern: Reader<string> = (cursor) => {
  const value = text(cursor)
  if (value === undefined) return undefined
  try {
    void new RegExp(value)
  } catch (problem) {
    return fault(cursor, 'a regular expression', (problem as Error).message)
  }
  if (/\\[1-9]|\\k<|\(\?[=!<]/.test(value)) return fault(cursor, 'a regular expression without back references and look-around')
  if (/\([^()]*[*+}][^()]*\)[*+{]/.test(value))
    return fault(cursor, 'a regular expression without a repeated group that repeats inside')
  if (
    (value.replaceAll(/\\.|\[[^\]]*\]/g, (part) => (part === '\\*' || part === '\\+' ? '' : 'x')).match(/[*+]|\{\d+,\}/g) ?? [])
      .length > 3
  )
    return fault(cursor, 'a regular expression with at most three of *, + and {n,}')
  return value
}
