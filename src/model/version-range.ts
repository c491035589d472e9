type Parts = { numbers: number[]; before: boolean }

/** What stands after the numbers of a pre-release: `a0`, `rc1`, `.dev20261015`, `~beta2`; not `-arm64` or `-cuda`. */
const BEFORE = /^[._~-]?(?:a|b|c|rc|alpha|beta|pre|preview|dev|nightly)(?![a-z])/i

/** `2.10.0+cu130` → 2 10 0; `3.6.0rc1` comes before 3.6.0. Null when it starts with no number. */
const partsOf = (text: string): Parts | null => {
  const found = /^\s*[vV]?(\d{1,9}(?:\.\d{1,9}){0,7})(.{0,20})/.exec(text)
  if (found?.[1] === undefined) return null
  return { numbers: found[1].split('.').map(Number), before: BEFORE.test(found[2] ?? '') }
}

const compare = (a: Parts, b: Parts): number => {
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i++) {
    const difference = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0)
    if (difference !== 0) return difference
  }
  return Number(b.before) - Number(a.before)
}

const TERM = /^(<=|>=|<|>|=)?(\d\S*)$/

/**
 * Whether a text is a version range: terms such as `>=2.11` and `<3.6`, blanks between those that must all hold, `||` between
 * choices.
 */
export const isRange = (range: string): boolean =>
  range.split('||').every(
    (all) =>
      all.trim() !== '' &&
      all
        .trim()
        .split(/\s+/)
        .every((term) => TERM.test(term)),
  )

/**
 * Whether a version lies in a range. Versions of wheels, drivers and kernels are not semver (four parts, leading zeros, `+cu130`,
 * `rc1`): parts are compared as numbers, the local part after `+` or `-` counts for nothing. Null when the text is no version.
 */
export const inRange = (version: string, range: string): boolean | null => {
  const have = partsOf(version)
  if (have === null) return null
  return range.split('||').some((all) =>
    all
      .trim()
      .split(/\s+/)
      .every((term) => {
        const found = TERM.exec(term)
        const want = partsOf(found?.[2] ?? '')
        if (want === null) return false
        const order = compare(have, want)
        switch (found?.[1]) {
          case '<':
            return order < 0
          case '<=':
            return order <= 0
          case '>':
            return order > 0
          case '>=':
            return order >= 0
          default:
            return order === 0
        }
      }),
  )
}
