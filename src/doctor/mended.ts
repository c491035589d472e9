import { SEVERITIES, type Mended, type Verdict } from '../model/verdict.ts'

/**
 * Whether gb10 may mend a finding itself: its problem names a recipe, and no restart is needed for it. All else (firmware,
 * drivers, power) is an instruction for a person.
 */
export const isMendable = ({ remedy }: Verdict): boolean => remedy.recipe !== null && !remedy.reboot

/** What a mend did to one finding, judged by all verdicts before and after it. A new failure anywhere counts as worse. */
export function effectOf(id: string, before: readonly Verdict[], after: readonly Verdict[]): Pick<Mended, 'outcome' | 'text'> {
  const loudness = (verdicts: readonly Verdict[], name: string): number => {
    const found = verdicts.find((verdict) => verdict.id === name)
    return found?.status === 'fail' ? SEVERITIES.indexOf(found.severity) : -1
  }
  const louder = after.filter((one) => loudness(after, one.id) > loudness(before, one.id)).map((one) => one.id)
  if (louder.length > 0) return { outcome: 'worse', text: `now also found: ${louder.join(', ')}` }
  const now = after.find((verdict) => verdict.id === id)
  if (now?.status === 'pass') return { outcome: 'fixed', text: 'looked again: it is as it should be' }
  if (now?.status === 'skip' && now.reason === 'not-applicable')
    return { outcome: 'fixed', text: 'looked again: it no longer concerns this machine' }
  if (now?.status === 'fail') {
    const quieter = loudness(after, id) < loudness(before, id)
    return {
      outcome: 'unchanged',
      text: `still found${quieter ? ', but less severe' : ''}${now.actual === null ? '' : `: ${now.actual}`}`,
    }
  }
  return { outcome: 'unknown', text: now === undefined ? 'it was not judged again' : now.why }
}
