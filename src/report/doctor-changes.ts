import type { Verdict } from '../model/verdict.ts'
import { lineOf, wordOf } from './doctor-words.ts'
import { plain } from './text.ts'

/**
 * What is another verdict than before, one line each; on a first look (`before` is null) everything that is not as it should
 * be. Values that vary by themselves are no change.
 */
export function changedLines(before: readonly Verdict[] | null, after: readonly Verdict[]): string[] {
  const words = new Map((before ?? []).map((one) => [one.id, wordOf(one)]))
  return after.flatMap((one) => {
    const [was, is] = [words.get(one.id), wordOf(one)]
    if (before === null ? one.status !== 'fail' && !(one.status === 'unknown' && one.required) : was === is) return []
    const from = was === undefined ? '' : ` (was ${was})`
    const text = one.status === 'pass' || one.status === 'skip' ? one.title : lineOf(one)
    return [`${is.padEnd(7)} [${one.id}]${from} ${plain(text)}`]
  })
}
