/** What `lstat` says of a path, with times in nanoseconds as strings (they are compared, never ordered). */
export type Stat = {
  type: 'file' | 'directory' | 'link' | 'other'
  mode: number
  uid: number
  gid: number
  size: number
  nlink: number
  ino: string
  dev: string
  mtimeNs: string
  ctimeNs: string
}

/** One entry of a tree. `path` is relative to its root. The functions read through the held folder, so they are good until the next step only. */
export type Entry = { path: string; stat: Stat; target(): string; hash(): string }

/**
 * An entry that stays. `theirs`: it is not among what is to go, or something came into it meanwhile; `mounted`: another file system begins there;
 * `refused`: this user may not remove it.
 */
export type Stay = Entry & { why: 'theirs' | 'mounted' | 'refused' }

/** How a command ended. `signal` names what killed it; `tail` holds its last lines, for messages. */
export type Exit = { code: number | null; signal: string | null; tail: string }

export type RunOptions = {
  env?: Record<string, string>
  cwd?: string
  /** Called for every line of stdout and stderr as it comes. */
  onLine?: (line: string) => void
  /** The same for one stream alone. */
  onOut?: (line: string) => void
  onErr?: (line: string) => void
  signal?: AbortSignal
}

/** Bytes so far, the whole (null: not known) and the address they come from. */
export type FetchProgress = { bytes: number; total: number | null; url: string }

/** `carry`: there is a file, and its access list and extended attributes are to stay with its new content. */
export type WriteOptions = { mode: number; uid: number; gid: number; mtimeNs?: string | undefined; temp: string; carry?: boolean }

/** Append-only access to one file. `write` takes one whole record; a failure is final. */
export type Appender = { write(line: string): void; sync(): void; truncate(bytes: number): void; close(): void }

/**
 * The door through which changes touch a machine. File calls are synchronous (a crash test counts system calls per thread) and never
 * follow a link: every folder of a path is opened in turn and held, so a swapped folder is refused with `PathChanged`.
 */
export interface Machine {
  readonly uid: number
  readonly gid: number
  /** Environment for child processes, already stripped of what steers Node. */
  readonly env: Readonly<Record<string, string>>

  lstat(path: string): Stat | null
  read(path: string): Buffer
  readlink(path: string): string
  list(path: string): string[]
  /** The path with every link of its folders resolved; with `whole`, of its last part too. Missing folders stay as written. */
  canonical(path: string, whole?: boolean): string
  freeBytes(path: string): number

  /** Writes under a temporary name, syncs, renames, syncs the folder. */
  write(path: string, bytes: Uint8Array, options: WriteOptions): void
  mkdir(path: string, mode: number): void
  rmdir(path: string): void
  unlink(path: string): void
  symlink(target: string, path: string): void
  rename(from: string, to: string): void
  chmod(path: string, mode: number): void
  setTimes(path: string, mtimeNs: string): void
  syncFolder(path: string): void
  /** Makes everything on the file system of `path` durable (a whole tree at once, instead of a sync for each file). */
  syncAll(path: string): Promise<void>
  /** sha256 of a file's bytes in hex. */
  hash(path: string): Promise<string>
  walk(root: string): Generator<Entry>
  prune(root: string, mine: (entry: Entry) => boolean): Generator<Stay>
  /** Writes into the very file, for one that has several hard links; not atomic. */
  overwrite(path: string, bytes: Uint8Array): void

  run(argv: readonly string[], options?: RunOptions): Promise<Exit>
  /** Fetches an address into a file, going on from what is there; resolves with the sha256 of the whole. */
  fetch(url: string, path: string, options: { signal?: AbortSignal; onProgress?: (p: FetchProgress) => void }): Promise<string>

  /** The entries of a zip file whose names `wanted` accepts. */
  unzip(path: string, wanted: (name: string) => boolean): Promise<{ name: string; bytes: Uint8Array }[]>

  /** Takes the exclusive lock of a state folder, or throws `Locked`; the function gives it back. */
  lock(folder: string, command: string): () => void
  /** Who holds that lock, as far as it is known; null when nobody does. */
  heldBy(folder: string): string | null
  /** Opens a file for appending records. */
  append(path: string): Appender
  /** Ends processes that a killed run left at work on these operations; returns those that could not be ended. */
  endSurvivors(ops: ReadonlySet<string>): Promise<number[]>

  now(): { ts: string; boot: string; mono: number }
  /** A name no one else has used. */
  newId(): string
}

/** A folder on the way to a path became a link or vanished after it was looked at: nothing was done. */
export class PathChanged extends Error {
  constructor(path: string) {
    super(`${path} is not the plain folder it was when the change was planned (it is now a link, or gone)`)
  }
}
