import type { Wanted } from './explain-signatures.ts'
import { similar } from './explain-similar.ts'
import type { Window } from './explain-window.ts'

/** How sure a match is: the text itself, or one that is worded alike (`cut` = only a part of it was left). */
export type Manner = 'exact' | 'similar' | 'cut'
export type Place = { manner: Manner; from: number; to: number }

/** Where a wanted text stands in a window, if it does: on the given line if it can. `strictly` leaves out other wordings. */
export function find(one: Wanted, window: Window, strictly: boolean, line: number): Place | null {
  if (one.pattern !== null) return nearest(patternPlaces(one.pattern, window), window, line)
  const exact =
    nearest(textPlaces(one, window), window, line) ??
    (one.loose === null ? null : nearest(loosePlaces(one.loose, window), window, line))
  return exact ?? (strictly ? null : similar(one, window))
}

/** Whether a place lies on a line, or reaches over it. */
export const touches = ({ from, to }: Place, window: Window, line: number): boolean =>
  window.lineAt(from) <= line && line <= window.lineAt(to - 1)

/** The first place on a line, else the first of all. */
function nearest(places: Iterable<Place>, window: Window, line: number): Place | null {
  let first: Place | null = null
  for (const place of places) {
    if (touches(place, window, line)) return place
    first ??= place
  }
  return first
}

const isWord = (letter: string | undefined): boolean => letter !== undefined && /[A-Za-z0-9]/.test(letter)

/** The text without regard to blanks, case and kinds of quotes. It neither begins nor ends inside of a word. */
function* textPlaces({ folded: wanted, open }: Wanted, { text, folded }: Window): Generator<Place> {
  for (let index = folded.text.indexOf(wanted); index >= 0; index = folded.text.indexOf(wanted, index + 1)) {
    const from = folded.at[index]!
    const to = folded.at[index + wanted.length - 1]! + 1
    const begun = isWord(wanted[0]) && isWord(text[from - 1]) && text.slice(from - 2, from) !== '-D'
    const goesOn = !open && /[\w]/.test(text[to] ?? '')
    if (!begun && !goesOn) yield { manner: 'exact', from, to }
  }
}

/** The text with other versions in it. Its place is told by what stands before the first of them. */
function* loosePlaces(wanted: string, window: Window): Generator<Place> {
  if (!window.loose.includes(wanted)) return
  const { text, at } = window.folded
  const start = wanted.split('#').toSorted((one, other) => other.length - one.length)[0] ?? ''
  for (let index = Math.max(0, text.indexOf(start)); index >= 0; index = text.indexOf(start, index + 1)) {
    const from = at[index] ?? 0
    yield { manner: 'exact', from, to: (at[Math.min(index + start.length, at.length) - 1] ?? from) + 1 }
    if (start === '') return
  }
}

/** A pattern fits one line; where it fits none, the lines as one, as a terminal may have wrapped it. */
function* patternPlaces(pattern: RegExp, { text, lines }: Window): Generator<Place> {
  const whole = (at: number): number => at + lines.findLastIndex((line, number) => line.at - number <= at)
  const forms: [form: string, at: (at: number) => number][] = [
    [text, (at) => at],
    [text.replaceAll('\n', ' '), (at) => at],
    [text.replaceAll('\n', ''), whole],
  ]
  for (const [form, at] of forms) {
    let any = false
    for (const { index, 0: found } of form.matchAll(pattern)) {
      any = true
      yield {
        manner: 'exact',
        from: Math.max(0, Math.min(at(index), text.length - 1)),
        to: Math.max(1, Math.min(at(index + Math.max(1, found.length) - 1) + 1, text.length)),
      }
    }
    if (any) return
  }
}
