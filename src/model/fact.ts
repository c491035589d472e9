/** How well a fact is known. Only `ok` carries a value; "could not tell" is never folded into "bad" or "absent". */
export type FactStatus = 'ok' | 'absent' | 'unsupported' | 'denied' | 'timeout' | 'hung' | 'error' | 'unrecorded'

/**
 * One thing known (or not known) about a machine. `source` names the file or command it was read from; `ms` is what reading cost.
 * `partial`: the source was cut, so what the value holds is there, and what it lacks is not known.
 */
export type Fact<T = unknown> = { value: T | null; status: FactStatus; source: string; ms: number; partial?: true }
