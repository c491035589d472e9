import type { Severity, Verdict, VerdictStatus } from '../model/verdict.ts'

/** The word a verdict is shown with; a failure is as loud as its severity. */
export function wordOf({ status, severity }: Pick<Verdict, 'status' | 'severity'>): string {
  if (status !== 'fail') return status.toUpperCase()
  return FAILURE[severity]
}
const FAILURE: Record<Severity, string> = { error: 'FAIL', warning: 'WARN', info: 'INFO' }

const LOUD: Severity[] = ['error', 'warning', 'info']

/** Failures, the worst first. */
export const failuresOf = (results: readonly Verdict[]): Verdict[] =>
  results
    .filter(({ status }) => status === 'fail')
    .toSorted((one, other) => LOUD.indexOf(one.severity) - LOUD.indexOf(other.severity))

export const withStatus = (results: readonly Verdict[], ...wanted: VerdictStatus[]): Verdict[] =>
  results.filter(({ status }) => wanted.includes(status))

/** One line that stands alone: subject, found, expected. */
export function lineOf({ title, actual, expected, why, status }: Verdict): string {
  if (status !== 'fail') return `${title}: ${why}`
  return `${title}${actual === null ? '' : `; found: ${actual}`}${expected === null ? '' : `; expected: ${expected}`}`
}

/** Home folders carry names of people: in reports that are meant to be posted they are written as ~. */
export const withoutHomes = (text: string): string => text.replaceAll(/\/(?:home|Users)\/[^/\s"',;:)]+/g, '~')
