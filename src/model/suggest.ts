/** Damerau-Levenshtein distance (insert, delete, change, swap of neighbours), ignoring case. */
export function distance(left: string, right: string): number {
  const [a, b] = [left.toLowerCase(), right.toLowerCase()]
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost)
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? Infinity) + 1)
      row.push(best)
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}

/** The known name a mistyped one most likely means, or null when none is near: at most two letters in five may differ. */
export function suggest(typed: string, known: readonly string[]): string | null {
  const allowed = Math.max(1, Math.round(typed.length * 0.4))
  const ranked = known
    .map((name) => ({ name, score: distance(typed, name) }))
    .filter(({ score }) => score <= allowed)
    .toSorted((one, other) => one.score - other.score || (one.name < other.name ? -1 : 1))
  return ranked[0]?.name ?? known.find((name) => typed.length >= 3 && name.startsWith(typed)) ?? null
}
