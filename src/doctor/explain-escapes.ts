const ESC = 0x1b
/** Longest escape that is waited for; a longer one is no escape. Links in escapes hold whole addresses. */
const LONGEST = 4096
const NOTHING = new Uint8Array(0)

/** Takes terminal escapes (colours, cursor moves, links, titles) out of a stream of bytes. */
export class Escapes {
  #held: Uint8Array = NOTHING

  /** The bytes of a chunk without escapes. One that the chunk cuts is held back until the next. */
  push(chunk: Uint8Array, last = false): Uint8Array {
    const data = this.#held.length === 0 ? chunk : joined(this.#held, chunk)
    this.#held = NOTHING
    let at = data.indexOf(ESC)
    if (at < 0) return data
    const kept = new Uint8Array(data.length)
    let from = 0
    let size = 0
    while (at >= 0) {
      kept.set(data.subarray(from, at), size)
      size += at - from
      const end = endOf(data, at)
      if (end < 0 && !last && data.length - at < LONGEST) {
        this.#held = data.slice(at)
        return kept.subarray(0, size)
      }
      from = end < 0 ? at + 1 : end
      at = data.indexOf(ESC, from)
    }
    kept.set(data.subarray(from), size)
    return kept.subarray(0, size + data.length - from)
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

/** Where the escape that begins at `at` ends, or -1 when its end is not there yet. */
function endOf(data: Uint8Array, at: number): number {
  const kind = data[at + 1]
  if (kind === undefined) return -1
  if (kind === 0x5b) return endOfControl(data, at + 2)
  if (kind === 0x5d || kind === 0x50 || kind === 0x58 || kind === 0x5e || kind === 0x5f) return endOfString(data, at + 2)
  if (kind >= 0x20 && kind <= 0x2f) return data.length > at + 2 ? at + 3 : -1
  return at + 2
}

/** ESC [ parameters, then one letter. A byte that cannot stand there ends it: the escape was cut by other output. */
function endOfControl(data: Uint8Array, from: number): number {
  for (let at = from; at < data.length; at += 1) {
    const byte = data[at]!
    if (byte >= 0x40 && byte <= 0x7e) return at + 1
    if (byte < 0x20 || byte > 0x3f || at - from > 64) return at
  }
  return -1
}

/** ESC ] text, up to BEL or ESC \. A line's end closes it too, so that a stray one cannot swallow a log. */
function endOfString(data: Uint8Array, from: number): number {
  for (let at = from; at < data.length; at += 1) {
    const byte = data[at]!
    if (byte === 0x07) return at + 1
    if (byte === 0x0a || at - from > LONGEST) return at
    if (byte === ESC) return data[at + 1] === 0x5c ? at + 2 : at + 1 < data.length ? at : -1
  }
  return -1
}
