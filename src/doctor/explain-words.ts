import type { Compatibility, Problem } from '../model/problem.ts'
import type { Match } from './explain.ts'
import { isCommon } from './explain-tokens.ts'

const MOST = 5

const plainName = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9+]/g, '')

/** The row of the compatibility table that a word names, by any of its names. */
export const frameworkNamed = (words: string, table: readonly Compatibility[]): Compatibility | null =>
  table.find(({ name, also, title }) => [name, title, ...also].some((one) => plainName(one) === plainName(words))) ?? null

/** Problems that a few words are about: each word that tells something stands in the problem's id, title, cause or signatures. */
export function aboutWords(text: string, problems: readonly Problem[]): Match[] {
  const words = wordsOf(text).filter((word) => !isCommon(word))
  if (words.length === 0 || words.length > 12) return []
  const scored = problems.flatMap((problem) => {
    const near = wordsOf(`${problem.id} ${problem.title}`)
    const far = wordsOf([problem.cause, ...problem.signatures.map((one) => one.text ?? one.example)].join(' '))
    const scores = words.map((word) => (holds(near, word) ? 3 : holds(far, word) ? 1 : 0))
    return scores.includes(0) ? [] : [{ problem, score: scores.reduce((sum: number, one) => sum + one, 0) }]
  })
  return scored
    .toSorted((one, other) => other.score - one.score)
    .slice(0, MOST)
    .map(({ problem }) => ({ problem, manner: 'words', line: null, evidence: null, causes: [] }))
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z0-9_]+(?:\.[a-z0-9_]+)*/g) ?? []

const holds = (words: readonly string[], wanted: string): boolean =>
  words.some(
    (word) => word === wanted || (wanted.length >= 5 && word.startsWith(wanted)) || (wanted.length >= 4 && word === `${wanted}s`),
  )
