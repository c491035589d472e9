/**
 * What to ask a machine, as data. Paths and the first word of a command may hold `*` for one path segment; a pattern that matches
 * nothing gives one capture with status `absent`. Order is kept: kernel files first, GPU tools last.
 *
 * - `read`: a plain file, read directly. Only for files that cannot hang (kernel tables, /etc, /usr).
 * - `readSlow`: files whose reading may block in a driver; one child prints them all.
 * - `run`: a command. `gpu` = it talks to the GPU: one at a time, after all else. `limit` in ms, default 2000. `after` = only when that
 *   path exists.
 * - `which`: every program of that name on PATH. `link`: where symbolic links lead. `names`: the paths that match.
 */
export type Probe =
  | { kind: 'read'; path: string }
  | { kind: 'readSlow'; paths: readonly string[] }
  | { kind: 'run'; argv: readonly [string, ...string[]]; gpu?: boolean; limit?: number; after?: string }
  | { kind: 'which'; name: string }
  | { kind: 'link'; path: string }
  | { kind: 'names'; path: string }
