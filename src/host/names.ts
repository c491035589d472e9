/**
 * File names are bytes. Names that are valid UTF-8 are kept as they are; a byte that is not becomes one lone surrogate (U+DC80 + byte - 0x80),
 * as Python does it, so that any name survives JSON and goes back to the very same bytes.
 */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function decodeName(name: Buffer): string {
  try {
    return strict.decode(name)
  } catch {
    let text = ''
    for (let at = 0; at < name.length; ) {
      const length = sequenceLength(name, at)
      text += length > 0 ? name.toString('utf8', at, at + length) : String.fromCharCode(0xdc00 + name[at]!)
      at += Math.max(length, 1)
    }
    return text
  }
}

/** The bytes of a name or path; a plain string where that says the same (Node encodes it as UTF-8 itself). */
export function encodeName(name: string): string | Buffer {
  if (name.isWellFormed()) return name
  const parts = name.split(/([\udc80-\udcff])/).map((part) =>
    part.length === 1 && part >= '\udc80' && part <= '\udcff' ? Buffer.from([part.charCodeAt(0) - 0xdc00]) : Buffer.from(part),
  )
  return Buffer.concat(parts)
}

/** How many bytes of valid UTF-8 start here, 0 if none. */
function sequenceLength(bytes: Buffer, at: number): number {
  for (const length of [1, 2, 3, 4]) {
    if (at + length > bytes.length) return 0
    try {
      strict.decode(bytes.subarray(at, at + length))
      return length
    } catch {
      // try a longer one
    }
  }
  return 0
}
