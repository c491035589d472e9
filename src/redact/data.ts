import type { Detector, RedactionData } from './model.ts'

type Loose = Record<string, unknown>

const text = (map: Loose, key: string): string => (typeof map[key] === 'string' ? map[key] : '')
const words = (value: unknown): Set<string> =>
  new Set(Array.isArray(value) ? value.map((word) => String(word).toLowerCase()) : [])

/** Detectors and word lists out of the parsed checks/_redaction.yaml. Throws on a pattern that is none. */
export function readRedactionData(document: unknown): RedactionData {
  const map = (document ?? {}) as Loose
  const secrets = Array.isArray(map['secrets']) ? (map['secrets'] as Loose[]) : []
  if (secrets.length === 0) throw new Error('checks/_redaction.yaml: secrets must be a list')
  const variables = new Set(Array.isArray(map['variables']) ? map['variables'].map(String) : [])
  return {
    detectors: secrets.map(detectorOf),
    words: words(map['words']),
    homes: words(map['homes']),
    folders: words(map['folders']),
    mirrors: words(map['mirrors']),
    repositories: words(map['repositories']),
    models: words(map['models']),
    library: words(map['library']),
    variables,
  }
}

function detectorOf(map: Loose): Detector {
  const [name, pattern, reject] = [text(map, 'name'), text(map, 'pattern'), text(map, 'reject')]
  if (name === '' || pattern === '') throw new Error('checks/_redaction.yaml: a detector needs name and pattern')
  return {
    name,
    pattern: new RegExp(pattern, `gd${text(map, 'flags')}`),
    reject: reject === '' ? null : new RegExp(reject, 'i'),
    entropy: typeof map['entropy'] === 'number' ? map['entropy'] : 0,
    mixedCase: map['caseOfValue'] === 'mixed',
  }
}

/**
 * The data with more words that name nobody: every word of gb10's own texts, so that a user called `max` does not spoil
 * `clocks.max.sm`.
 */
export function withVocabulary(data: RedactionData, texts: readonly string[]): RedactionData {
  const own = texts.flatMap((one) => one.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
  return { ...data, words: new Set([...data.words, ...own]) }
}

/** Bits per character of a text, by how often each character occurs in it. */
export function entropyOf(value: string): number {
  const counts = new Map<string, number>()
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1)
  const total = [...value].length
  return [...counts.values()].reduce((sum, count) => sum - (count / total) * Math.log2(count / total), 0)
}
