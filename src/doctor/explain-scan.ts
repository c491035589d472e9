import { PASSED } from './explain-automaton.ts'
import { Escapes } from './explain-escapes.ts'
import { find, type Manner } from './explain-match.ts'
import type { Signatures } from './explain-signatures.ts'
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
/** After so many failures lines that are alike are tried once; after the second number other wordings are let be. */
const WARY = 6
const TIRED = 60
const SHAPES = 20_000

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
  readonly #shapes = new Set<number>()
  readonly #done: Uint8Array

  constructor(signatures: Signatures) {
    this.#signatures = signatures
    this.#checkedTo = new Float64Array(signatures.wanted.length)
    this.#failures = new Uint32Array(signatures.wanted.length)
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
    const { machine, owners } = this.#signatures
    const pieces = machine.found[state - machine.firstFinal]!
    const open = pieces.some((piece) => owners[piece]!.some((wanted) => this.#done[wanted] === 0))
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
        const failures = this.#failures[id]!
        const tired = failures > TIRED
        if (tired && one.pattern === null && one.key !== words[piece]) continue
        if (failures > WARY && this.#isKnown(id, at - this.#offset)) continue
        window ??= this.#window(hit, last)
        const place = find(one, window, one.problem < 0 || tired || this.#found.has(id))
        if (place === null) {
          this.#failures[id]! += 1
          this.#checkedTo[id] = at + Math.max(1, REACH - 100 - one.folded.length * 2)
          continue
        }
        if (place.manner === 'exact') this.#done[id] = 1
        this.#found.set(id, {
          wanted: id,
          manner: place.manner,
          line: window.lineAt(place.from),
          evidence: window.quote(place.from, place.to),
          order: at,
        })
      }
    }
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

  /** Whether a line like this one, digits apart, was already tried for a signature. */
  #isKnown(id: number, at: number): boolean {
    const held = this.#held
    let one = id
    let other = ~id
    for (let index = Math.max(held.lastIndexOf(0x0a, at) + 1, at - 200); index < this.#size && index < at + 200; index += 1) {
      const byte = held[index]!
      if (byte === 0x0a) break
      if (byte >= 0x30 && byte <= 0x39) continue
      one = Math.imul(one ^ byte, 0x01000193)
      other = Math.imul(other + byte, 0x85ebca6b) ^ (other >>> 13)
    }
    const shape = (one >>> 0) * 0x200000 + (other & 0x1fffff)
    if (this.#shapes.has(shape)) return true
    if (this.#shapes.size < SHAPES) this.#shapes.add(shape)
    return false
  }
}

const DECODER = new TextDecoder('utf-8')

/** How many line ends there are between two places. */
function count(bytes: Uint8Array, from: number, to: number): number {
  let found = 0
  for (let at = bytes.indexOf(0x0a, from); at >= 0 && at < to; at = bytes.indexOf(0x0a, at + 1)) found += 1
  return found
}
