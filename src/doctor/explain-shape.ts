const LONGEST = 200

/** A number that lines share which are alike but for their digits: one that was tried for a signature need not be again. */
export function shapeOf(bytes: Uint8Array, at: number, id: number): number {
  let one = id
  let other = ~id
  const end = Math.min(bytes.length, at + LONGEST)
  for (let index = Math.max(bytes.lastIndexOf(0x0a, at) + 1, at - LONGEST); index < end; index += 1) {
    const byte = bytes[index]!
    if (byte === 0x0a) break
    if (byte >= 0x30 && byte <= 0x39) continue
    one = Math.imul(one ^ byte, 0x01000193)
    other = Math.imul(other + byte, 0x85ebca6b) ^ (other >>> 13)
  }
  return (one >>> 0) * 0x200000 + (other & 0x1fffff)
}
