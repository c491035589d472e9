import type { Context, Problem } from '../model/problem.ts'
import { folded, message, unescaped } from './explain-line.ts'

/** Longer than any message that somebody types or pastes to ask about it. */
const MOST = 4000
const MOST_LINES = 20

/** A problem that was asked about: by its place in the catalogue, and whether by its own text or by words it shares with others. */
export type Asked = { problem: number; line: number; evidence: string; manner: 'exact' | 'words' }

const key = (text: string): string => folded(message(unescaped(text))).text.replace(/[.:]+$/, '')

const speaksAgainst = (text: string, { text: words, pattern }: Context): boolean =>
  words === null ? new RegExp(pattern ?? '', 'm').test(text) : folded(text).text.includes(folded(words).text)

/**
 * The problems that a line of a short text names as a whole. Who asks about a message has left out what a log would hold around
 * it: no context is demanded. Of a text of one line, words count as well that are too common to be looked for in a log.
 */
export function askedAbout(text: string, problems: readonly Problem[]): Asked[] {
  const lines = text.split(/\r\n|\r|\n/)
  const said = lines.filter((line) => line.trim() !== '').length
  if (said === 0 || said > MOST_LINES) return []
  const keys = lines.map(key)
  return problems.flatMap(({ signatures, asked }, problem) => {
    const texts = signatures.filter(({ notWhen }) => said === 1 || !notWhen.some((one) => speaksAgainst(text, one)))
    const exact = new Set(texts.flatMap((one) => one.text ?? []).map(key))
    const common = new Set((said === 1 ? asked : []).map(key))
    const at = keys.findIndex((one) => one !== '' && (exact.has(one) || common.has(one)))
    return at < 0 ? [] : [{ problem, line: at + 1, evidence: lines[at]!.trim(), manner: exact.has(keys[at]!) ? 'exact' : 'words' }]
  })
}

/** Keeps the beginning of a log, as far as it may be a question; null once it is longer than that. */
export class Beginning {
  #text: string | null = ''
  readonly #decoder = new TextDecoder()

  push(chunk: Uint8Array): void {
    if (this.#text === null) return
    this.#text = this.#text.length + chunk.length > MOST ? null : this.#text + this.#decoder.decode(chunk, { stream: true })
  }

  text(): string {
    return this.#text ?? ''
  }
}
