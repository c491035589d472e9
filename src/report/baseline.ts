import type { FactStatus } from '../model/fact.ts'
import type { BaselineItem } from './baseline-data.ts'

/** One value of a baseline; like a fact, without source and cost. `partial`: what the value lacks is not known. */
export type Held = { value: unknown; status: FactStatus; partial?: true }

/** A machine as it was when it worked. */
export type Baseline = {
  formatVersion: string
  command: 'baseline'
  action: 'save'
  name: string
  at: string
  gb10: string
  machine: { dgxSpark: string; product: string | null }
  items: Record<string, Held>
}

/** One thing that is not as it was. `details` names the parts of a list that changed. */
export type BaselineChange = {
  id: string
  title: string
  suspicious: boolean
  before: unknown
  after: unknown
  details: string[]
  why: string
  references: { url: string; checked: string }[]
}

export type Comparison = {
  verdict: 'same' | 'changed' | 'suspicious' | 'unknown'
  changes: BaselineChange[]
  /** Known then, not readable now, or not to its end. */
  unknown: { id: string; title: string; status: FactStatus; required: boolean }[]
  same: string[]
  /** Not known when the baseline was saved, or not to its end: nothing to compare with. */
  notCompared: string[]
}

/** What changed since a baseline, the most suspicious first. */
export function compareBaseline(then: Baseline['items'], now: Baseline['items'], items: readonly BaselineItem[]): Comparison {
  const result: Comparison = { verdict: 'same', changes: [], unknown: [], same: [], notCompared: [] }
  let blind = false
  for (const item of items) {
    const [before, after] = [then[item.id], now[item.id] ?? { value: null, status: 'unrecorded' as const }]
    if (before === undefined || !settled(before)) {
      result.notCompared.push(item.id)
      // It was there to be known, and only not in time: what it was, and so whether it changed, nobody can tell.
      blind ||= item.required && (before?.status === 'hung' || before?.status === 'timeout')
    } else if (!settled(after))
      result.unknown.push({ id: item.id, title: item.title, status: after.status, required: item.required })
    else if (changed(before, after, item)) result.changes.push(changeOf(item, before, after))
    else if (after.partial) result.unknown.push({ id: item.id, title: item.title, status: 'error', required: item.required })
    else (before.partial ? result.notCompared : result.same).push(item.id)
  }
  result.changes = [...result.changes.filter((one) => one.suspicious), ...result.changes.filter((one) => !one.suspicious)]
  const compared = result.changes.length + result.same.length + result.unknown.length
  blind ||= compared === 0 || result.unknown.some(({ required }) => required)
  result.verdict = result.changes.some(({ suspicious }) => suspicious)
    ? 'suspicious'
    : blind
      ? 'unknown'
      : result.changes.length > 0
        ? 'changed'
        : 'same'
  return result
}

/** Known to be there, or known not to be: what can be compared. */
export const settled = ({ status }: Held): boolean => status === 'ok' || status === 'absent' || status === 'unsupported'

function changeOf(item: BaselineItem, before: Held, after: Held): BaselineChange {
  const { id, title, suspicious, why, references } = item
  return { id, title, suspicious, before: before.value, after: after.value, details: detailsOf(before, after), why, references }
}

const changed = (before: Held, after: Held, item: BaselineItem): boolean =>
  before.partial || after.partial ? detailsOf(before, after).length > 0 : !equal(before.value, after.value, item)

/** Numbers that vary by themselves are equal within their tolerance, and when they became better; texts in what counts of them. */
function equal(a: unknown, b: unknown, { tolerance, worse, leaveOut }: BaselineItem): boolean {
  if (leaveOut !== null && typeof a === 'string' && typeof b === 'string')
    return a.replaceAll(leaveOut, '').trim() === b.replaceAll(leaveOut, '').trim()
  if (typeof a === 'number' && typeof b === 'number' && tolerance > 0) {
    if (worse !== null && (worse === 'lower' ? b >= a : b <= a)) return true
    return Math.abs(a - b) <= (Math.abs(a) * tolerance) / 100
  }
  const [one, other] = [flat(a), flat(b)]
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value)
}

/** The parts that are not as they were. What a list lacks that was not read to its end is neither gone nor new. */
const detailsOf = (before: Held, after: Held): string[] => {
  const parts = ({ value }: Held): boolean => typeof value === 'object' && value !== null
  if (!parts(before) && !parts(after)) return []
  const [one, other] = [flat(before.value), flat(after.value)]
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((key) => one.get(key) !== other.get(key))
    .filter((key) => (one.has(key) || !before.partial) && (other.has(key) || !after.partial))
    .sort()
    .map((key) =>
      one.has(key) && other.has(key)
        ? `${key}: ${one.get(key)} -> ${other.get(key)}`
        : `${named(key, one.get(key) ?? other.get(key))} is ${one.has(key) ? 'gone' : 'new'}`,
    )
}

const THERE = ''
const named = (key: string, value: string | undefined): string => (value === THERE ? key : `${key} ${value}`)

/**
 * Every single value of a list or mapping by its way there; elements of a list go by their name, path or value, so that order
 * says nothing.
 */
function flat(value: unknown, way = ''): Map<string, string> {
  if (value === null || value === undefined) return way === '' ? new Map() : new Map([[way, 'none']])
  if (typeof value !== 'object') return new Map([[way, String(value)]])
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((one: unknown): [string, unknown] => {
        const map = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>
        const name = map['name'] ?? map['path'] ?? map['device'] ?? map['version']
        return typeof one === 'object' ? [String(name ?? JSON.stringify(one)), one] : [String(one), THERE]
      })
    : Object.entries(value)
  return new Map(entries.flatMap(([key, one]) => [...flat(one, way === '' ? key : `${way}.${key}`)]))
}

/** A stored baseline, checked as far as it is used; null when the text is none that this version reads. */
export function parseBaseline(text: string): Baseline | null {
  try {
    const read = JSON.parse(text) as Partial<Baseline> | null
    const good =
      typeof read?.formatVersion === 'string' &&
      /^1\.\d+$/.test(read.formatVersion) &&
      typeof read.items === 'object' &&
      read.items !== null &&
      typeof read.at === 'string' &&
      typeof read.name === 'string'
    return good &&
      Object.values(read.items!).every((held) => typeof held === 'object' && held !== null && typeof held.status === 'string')
      ? (read as Baseline)
      : null
  } catch {
    return null
  }
}
