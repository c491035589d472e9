import type { Ran } from './run.ts'
import { run, type RunOptions } from './run.ts'

/** A call that was not made, or the record of one that was. `hung` names the earlier child that hangs. */
export type Answer = Ran | { end: 'blocked'; by: 'tool-hung' | 'deadline'; hung: Ran | null; ms: 0 }

export type Runner = {
  /**
   * Runs a program within the shared bounds. Calls of one tool after it hung once are blocked at once; `key` names what would
   * hang where that is not the tool.
   */
  run(argv: readonly [string, ...string[]], options?: RunOptions & { gpu?: boolean; key?: string }): Promise<Answer>
  /** True once the deadline kept a call from being made, or cut one that did not answer. */
  late(): boolean
}

export type RunnerOptions = {
  concurrency: number
  deadline: number
  env: Record<string, string | undefined>
  signal?: AbortSignal | undefined
}

/**
 * Bounds for all children of one run: at most `concurrency` at a time, one that touches the GPU at a time, none beyond `deadline`
 * (ms from now) or the signal, and a circuit breaker for every tool that hung.
 */
export const createRunner = ({ concurrency, deadline, env, signal }: RunnerOptions): Runner => {
  const end = performance.now() + deadline
  const broken = new Map<string, Ran>()
  const slots = gate(concurrency)
  const gpu = gate(1)
  let late = false
  const once = async (argv: readonly [string, ...string[]], options: RunOptions, name: string): Promise<Answer> => {
    const hung = broken.get(name) ?? null
    const left = signal?.aborted === true ? 0 : end - performance.now()
    if (hung !== null) return { end: 'blocked', by: 'tool-hung', hung, ms: 0 }
    late ||= left <= 0
    if (left <= 0) return { end: 'blocked', by: 'deadline', hung: null, ms: 0 }
    const limit = options.limit ?? 2000
    const ran = await run(argv, { env, signal, ...options, limit: Math.min(limit, left) })
    if (ran.end === 'timeout' && (left < limit || signal?.aborted === true)) {
      // Cut short by the run itself: the tool might have answered.
      late = true
      return { end: 'blocked', by: 'deadline', hung: null, ms: 0 }
    }
    if (ran.end === 'hung' || ran.end === 'timeout') broken.set(name, ran)
    return ran
  }
  return {
    run: (argv, { gpu: touches = false, key = argv[0].split('/').at(-1) ?? argv[0], ...options } = {}) =>
      touches ? gpu(() => slots(() => once(argv, options, key))) : slots(() => once(argv, options, key)),
    late: () => late,
  }
}

/** Lets at most `width` jobs run at a time; the others wait in order. */
const gate = (width: number): (<T>(job: () => Promise<T>) => Promise<T>) => {
  let free = width
  const waiting: (() => void)[] = []
  return async (job) => {
    if (free > 0) free--
    else
      await new Promise<void>((go) => {
        waiting.push(go)
      })
    try {
      return await job()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
