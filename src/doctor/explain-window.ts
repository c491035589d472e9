import { folded, message, unescaped, type Folded } from './explain-line.ts'
import { loosened } from './explain-signatures.ts'
import { tokens, type Token } from './explain-tokens.ts'

/** A line of a window: where its message begins in the window's text, and its number in the log. */
type Line = { at: number; number: number }

/** A few lines of a log around a hit, cleaned; the other forms are made when they are asked for. */
export class Window {
  readonly text: string
  readonly lines: Line[] = []
  /** Nothing of the log stands before it, or after it. */
  readonly first: boolean
  readonly last: boolean
  #folded: Folded | null = null
  #loose: string | null = null
  #tokens: Token[] | null = null

  constructor(raw: string, number: number, first: boolean, last: boolean) {
    this.first = first
    this.last = last
    let text = ''
    raw.split('\n').forEach((line, at) => {
      for (const part of line.split('\r')) {
        const cleaned = message(unescaped(part))
        if (cleaned === '') continue
        this.lines.push({ at: text.length, number: number + at })
        text += `${cleaned}\n`
      }
    })
    this.text = text
  }

  get folded(): Folded {
    return (this.#folded ??= folded(this.text))
  }

  get loose(): string {
    return (this.#loose ??= loosened(this.folded.text))
  }

  get tokens(): Token[] {
    return (this.#tokens ??= tokens(this.text))
  }

  /** The number of the line that holds a place of the text. */
  lineAt(at: number): number {
    return this.lines.findLast((line) => line.at <= at)?.number ?? this.lines[0]?.number ?? 1
  }

  /** The lines from one place of the text to another, as one. */
  quote(from: number, to: number): string {
    const start = this.text.lastIndexOf('\n', from - 1) + 1
    const end = this.text.indexOf('\n', Math.max(from, to - 1))
    const whole = this.text.slice(start, end < 0 ? undefined : end)
    if (whole.length <= LONGEST_QUOTE) return oneLine(whole)
    const skipped = Math.max(0, Math.min(from - start - 60, whole.length - LONGEST_QUOTE))
    const goesOn = skipped + LONGEST_QUOTE < whole.length
    return `${skipped > 0 ? '... ' : ''}${oneLine(whole.slice(skipped, skipped + LONGEST_QUOTE))}${goesOn ? ' ...' : ''}`
  }
}

const LONGEST_QUOTE = 400

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ').trim()
