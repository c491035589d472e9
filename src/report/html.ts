import { plain } from './text.ts'

/** A piece of a page that may stand there as it is. Only `html` and `lines` make one: a look-alike in foreign data is text. */
export class Html {
  readonly markup: string
  constructor(markup: string) {
    this.markup = markup
  }
}

/**
 * Markup with values in it. Every value that is no markup itself is made inert: no control characters, no escape sequences, and
 * nothing left that could end a tag, a text or an attribute.
 */
export const html = (strings: TemplateStringsArray, ...values: (string | number | Html | readonly Html[])[]): Html =>
  new Html(String.raw({ raw: strings }, ...values.map(shown)))

/** Text of several lines, for `pre`. */
export const lines = (text: string): Html => new Html(text.split(/\r\n|[\r\n]/).map((line) => inert(line)).join('\n'))

const shown = (value: string | number | Html | readonly Html[]): string => {
  if (value instanceof Html) return value.markup
  return Array.isArray(value) ? value.map(shown).join('') : inert(String(value))
}

const inert = (text: string): string => plain(text).toWellFormed().replaceAll(/[&<>"']/g, (one) => NAMES[one] ?? '')
const NAMES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
