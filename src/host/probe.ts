/**
 * What to ask a machine, as data. Paths and the first word of a command may hold `*` for one path segment; a pattern that matches
 * nothing gives one capture with status `absent`. Order is kept: kernel files first, GPU tools last.
 *
 * - `read`: a plain file, read directly. Only for files that cannot hang (kernel tables, /etc, /usr).
 * - `readSlow`: files whose reading may block in a driver; one child prints them all.
 * - `run`: a command. `gpu` = it talks to the GPU: one at a time, after all else. `limit` in ms, default 2000. `shows`: what an answer
 *   holds where its words were understood.
 * - `which`: every program of that name on PATH. `link`: where symbolic links lead. `names`: the paths that match.
 * - `processes`: process id, state and name of all, from `/proc/PID/stat` (the only file of a process that never blocks).
 * - `space`: size and free space of the file system that holds a path, as `df -kP` prints them.
 * - `first`: commands in order of preference; a later one only where the ones before it gave nothing whole, or, of a GPU tool, where it did
 *   not know a word of them.
 * - `sites`: Python package folders (patterns): what is installed in each, and some files in them.
 * - `mentioned`: files, and which of the paths that a pattern finds in them exist.
 * - `variables`: chosen variables of this process's environment.
 *
 * `~` is the home folder; a path may start with `$NAME/`, and is left out where that variable is not set; `$PATH/`
 * stands for each folder whose `bin` is on PATH and holds a `python3`.
 */
export type Probe =
  | { kind: 'read'; path: string }
  | { kind: 'readSlow'; paths: readonly string[] }
  | { kind: 'run'; argv: readonly [string, ...string[]]; gpu?: boolean; limit?: number; shows?: RegExp }
  | { kind: 'which'; name: string }
  | { kind: 'link'; path: string }
  | { kind: 'names'; path: string }
  | { kind: 'processes' }
  | { kind: 'space'; path: string }
  | { kind: 'first'; of: readonly Extract<Probe, { kind: 'run' }>[] }
  | { kind: 'sites'; paths: readonly string[]; files: readonly string[] }
  | { kind: 'mentioned'; paths: readonly string[]; pattern: string }
  | { kind: 'variables'; names: readonly string[] }
