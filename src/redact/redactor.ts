import { entropyOf } from './data.ts'
import { isToken, type Detector, type Identifier, type Kind, type RedactionData, type Rule } from './model.ts'
import { isPublic } from './models.ts'
import { isPublicRepository } from './repositories.ts'
import { shapes } from './shapes.ts'

/** Replaces what tells too much. `rules` counts what was replaced so far, by the rule that saw it. */
export type Redactor = {
  redact(text: string): string
  /** The same for every text of a document, keys included. */
  deep<T>(value: T): T
  /** Names of the rules that would still replace something. Changes nothing. */
  find(text: string): string[]
  rules(): { rule: string; count: number }[]
}

const MOST_PASSES = 8
const NEAR = 80

/**
 * A redactor for one bundle. Equal values get equal tokens wherever they stand. Redacting what is redacted changes nothing:
 * passes are repeated until
 * nothing more is found.
 */
export function createRedactor(identifiers: readonly Identifier[], data: RedactionData): Redactor {
  const rules = [...data.detectors.map(ofDetector), ...namesOf(identifiers, data), ...shapes(data)]
  const tokens = tokenBook(identifiers)
  const counts = new Map<string, number>()
  const pass = (text: string, seen: (name: string) => void): string => {
    let now = text
    for (const rule of rules) now = replaced(now, rule, tokens, seen)
    return now
  }
  const redact = (text: string): string => {
    let now = text
    for (let left = MOST_PASSES; left > 0; left--) {
      const next = pass(now, (name) => counts.set(name, (counts.get(name) ?? 0) + 1))
      if (next === now) break
      now = next
    }
    return now
  }
  const deep = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value)
    if (Array.isArray(value)) return value.map(deep)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [redact(key), deep(one)]))
  }
  return {
    redact,
    deep: (value) => deep(value) as typeof value,
    find: (text) => {
      const found = new Set<string>()
      pass(text, (name) => found.add(name))
      return [...found].sort()
    },
    rules: () => [...counts].map(([rule, count]) => ({ rule, count })).sort((a, b) => a.rule.localeCompare(b.rule)),
  }
}

/** Cuts secrets out of one text and leaves all else as it is: for what is shown to its owner and written into the ledger. */
export function secretCutter({ detectors }: RedactionData): (text: string) => string {
  const rules = detectors.map(ofDetector)
  return (text) => {
    const token = tokenBook([])
    return rules.reduce((now, rule) => replaced(now, rule, token, () => undefined), text)
  }
}

/** One rule over one text: only the named part of each match is replaced. */
function replaced(text: string, rule: Rule, token: (kind: Kind, value: string) => string, seen: (name: string) => void): string {
  let out = ''
  let done = 0
  for (const match of text.matchAll(rule.pattern)) {
    const spot = match.indices?.groups ? Object.values(match.indices.groups).find((one) => one !== undefined) : undefined
    const [from, to] = spot ?? [match.index, match.index + match[0].length]
    const value = text.slice(from, to)
    if (
      from < done ||
      isToken(value) ||
      !rule.accept(value, text.slice(Math.max(0, from - NEAR), from), text.slice(to, to + NEAR))
    )
      continue
    const kind = rule.kindOf?.(value) ?? rule.kind
    seen(rule.kindOf ? `${rule.name}-${kind}` : rule.name)
    out += text.slice(done, from) + token(kind, value)
    done = to
  }
  return done === 0 ? text : out + text.slice(done)
}

const ofDetector = ({ name, pattern, reject, entropy, mixedCase }: Detector): Rule => ({
  name,
  kind: 'secret',
  pattern,
  accept: (value) =>
    !reject?.test(value) &&
    (entropy === 0 || entropyOf(value) >= entropy) &&
    (!mixedCase || (/[a-z]/.test(value) && /[A-Z]/.test(value))) &&
    !madeOfTokens(value),
})

/** `user-1:secret-2`, or a token with what a looser pattern takes along: nothing is left in it to hide. */
const madeOfTokens = (value: string): boolean => value.split(/[:@/=,.]+/).every((part) => part === '' || isToken(part))

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
const bounded = (text: string): string => {
  const [left, right] = [/^[\p{L}\p{N}]/u.test(text), /[\p{L}\p{N}]$/u.test(text)]
  return `${left ? String.raw`(?:(?<![\p{L}\p{N}])|(?<=\\[nrt]))` : ''}${escaped(text)}${right ? String.raw`(?![\p{L}\p{N}])` : ''}`
}

/**
 * The collected names, the longest first. Words that name nobody, and names too short to be told from other text, are left to
 * their place.
 */
function namesOf(identifiers: readonly Identifier[], data: RedactionData): Rule[] {
  const telling = identifiers.filter(
    ({ kind, value }) =>
      value.length >= 3 &&
      !data.words.has(value.toLowerCase()) &&
      !(kind === 'model' && isPublic(value, data)) &&
      !(kind === 'repository' && isPublicRepository(value, data)) &&
      !isToken(value) &&
      !/^\d{1,4}$/.test(value),
  )
  if (telling.length === 0) return []
  const kinds = new Map(telling.toReversed().map(({ kind, value }) => [value.toLowerCase(), kind]))
  const values = [...kinds.keys()].sort((a, b) => b.length - a.length)
  const kindOf = (value: string): Kind => kinds.get(value.toLowerCase()) ?? 'name'
  return [
    { name: 'collected', kind: 'name', kindOf, accept: () => true, pattern: new RegExp(values.map(bounded).join('|'), 'dgiu') },
  ]
}

/** Gives every value its token: numbered by kind in order of first use. */
function tokenBook(identifiers: readonly Identifier[]): (kind: Kind, value: string) => string {
  const numbers = new Map<string, number>()
  const next = new Map<Kind, number>()
  const canonical = new Map(
    identifiers.flatMap(({ kind, value, as }) =>
      as === undefined ? [] : [[`${kind} ${value.toLowerCase()}`, as.toLowerCase()] as const],
    ),
  )
  return (kind, value) => {
    const own = kind === 'secret' ? value : value.toLowerCase()
    const key = `${kind} ${canonical.get(`${kind} ${own}`) ?? own}`
    const number = numbers.get(key) ?? (next.get(kind) ?? 0) + 1
    next.set(kind, Math.max(number, next.get(kind) ?? 0))
    numbers.set(key, number)
    if (kind === 'gpu') return `GPU-00000000-0000-0000-0000-${String(number).padStart(12, '0')}`
    if (kind === 'model') return `private${value.includes('--') ? '--' : '/'}model-${number}`
    return kind === 'home' ? `/home-${number}` : `${kind}-${number}`
  }
}
