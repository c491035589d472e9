import type { Kept } from './ledger.ts'

/** What a running change tells: a line of a tool's output, or how far it is in bytes. */
export type Progress = { text: string } | { bytes: number; total: number | null; what: string }

/** How one change ended. `skipped`: it was there already; `drift` names how somebody changed it since, which stays. */
export type Outcome = {
  id: string
  recipe: string
  kind: string
  summary: string
  status: 'done' | 'skipped' | 'failed' | 'undone'
  ms: number
  error?: string
  drift?: string[]
}

/** What a run tells while it works. Screens draw from these and from nothing else. */
export type Event =
  | { type: 'start'; id: string; recipe: string; kind: string; summary: string; number: number; of: number }
  | { type: 'progress'; id: string; progress: Progress }
  | { type: 'end'; outcome: Outcome }
  | { type: 'kept'; kept: Kept }
  | { type: 'note'; text: string }

export type Emit = (event: Event) => void
