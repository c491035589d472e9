/** The words of a text, made comparable: NFKC, lower case, no punctuation, any white space between them. */
export function tokens(text: string): string[] {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\s]/gu, '')
    .split(/\s+/u)
    .filter((token) => token !== '')
}

/** The share of the expected words that came out, each counted as often as it is expected. An empty expectation has no recall. */
export function recall(expected: readonly string[], text: string): number {
  const left = new Map<string, number>()
  for (const token of tokens(text)) left.set(token, (left.get(token) ?? 0) + 1)
  const wanted = expected.flatMap((word) => tokens(word))
  let found = 0
  for (const word of wanted) {
    const count = left.get(word) ?? 0
    if (count > 0) {
      found += 1
      left.set(word, count - 1)
    }
  }
  return wanted.length === 0 ? 0 : found / wanted.length
}
