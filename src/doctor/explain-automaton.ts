/** One pass over bytes finds all words at once (Aho-Corasick). Case, blanks, control characters and quotes do not count. */
export type Automaton = {
  /** What a byte is to the automaton; 0 = in no word, 1 = does not count. */
  classes: Uint8Array
  /** The next state for a state and a class: 2 ** `shift` cells a state. Small cells keep the busy rows near the processor. */
  next: Uint16Array
  shift: number
  /** States from here on have found a word. */
  firstFinal: number
  /** The words that the state `firstFinal + n` has found. */
  found: readonly (readonly number[])[]
}

/** Bytes that are passed over, wherever they stand. */
export const PASSED = 1

const isPassed = (byte: number): boolean =>
  byte <= 0x20 || byte === 0x7f || byte === 0x22 || byte === 0x27 || byte === 0x5c || byte === 0x60

/** A word as the automaton compares it. Letters outside ASCII cannot stand in one. */
export const comparable = (text: string): string => text.toLowerCase().replaceAll(/[\x00-\x20\x7f"'\\`]/g, '')

/** Builds the automaton for words in the form of `comparable`. */
export function automaton(words: readonly string[]): Automaton {
  const classes = new Uint8Array(256)
  let width = 2
  for (const word of words) {
    for (let index = 0; index < word.length; index += 1) {
      const byte = word.charCodeAt(index)
      if (classes[byte] !== 0) continue
      classes[byte] = width
      if (byte >= 0x61 && byte <= 0x7a) classes[byte - 32] = width
      width += 1
    }
  }
  for (let byte = 0; byte < 256; byte += 1) if (isPassed(byte)) classes[byte] = PASSED
  return linked(words, classes, Math.ceil(Math.log2(width)))
}

/** The words as a tree: every node knows its first child, its next sibling and the class that leads to it. */
type Tree = { child: number[]; sibling: number[]; kind: number[]; found: number[][] }

function treeOf(words: readonly string[], classes: Uint8Array): Tree {
  const tree: Tree = { child: [0], sibling: [0], kind: [0], found: [[]] }
  words.forEach((word, id) => {
    let node = 0
    for (let index = 0; index < word.length; index += 1) {
      const kind = classes[word.charCodeAt(index)]!
      let next = tree.child[node]!
      while (next !== 0 && tree.kind[next] !== kind) next = tree.sibling[next]!
      if (next === 0) {
        next = tree.kind.push(kind) - 1
        tree.sibling[next] = tree.child[node]!
        tree.child[node] = next
        tree.child[next] = 0
        tree.found.push([])
      }
      node = next
    }
    tree.found[node]!.push(id)
  })
  return tree
}

function linked(words: readonly string[], classes: Uint8Array, shift: number): Automaton {
  const { child, sibling, kind, found } = treeOf(words, classes)
  const count = kind.length
  if (count > 0xffff) throw new RangeError('too many signatures for one automaton')
  const order = [0]
  const fallback = new Int32Array(count)
  /** What a word's end leads back to: the longest other beginning of a word that ends here too. */
  const follow = (from: number, wanted: number): number => {
    for (let node = from; ; node = fallback[node]!) {
      for (let next = child[node]!; next !== 0; next = sibling[next]!) if (kind[next] === wanted) return next
      if (node === 0) return 0
    }
  }
  for (let head = 0; head < order.length; head += 1) {
    const node = order[head]!
    for (let next = child[node]!; next !== 0; next = sibling[next]!) {
      if (node !== 0) fallback[next] = follow(fallback[node]!, kind[next]!)
      const also = found[fallback[next]!]!
      if (also.length > 0) found[next] = [...found[next]!, ...also]
      order.push(next)
    }
  }
  // States that found something come last: one comparison then tells.
  const finals = order.filter((node) => found[node]!.length > 0)
  const place = new Int32Array(count)
  ;[...order.filter((node) => found[node]!.length === 0), ...finals].forEach((node, at) => (place[node] = at))
  const next = new Uint16Array(count << shift)
  for (const node of order) {
    const row = place[node]! << shift
    const base = place[fallback[node]!]! << shift
    if (node !== 0) next.copyWithin(row, base, base + (1 << shift))
    for (let one = child[node]!; one !== 0; one = sibling[one]!) next[row + kind[one]!] = place[one]!
    next[row + PASSED] = place[node]!
  }
  return { classes, next, shift, firstFinal: count - finals.length, found: finals.map((node) => found[node]!) }
}
