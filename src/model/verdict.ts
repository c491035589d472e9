import type { Area, Confidence, ProblemReference, Risk } from './problem.ts'

export const STATUSES = ['pass', 'fail', 'skip', 'blocked', 'unknown', 'waived'] as const
export type VerdictStatus = (typeof STATUSES)[number]

/** Severity belongs to the check, status to the run. */
export type Severity = 'info' | 'warning' | 'error'
/** From the quietest on. */
export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'error']

/** Why there is no plain verdict; a closed list, for programs. */
export type Reason =
  | 'not-applicable'
  | 'unsupported'
  | 'explained'
  | 'not-asked' // skip
  | 'needs-root'
  | 'missing' // blocked
  | 'timeout'
  | 'hung'
  | 'error'
  | 'denied'
  | 'unrecorded'
  | 'unsupported-platform' // unknown

/** The verdict on one problem. `why` says it in a sentence that stands alone; `ms` is what the facts cost. */
export type Verdict = {
  id: string
  area: Area
  title: string
  severity: Severity
  status: VerdictStatus
  reason: Reason | null
  /** The run ends "could not tell" when this verdict is `unknown`. */
  required: boolean
  confidence: Confidence
  expected: string | null
  actual: string | null
  why: string
  remedy: { text: string; commands: string[]; recipe: string | null; risk: Risk; reboot: boolean }
  references: ProblemReference[]
  /** Until when a waiver holds. */
  until: string | null
  ms: number
}

export type Summary = Record<VerdictStatus, number>

/** A failure that somebody accepted for a time: ~/.config/gb10/waivers.yaml. */
export type Waiver = { id: string; reason: string; expires: string }

/**
 * What became of one finding that was to be mended. `unknown`: it could not be judged again. `instructions`: what helps is for a
 * person to do.
 */
export type Mended = {
  id: string
  recipe: string | null
  outcome: 'fixed' | 'unchanged' | 'worse' | 'unknown' | 'declined' | 'refused' | 'failed' | 'stopped' | 'instructions'
  text: string
  run: string | null
}

/** All verdicts of a run, the remarks about waivers, and what the machine is. */
export type Health = {
  summary: Summary
  results: Verdict[]
  notes: string[]
  /** With --fix: what became of each finding; the verdicts are those from after it. */
  mended?: Mended[]
  machine: { dgxSpark: string; product: string | null; driver: string | null; kernel: string | null }
  /** The recording that was looked at instead of this machine, as a word for a shell. */
  host?: string
}
