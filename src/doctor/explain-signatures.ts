import type { Context, Problem } from '../model/problem.ts'
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
  /** Texts anywhere in the log that take the match back, and of which one must be there: by their place among the wanted. */
  notWhen: number[]
  when: number[]
  /** The same for the lines around a hit. */
  near: Near[]
  /** Whether a later text takes it back: it is looked for again and again then. */
  lasting: boolean
  /** The wanted whose sightings before this text count no more. */
  ends: number[]
  /** Its longest piece: the one without which the text itself cannot be there. */
  key: string
}

/** What must, or must not, stand within some lines of a hit. */
export type Near = { wanted: Wanted; within: number; forbidden: boolean }

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
    'gim',
  )

/** Leaves the versions in a folded text open. */
export const loosened = (text: string): string => text.replaceAll(OPEN_FOLDED, '#')

/** Compiles the signatures of a catalogue. */
export function compileSignatures(problems: readonly Problem[]): Signatures {
  const wanted: Wanted[] = []
  const pieces = new Map<string, number[]>()
  const contexts = new Map<string, number>()
  const add = (one: Wanted, parts: readonly string[]): number => {
    const id = wanted.push({ ...one, key: parts[0] ?? '' }) - 1
    for (const part of parts) pieces.set(part, [...(pieces.get(part) ?? []), id])
    return id
  }
  const sought = (one: Context): number => {
    const key = JSON.stringify([one.later, one.pattern, folded(one.text ?? '').text])
    const known = contexts.get(key) ?? add(wantedOf(one, -1), partsOf(one).slice(0, one.text === null ? undefined : 1))
    contexts.set(key, known)
    return known
  }
  problems.forEach(({ signatures }, problem) => {
    for (const one of signatures) {
      const anywhere = (list: readonly Context[]): number[] =>
        list.filter(({ within, later }) => within === null && !later).map(sought)
      const enders = one.notWhen.filter(({ later }) => later).map(sought)
      const id = add(
        {
          ...wantedOf(one, problem),
          notWhen: anywhere(one.notWhen),
          when: anywhere(one.when),
          near: [...nearOf(one.notWhen, true), ...nearOf(one.when, false)],
          lasting: enders.length > 0,
        },
        partsOf(one),
      )
      for (const ender of enders) wanted[ender]!.ends.push(id)
    }
  })
  const words = [...pieces.keys()]
  return { problems, wanted, machine: automaton(words), words, owners: words.map((word) => pieces.get(word)!) }
}

type Said = Pick<Context, 'text' | 'pattern'>

const partsOf = ({ text, pattern }: Said): string[] => (text === null ? patternPieces(pattern ?? '') : piecesOf(text))

const nearOf = (contexts: readonly Context[], forbidden: boolean): Near[] =>
  contexts.flatMap((one) => (one.within === null ? [] : [{ wanted: wantedOf(one, -1), within: one.within, forbidden }]))

function wantedOf({ text, pattern }: Said, problem: number): Wanted {
  const plain = {
    problem,
    folded: '',
    loose: null,
    pattern: null,
    open: true,
    words: [],
    notWhen: [],
    when: [],
    near: [],
    lasting: false,
    ends: [],
    key: '',
  }
  if (text === null) return { ...plain, pattern: new RegExp(pattern ?? '', 'gm') }
  if (text.includes(GAP)) return { ...plain, pattern: gapped(text) }
  const compared = folded(text).text
  const loose = loosened(compared)
  return { ...plain, folded: compared, loose: loose === compared ? null : loose, open: isOpen(text), words: tokens(text) }
}

/** A text that ends with a digit or a sign is the beginning of a number or a name; one that ends with a word is whole. */
const isOpen = (text: string): boolean => !/(^|[^A-Za-z0-9_])[A-Za-z_]*[A-Za-z]\s*$/.test(text)

const SHORTEST = 14
const LONGEST = 16
const MOST = 4
const CHUNK = new RegExp(`.{1,${LONGEST}}`, 'g')

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
  return telling(pieces)
}

/** Pieces of the plain runs of characters of each alternative of a pattern: what is wrapped inside of one is found by another. */
export function patternPieces(pattern: string): string[] {
  return alternatives(pattern).flatMap((one) => telling(plainRuns(one).flatMap((run) => comparable(run).match(CHUNK) ?? [])))
}

/** The longest piece, and a few others that are long. */
function telling(pieces: readonly string[]): string[] {
  const ranked = pieces.toSorted((one, other) => other.length - one.length)
  return ranked.filter(({ length }, at) => at === 0 || (at < MOST && length >= SHORTEST))
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
