import type { Wanted } from './explain-signatures.ts'
import { similar } from './explain-similar.ts'
import type { Window } from './explain-window.ts'

/** How sure a match is: the text itself, or one that is worded alike (`cut` = only a part of it was left). */
export type Manner = 'exact' | 'similar' | 'cut'
export type Place = { manner: Manner; from: number; to: number }

/** Where a wanted text stands in a window, if it does. `strictly` leaves out other wordings. */
export function find(one: Wanted, window: Window, strictly: boolean): Place | null {
  if (one.pattern !== null) return findPattern(one.pattern, window)
  const exact = findText(one, window) ?? (one.loose === null ? null : findLoose(one.loose, window))
  return exact ?? (strictly ? null : similar(one, window))
}

const isWord = (letter: string | undefined): boolean => letter !== undefined && /[A-Za-z0-9]/.test(letter)

/** The text without regard to blanks, case and kinds of quotes. It neither begins nor ends inside of a word. */
function findText({ folded: wanted, open }: Wanted, { text, folded }: Window): Place | null {
  for (let index = folded.text.indexOf(wanted); index >= 0; index = folded.text.indexOf(wanted, index + 1)) {
    const from = folded.at[index]!
    const to = folded.at[index + wanted.length - 1]! + 1
    const begun = isWord(wanted[0]) && isWord(text[from - 1]) && text.slice(from - 2, from) !== '-D'
    const goesOn = !open && /[\w]/.test(text[to] ?? '')
    if (!begun && !goesOn) return { manner: 'exact', from, to }
  }
  return null
}

/** The text with other versions in it. Its place is told by what stands before the first of them. */
function findLoose(wanted: string, window: Window): Place | null {
  if (!window.loose.includes(wanted)) return null
  const start = wanted.split('#').toSorted((one, other) => other.length - one.length)[0] ?? ''
  const index = Math.max(0, window.folded.text.indexOf(start))
  const from = window.folded.at[index] ?? 0
  return {
    manner: 'exact',
    from,
    to: (window.folded.at[Math.min(index + start.length, window.folded.at.length) - 1] ?? from) + 1,
  }
}

/** A pattern fits one line, or the lines as one where a terminal wrapped them. */
function findPattern(pattern: RegExp, { text }: Window): Place | null {
  for (const form of [text, text.replaceAll('\n', ' '), text.replaceAll('\n', '')]) {
    const found = pattern.exec(form)
    if (found !== null)
      return {
        manner: 'exact',
        from: Math.min(found.index, text.length - 1),
        to: Math.min(found.index + Math.max(1, found[0].length), text.length),
      }
  }
  return null
}
