import type { Problem } from '../model/problem.ts'
import { automaton, comparable, type Automaton } from './explain-automaton.ts'
import { folded } from './explain-line.ts'
import { tokens, type Token } from './explain-tokens.ts'

/** One text to look for, made ready. */
export type Wanted = {
  /** The problems it betrays, by their place in the catalogue; none for a text that only speaks against others. */
  problem: number
  folded: string
  /** The same with versions left open; null when it holds none. */
  loose: string | null
  pattern: RegExp | null
  /** Whether it may end inside of a word: `torch-2` is the beginning of many versions. */
  open: boolean
  words: Token[]
  /** Texts that take the match back, by their place among the wanted. */
  notWhen: number[]
  /** Its longest piece: the one without which the text itself cannot be there. */
  key: string
}

/** The signatures of all problems, compiled: the automaton finds pieces, `owners` says whose a piece is. */
export type Signatures = {
  problems: readonly Problem[]
  wanted: Wanted[]
  machine: Automaton
  words: readonly string[]
  owners: readonly (readonly number[])[]
}

/** Parts of a signature that differ from one machine and release to the next: versions of three parts, Python tags, pointers. */
const OPEN = /(?<![\w.])v?\d+(?:\.\d+){2,}[\w+]*|cp3\d{1,2}|0x[0-9a-f]+/gi
const OPEN_FOLDED = /v?\d+(?:\.\d+){2,}|cp3\d{1,2}|0x[0-9a-f]+/g

/** Stands in a text for anything on the same line. */
const GAP = '…'

/** A text with gaps as a pattern: its parts in order, not too far apart. */
const gapped = (text: string): RegExp =>
  new RegExp(
    text
      .split(GAP)
      .map((part) =>
        part
          .trim()
          .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
          .replaceAll(/\s+/g, String.raw`\s+`),
      )
      .join('.{0,400}?'),
    'i',
  )

/** Leaves the versions in a folded text open. */
export const loosened = (text: string): string => text.replaceAll(OPEN_FOLDED, '#')

/** Compiles the signatures of a catalogue. */
export function compileSignatures(problems: readonly Problem[]): Signatures {
  const wanted: Wanted[] = []
  const pieces = new Map<string, number[]>()
  const against = new Map<string, number>()
  const add = (one: Wanted, parts: readonly string[]): number => {
    const id = wanted.push({ ...one, key: parts[0] ?? '' }) - 1
    for (const part of parts) pieces.set(part, [...(pieces.get(part) ?? []), id])
    return id
  }
  const counter = (text: string): number => {
    const key = folded(text).text
    const known = against.get(key) ?? add(textWanted(text, -1), piecesOf(text).slice(0, 1))
    against.set(key, known)
    return known
  }
  problems.forEach(({ signatures }, problem) => {
    for (const { text, pattern, notWhen } of signatures) {
      const one = text === null ? patternWanted(new RegExp(pattern ?? ''), problem) : textWanted(text, problem)
      one.notWhen = notWhen.map(counter)
      add(one, text === null ? patternPieces(pattern ?? '') : piecesOf(text))
    }
  })
  const words = [...pieces.keys()]
  return { problems, wanted, machine: automaton(words), words, owners: words.map((word) => pieces.get(word)!) }
}

function textWanted(text: string, problem: number): Wanted {
  if (text.includes(GAP)) return patternWanted(gapped(text), problem)
  const plain = folded(text).text
  const loose = loosened(plain)
  return {
    problem,
    folded: plain,
    loose: loose === plain ? null : loose,
    pattern: null,
    open: isOpen(text),
    words: tokens(text),
    notWhen: [],
    key: '',
  }
}

/** A text that ends with a digit or a sign is the beginning of a number or a name; one that ends with a word is whole. */
const isOpen = (text: string): boolean => !/(^|[^A-Za-z0-9_])[A-Za-z_]*[A-Za-z]\s*$/.test(text)

const patternWanted = (pattern: RegExp, problem: number): Wanted => ({
  problem,
  folded: '',
  loose: null,
  pattern,
  open: true,
  words: [],
  notWhen: [],
  key: '',
})

const SHORTEST = 14
const LONGEST = 16
const MOST = 4

/** Pieces of a text of which any changed, wrapped or cut copy still holds at least one; the longest first. */
export function piecesOf(text: string): string[] {
  const pieces: string[] = []
  for (const segment of text.split(OPEN).flatMap((part) => part.split(/[^\x00-\x7f]+/))) {
    let piece = ''
    for (const word of segment
      .split(/\s+/)
      .map((one) => comparable(one))
      .filter((one) => one !== '')) {
      piece += word
      if (piece.length < SHORTEST) continue
      pieces.push(piece.slice(0, LONGEST))
      piece = ''
    }
    if (piece !== '') pieces.push(piece)
  }
  const ranked = pieces.toSorted((one, other) => other.length - one.length)
  return ranked.filter(({ length }, at) => at === 0 || (at < MOST && length >= SHORTEST))
}

/** The longest plain run of characters of each alternative of a pattern. */
export function patternPieces(pattern: string): string[] {
  return alternatives(pattern)
    .map(
      (one) =>
        plainRuns(one)
          .map((run) => comparable(run))
          .toSorted((a, b) => b.length - a.length)[0]
          ?.slice(0, LONGEST) ?? '',
    )
    .filter((piece) => piece !== '')
}

/** Splits a pattern at the `|` that stand outside of groups and classes. */
function alternatives(pattern: string): string[] {
  const parts = ['']
  let depth = 0
  for (const [item] of pattern.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|[^]/g)) {
    if (item === '(') depth += 1
    if (item === ')') depth -= 1
    if (item === '|' && depth === 0) parts.push('')
    else parts[parts.length - 1] += item
  }
  return parts
}

/** The runs of characters that every text a pattern fits must hold. */
function plainRuns(pattern: string): string[] {
  const runs = ['']
  let depth = 0
  const items = [...pattern.matchAll(/\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\.|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[^]/g)].map(
    ([item]) => item,
  )
  items.forEach((item, at) => {
    if (item === '(') depth += 1
    const after = items[at + 1] ?? ''
    const repeated = after === '*' || after === '?' || after.startsWith('{0')
    const letter = /^\\[^a-zA-Z0-9]$/.test(item)
      ? item.slice(1)
      : item === '\\s'
        ? ' '
        : /^[^\\[\](){}*+?|.^$]$/.test(item)
          ? item
          : null
    // A blank does not count in the comparison, so a run may go on over `\s*`.
    const blank = letter !== null && letter.trim() === ''
    if (depth === 0 && letter !== null && (blank || !repeated)) runs[runs.length - 1] += letter
    else if (!((item === '*' || item === '+' || item === '?') && /^(\\s| )$/.test(items[at - 1] ?? ''))) runs.push('')
    if (item === ')') depth -= 1
  })
  return runs
}
