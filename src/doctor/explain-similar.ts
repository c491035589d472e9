import { distance } from '../model/suggest.ts'
import type { Place } from './explain-match.ts'
import type { Wanted } from './explain-signatures.ts'
import { isCommon, isNegation, isStrict, weightOf, type Token } from './explain-tokens.ts'
import type { Window } from './explain-window.ts'

const FEWEST_WORDS = 4
const FEWEST_TELLING = 3
const MOST_EXTRA = 4
const MOST_TOKENS = 400
/** A sign at the end can be all that tells: `memory: -`, `offloaded 0/`. Words are compared without signs. */
const SIGN_AT_END = /[^\w.,!?)\]}'>]$/

/**
 * The same message in other words: other versions, a word more or less, a typing error, or only its beginning or end. Words with
 * digits and negations must be the same, and no telling word may be missing but in a long message.
 */
export function similar({ words, folded }: Wanted, window: Window): Place | null {
  const seen = window.tokens
  if (words.length < FEWEST_WORDS || SIGN_AT_END.test(folded) || seen.length === 0 || seen.length > MOST_TOKENS) return null
  const pairs = align(words, seen)
  const first = pairs[0]
  const last = pairs.at(-1)
  if (first === undefined || last === undefined) return null
  const telling = pairs.filter(([i]) => !isCommon(words[i]!.form)).length
  if (pairs.length < FEWEST_WORDS || telling < FEWEST_TELLING) return null
  const between = seen.slice(first[1], last[1] + 1)
  if (between.length - pairs.length > MOST_EXTRA || !sameNegations(pairs, words, between, first[0], last[0])) return null
  const share =
    pairs.reduce((sum, [i]) => sum + weightOf(words[i]!.form), 0) / words.reduce((sum, { form }) => sum + weightOf(form), 0)
  const place = { from: seen[first[1]]!.at, to: seen[last[1]]!.end }
  const met = new Set(pairs.map(([i]) => i))
  const missing = words.filter((_, i) => !met.has(i))
  if (share >= 0.75 && mayMiss(missing, telling)) return { manner: 'similar', ...place }
  const gaps = missing.some((word) => words.indexOf(word) > first[0] && words.indexOf(word) < last[0])
  if (gaps || share < 0.5 || between.length > pairs.length + 1) return null
  const cutEnd = first[0] === 0 && isCutAfter(window, place.to, words[last[0] + 1])
  const cutStart = last[0] === words.length - 1 && isCutBefore(window, place.from, words[first[0] - 1])
  return cutEnd || cutStart ? { manner: 'cut', ...place } : null
}

/** Words may be missing that say little; in a long message one more, but none with a digit and no "not". */
function mayMiss(missing: readonly Token[], telling: number): boolean {
  const telltale = missing.filter(({ form }) => !isCommon(form))
  return (
    telltale.length === 0 ||
    (telltale.length === 1 && telling >= 7 && telltale.every(({ form }) => !isStrict(form) && !isNegation(form)))
  )
}

function sameNegations(
  pairs: readonly Pair[],
  words: readonly Token[],
  between: readonly Token[],
  from: number,
  to: number,
): boolean {
  const count = (list: readonly Token[]): number => list.filter(({ form }) => isNegation(form)).length
  return (
    count(words.slice(from, to + 1)) === count(between) &&
    pairs.filter(([i]) => isNegation(words[i]!.form)).length === count(between)
  )
}

/** Whether the text breaks off after a place: with dots, inside of the next word, or at the end of all. */
function isCutAfter({ text, last }: Window, at: number, next: Token | undefined): boolean {
  const end = text.indexOf('\n', at)
  const rest = text.slice(at, end < 0 ? undefined : end).trim()
  if (/^\W{0,3}(…|\.{3}|>)$/.test(rest)) return true
  const partial = rest
    .replace(/^\W+/, '')
    .toLowerCase()
    .replace(/[\s.…>]+$/, '')
    .replaceAll('-', '_')
  if (partial !== '') return next !== undefined && partial.length >= 2 && partial !== next.form && next.form.startsWith(partial)
  const final = end < 0 || text.slice(end).trim() === ''
  return rest.length <= 2 && final && last
}

/** Whether the text before a place is missing: the log begins there, maybe inside of the word before, or dots stand for it. */
function isCutBefore({ text, first }: Window, at: number, previous: Token | undefined): boolean {
  const before = text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim()
  if (/(…|\.{3})\W{0,3}$/.test(before)) return true
  return (
    first &&
    text.lastIndexOf('\n', at - 1) < 0 &&
    (before === '' || previous?.form.endsWith(before.toLowerCase().replace(/\W+$/, '')) === true)
  )
}

type Pair = [word: number, seen: number]

/** The best way to lay the words of a message over those of a text, in order: pairs of places. */
function align(words: readonly Token[], seen: readonly Token[]): Pair[] {
  const wide = seen.length + 1
  const score = new Float64Array((words.length + 1) * wide)
  const step = new Uint8Array(score.length)
  let best = 0
  for (let i = 1; i <= words.length; i += 1) {
    const weight = weightOf(words[i - 1]!.form)
    for (let j = 1; j <= seen.length; j += 1) {
      const cell = i * wide + j
      const gain = agreement(words[i - 1]!.form, seen[j - 1]!.form) * weight
      const both = score[cell - wide - 1]! + (gain > 0 ? gain : -0.5 - weight / 2)
      const without = score[cell - wide]! - weight / 2
      const extra = score[cell - 1]! - 0.2
      const most = Math.max(0, both, without, extra)
      score[cell] = most
      step[cell] = most === 0 ? 0 : most === both ? (gain > 0 ? 1 : 2) : most === without ? 3 : 4
      if (most > score[best]!) best = cell
    }
  }
  const pairs: Pair[] = []
  for (let cell = best; step[cell]! !== 0; ) {
    const kind = step[cell]!
    if (kind === 1) pairs.push([Math.floor(cell / wide) - 1, (cell % wide) - 1])
    cell -= kind <= 2 ? wide + 1 : kind === 3 ? wide : 1
  }
  return pairs.toReversed()
}

/** 1 for the same word, a little less for one with a typing error in it. */
function agreement(word: string, seen: string): number {
  if (word === seen) return 1
  if (word.length < 7 || Math.abs(word.length - seen.length) > 1 || /\d/.test(word) || /\d/.test(seen)) return 0
  return distance(word, seen) <= 1 ? 0.8 : 0
}
