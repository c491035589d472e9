import { SEVERITIES, type Mended, type Severity, type Verdict } from '../model/verdict.ts'

export type FailOn = Severity | 'never'
const BAD: readonly Mended['outcome'][] = ['worse', 'failed', 'stopped']

/**
 * What a run amounts to: `failed` when an unwaived failure is at least as severe as `failOn`, `unsure` when a required check
 * could not tell, or the run was `late`: its time was over before everything had been asked. A mend that ended badly is a
 * failure of its own, whatever is found now.
 * Strict: warnings, unknown and blocked checks count too.
 */
export function outcomeOf(
  verdicts: readonly Verdict[],
  failOn: FailOn,
  strict: boolean,
  late = false,
  mended: readonly Mended[] = [],
): 'good' | 'failed' | 'unsure' {
  const from = strict && failOn === 'error' ? 'warning' : failOn
  const fails =
    from === 'never'
      ? []
      : verdicts.filter(({ status, severity }) => status === 'fail' && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(from))
  if (fails.length > 0 || mended.some(({ outcome }) => BAD.includes(outcome))) return 'failed'
  const open = verdicts.filter(
    ({ status, required }) => (strict && (status === 'blocked' || status === 'unknown')) || (status === 'unknown' && required),
  )
  return late || open.length > 0 ? 'unsure' : 'good'
}
