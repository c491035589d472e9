import { SEVERITIES, type Severity, type Verdict } from '../model/verdict.ts'

export type FailOn = Severity | 'never'

/**
 * What a run amounts to: `failed` when an unwaived failure is at least as severe as `failOn`, `unsure` when a required check
 * could not tell, or the run was `late`: its time was over before everything had been asked.
 * Strict: warnings, unknown and blocked checks count too.
 */
export function outcomeOf(verdicts: readonly Verdict[], failOn: FailOn, strict: boolean, late = false): 'good' | 'failed' | 'unsure' {
  const from = strict && failOn === 'error' ? 'warning' : failOn
  const fails =
    from === 'never'
      ? []
      : verdicts.filter(({ status, severity }) => status === 'fail' && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(from))
  if (fails.length > 0) return 'failed'
  const open = verdicts.filter(
    ({ status, required }) => (strict && (status === 'blocked' || status === 'unknown')) || (status === 'unknown' && required),
  )
  return late || open.length > 0 ? 'unsure' : 'good'
}
