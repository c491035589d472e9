import { isScalar } from 'yaml'
import type { Context, Signature } from '../model/problem.ts'
import { safePattern } from './problem-condition.ts'
import { fault, list, maybe, object, orElse, type Reader } from './reader.ts'
import { text, yes } from './scalars.ts'

/** What is kept of a log around a hit is not more than a few lines. */
const MOST_LINES = 60

const lines: Reader<number> = (cursor) => {
  const value = isScalar(cursor.node) ? cursor.node.value : undefined
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_LINES
  return fits ? value : fault(cursor, `a number of lines, 0 to ${MOST_LINES}`)
}

const fullContext = object<Context>({
  text: orElse<string | null>(text, null),
  pattern: orElse<string | null>(safePattern, null),
  within: orElse<number | null>(lines, null),
  later: orElse<boolean>(yes, false),
})

/** A bare text stands anywhere in the log; a mapping says where. */
export const context: Reader<Context> = (cursor) => {
  if (isScalar(cursor.node)) {
    const words = text(cursor)
    return words === undefined ? undefined : { text: words, pattern: null, within: null, later: false }
  }
  const found = fullContext(cursor)
  if (found === undefined) return undefined
  if ((found.text === null) === (found.pattern === null)) return fault(cursor, 'either text or pattern')
  if (found.later && found.within !== null) return fault(cursor, 'either within or later')
  return found
}

type RawSignature = Partial<Signature>
const rawSignature = object<RawSignature>({
  text: maybe<string | null>(text),
  pattern: maybe<string | null>(safePattern),
  example: maybe(text),
  counterExample: maybe<string | null>(text),
  when: maybe(list(context)),
  notWhen: maybe(list(context)),
})

/** A signature needs a text or a pattern; a pattern needs an example, a text is its own when none is given. */
export const signature: Reader<Signature> = (cursor) => {
  const raw = rawSignature(cursor)
  if (raw === undefined) return undefined
  const { text: words = null, pattern = null, example = words, counterExample = null, when = [], notWhen = [] } = raw
  if ((words === null) === (pattern === null)) return fault(cursor, 'either text or pattern')
  if (example === null) return fault(cursor, 'an example of the pattern')
  if (when.some((one) => one.later || (one.within === null) !== (when[0]!.within === null)))
    return fault(cursor, 'a when whose places are all near (within), or all anywhere in the log')
  return { text: words, pattern, example, counterExample, when, notWhen }
}
