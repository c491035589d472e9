import { PASSED } from './explain-automaton.ts'
import { Escapes } from './explain-escapes.ts'
import { find, touches, type Manner, type Place } from './explain-match.ts'
import { shapeOf } from './explain-shape.ts'
import type { Near, Signatures, Wanted } from './explain-signatures.ts'
import { Window } from './explain-window.ts'

/** A signature that was found: by its place among the wanted. */
export type Sighting = { wanted: number; manner: Manner; line: number; evidence: string; order: number }
export type Scanned = { sightings: Sighting[]; lines: number; bytes: number }

/** A piece of a signature in the log: where it ends, and on which line. */
type Hit = { at: number; line: number; state: number }

const SLICE = 1 << 18
/** What is kept of the text before a slice, so that a message that a slice cuts is seen whole. */
const MARGIN = 1 << 13
/** Lines are followed that far beyond the message; a longer line is looked at in part. */
const REACH = 600
/**
 * After so many failures lines that are alike are tried once; after the second number other wordings are let be. What comes back
 * that often, to be taken back each time, is looked for on its own line.
 */
const WARY = 6
const TIRED = 60
const SHAPES = 20_000
/** So far around a hit its company is looked for; less than what is kept. */
const NEARBY = 8000

/** Reads a log of any length piece by piece, in constant memory, and finds signatures. */
export class Scanner {
  readonly #signatures: Signatures
  readonly #escapes = new Escapes()
  readonly #held = new Uint8Array(SLICE + MARGIN * 2)
  #size = 0
  #scanned = 0
  /** Where `#held` begins in the text. */
  #offset = 0
  #lines = 0
  #state = 0
  #lastByte = 0x0a
  #hits: Hit[] = []
  readonly #found = new Map<number, Sighting>()
  readonly #checkedTo: Float64Array
  readonly #failures: Uint32Array
  readonly #refused: Uint32Array
  readonly #taken: Uint32Array
  readonly #shapes = new Set<number>()
  readonly #done: Uint8Array

  constructor(signatures: Signatures) {
    this.#signatures = signatures
    this.#checkedTo = new Float64Array(signatures.wanted.length)
    this.#failures = new Uint32Array(signatures.wanted.length)
    this.#refused = new Uint32Array(signatures.wanted.length)
    this.#taken = new Uint32Array(signatures.wanted.length)
    this.#done = new Uint8Array(signatures.wanted.length)
  }

  /** The next bytes of the log. */
  push(chunk: Uint8Array): void {
    this.#take(this.#escapes.push(chunk))
  }

  /** The log is over: what was found in it. */
  end(): Scanned {
    this.#take(this.#escapes.push(new Uint8Array(0), true))
    this.#settle(true)
    const bytes = this.#offset + this.#size
    return { sightings: [...this.#found.values()], lines: this.#lines + (this.#lastByte === 0x0a ? 0 : 1), bytes }
  }

  #take(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; from += SLICE) {
      const part = bytes.subarray(from, from + SLICE)
      if (this.#size + part.length > this.#held.length) this.#forget()
      this.#held.set(part, this.#size)
      this.#size += part.length
      this.#lastByte = part.at(-1)!
      this.#scan()
      this.#settle(false)
    }
  }

  /** Drops what no window reaches any more. */
  #forget(): void {
    const from = Math.max(0, this.#size - MARGIN * 2)
    this.#held.copyWithin(0, from, this.#size)
    this.#offset += from
    this.#size -= from
    this.#scanned -= from
  }

  /** The automaton over the new bytes: one step a byte. */
  #scan(): void {
    const { classes, next, shift, firstFinal } = this.#signatures.machine
    const held = this.#held
    const end = this.#size
    let state = this.#state
    let lines = 0
    for (let at = this.#scanned; at < end; at += 1) {
      const byte = held[at]!
      if (byte === 0x0a) lines += 1
      const kind = classes[byte]!
      state = next[(state << shift) | kind]!
      if (state >= firstFinal && kind !== PASSED) this.#hit(at, this.#lines + lines + 1, state)
    }
    this.#state = state
    this.#lines += lines
    this.#scanned = end
  }

  #hit(at: number, line: number, state: number): void {
    const { machine, owners, wanted } = this.#signatures
    const pieces = machine.found[state - machine.firstFinal]!
    const open = pieces.some((piece) => owners[piece]!.some((id) => this.#done[id] === 0 || wanted[id]!.lasting))
    if (open) this.#hits.push({ at: this.#offset + at, line, state })
  }

  /** Looks closer at the hits whose surroundings are there. */
  #settle(last: boolean): void {
    const ready = this.#offset + this.#size - (last ? 0 : MARGIN)
    const later: Hit[] = []
    for (const hit of this.#hits) {
      if (hit.at >= ready) later.push(hit)
      else this.#inspect(hit, last)
    }
    this.#hits = later
  }

