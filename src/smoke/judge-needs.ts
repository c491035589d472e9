import type { SmokeNeed } from '../model/smoke.ts'
import type { Observed } from './judge-observed.ts'

/** A missing piece of the machine and the exact line that brings it. */
export type Missing = { what: string; command: string }

/** Finds in an error the missing piece it speaks of; null when the error is about something else. */
export function missingPiece(error: unknown, observed: Observed, needs: readonly SmokeNeed[]): Missing | null {
  const text = errorText(error)
  const need = needs.find(({ match }) => match.some((part) => text.includes(part)))
  if (need === undefined) return null
  const python = pythonVersion(observed)
  return { what: need.what.replaceAll('{python}', python), command: need.command.replaceAll('{python}', python) }
}

/** Type, message and chain of an observed error; empty when there is none. */
export function errorText(error: unknown): string {
  return typeof error === 'object' && error !== null && 'text' in error ? String(error.text) : ''
}

/** The first line of an observed error. */
export function errorLine(error: unknown): string {
  return errorText(error).split('\n', 1)[0] ?? ''
}

function pythonVersion(observed: Observed): string {
  return /^\d+\.\d+/u.exec(observed.text('python'))?.[0] ?? '3'
}