  #inspect(hit: Hit, last: boolean): void {
    const { machine, words, owners, wanted } = this.#signatures
    const { at, state } = hit
    let window: Window | null = null
    for (const piece of machine.found[state - machine.firstFinal]!) {
      for (const id of owners[piece]!) {
        if (this.#done[id] === 1 || this.#checkedTo[id]! > at) continue
        const one = wanted[id]!
        if (one.ends.length > 0 && !one.ends.some((ended) => this.#found.has(ended))) continue
        const failures = this.#failures[id]!
        const tired = failures > TIRED
        if (tired && one.pattern === null && one.key !== words[piece]) continue
        const wary = failures > WARY || this.#refused[id]! > TIRED
        const shape = wary ? shapeOf(this.#held.subarray(0, this.#size), at - this.#offset, id) : null
        if (shape !== null && this.#shapes.has(shape)) continue
        const view = this.#taken[id]! > TIRED ? this.#around(hit, hit.line, hit.line) : (window ??= this.#window(hit, last))
        const strictly = one.problem < 0 || tired || this.#found.has(id)
        const place = find(one, view, strictly, hit.line)
        if (place !== null && this.#counts(one, place, view, hit)) {
          this.#taken[id]! += 1
          if (one.ends.length > 0) this.#forgive(one.ends)
          else this.#keep(id, place, view, at)
          continue
        }
        if (place === null) {
          this.#failures[id]! += 1
          this.#checkedTo[id] = at + Math.max(1, REACH - 100 - one.folded.length * 2)
        } else {
          // Refused again and again, in ever other words: the longer, the further ahead it is let be.
          this.#refused[id]! += 1
          this.#checkedTo[id] = at + Math.max(0, this.#refused[id]! - TIRED)
        }
        if (shape !== null && this.#shapes.size < SHAPES) this.#shapes.add(shape)
      }
    }
  }

  #keep(wanted: number, place: Place, window: Window, order: number): void {
    const { manner, from, to } = place
    if (manner === 'exact') this.#done[wanted] = 1
    this.#found.set(wanted, { wanted, manner, line: window.lineAt(from), evidence: window.quote(from, to), order })
  }

  /** What was seen so far of these counts no more; a new sighting does. */
  #forgive(ended: readonly number[]): void {
    for (const id of ended) {
      this.#found.delete(id)
      this.#done[id] = 0
    }
  }

  /** Whether a sighting has the company it needs, and none that speaks against it. One of long ago is not taken for a new one. */
  #counts({ near, lasting, ends }: Wanted, place: Place, window: Window, hit: Hit): boolean {
    const moves = lasting || ends.length > 0 || near.length > 0
    if (moves && !touches(place, window, hit.line)) return false
    const first = window.lineAt(place.from)
    const final = window.lineAt(place.to - 1)
    const made = new Map<number, Window>()
    const isNear = ({ wanted, within }: Near): boolean => {
      const around = made.get(within) ?? this.#around(hit, first - within, final + within)
      made.set(within, around)
      return find(wanted, around, true, hit.line) !== null
    }
    const needed = near.filter(({ forbidden }) => !forbidden)
    return !near.some((one) => one.forbidden && isNear(one)) && (needed.length === 0 || needed.some(isNear))
  }

  /** The lines from one to another around a hit, as far as they lie nearby. */
  #around({ at: absolute, line }: Hit, first: number, final: number): Window {
    const held = this.#held
    const at = absolute - this.#offset
    const lowest = Math.max(0, at - NEARBY)
    const highest = Math.min(this.#size, at + NEARBY)
    let from = at
    let number = line
    for (let before = lineEnd(held, from); before >= lowest && number > first; before = lineEnd(held, from)) {
      from = before
      number -= 1
    }
    from = Math.max(lowest, lineEnd(held, from) + 1)
    let to = at
    for (let count = line; to >= 0 && to < highest && count <= final; count += 1) to = held.indexOf(0x0a, to + 1)
    return new Window(DECODER.decode(held.subarray(from, to < 0 ? highest : Math.min(to, highest))), number, false, false)
  }

  /** Whole lines around a hit. */
  #window({ at: absolute, line }: Hit, last: boolean): Window {
    const held = this.#held
    const at = absolute - this.#offset
    const lowest = Math.max(0, at - REACH)
    const highest = Math.min(this.#size, at + REACH)
    const lineStart = lowest === 0 ? 0 : held.lastIndexOf(0x0a, lowest) + 1
    const from = lowest - lineStart > REACH ? lowest : lineStart
    const far = Math.min(this.#size, highest + REACH)
    const lineEnd = held.subarray(highest, far).indexOf(0x0a)
    const to = lineEnd < 0 ? far : highest + lineEnd
    const number = line - count(held, from, at)
    const final = last && this.#size - to < REACH && DECODER.decode(held.subarray(to, this.#size)).trim() === ''
    return new Window(DECODER.decode(held.subarray(from, to)), number, this.#offset + from === 0, final)
  }
}

const DECODER = new TextDecoder('utf-8')

/** Where the line before a place ends; -1 where there is none. */
const lineEnd = (bytes: Uint8Array, at: number): number => (at <= 0 ? -1 : bytes.lastIndexOf(0x0a, at - 1))

/** How many line ends there are between two places. */
function count(bytes: Uint8Array, from: number, to: number): number {
  let found = 0
  for (let at = bytes.indexOf(0x0a, from); at >= 0 && at < to; at = bytes.indexOf(0x0a, at + 1)) found += 1
  return found
}
