/** Where a change lands: in the user's own files, or in the system's (root). */
export type Scope = 'system' | 'user'

/** How far a change can be taken back; shown before it is made. */
export type Reversible = 'full' | 'data-kept' | 'opt-in' | 'none'

/** A file to fetch. `sha256` or `bytes` is null where no reference gives it: then what came first is recorded and held from then on. */
export type RemoteFile = { url: string; name: string; sha256: string | null; bytes: number | null }

/** One call of the installer inside a venv. `index` is an address, or `default` for the user's own index. */
export type InstallStep = { packages: string[]; index: string }

/** What must hold in a venv after every step: the version an installed distribution has, by PEP 440 prefix (`2.14.1`, `2.14.1+cu130`). */
export type Promised = { distribution: string; version: string; localVersion: string | null }

/** The desired state of one thing, as plain data. It is shown, confirmed and written into the ledger as it stands. */
export type Want =
  | { kind: 'file'; path: string; content: string; mode: number }
  | { kind: 'block'; path: string; name: string; lines: string[] }
  | { kind: 'directory'; path: string; mode: number }
  | { kind: 'symlink'; path: string; target: string }
  | { kind: 'env-line'; path: string; name: string; value: string }
  | { kind: 'cache'; path: string }
  | {
      kind: 'venv'
      path: string
      python: string
      pythonVersion: string
      installer: 'uv' | 'pip'
      /** The uv to run, when the installer is uv: a path, one on this machine or one that an earlier change brings. */
      uv: string | null
      cache: string
      steps: InstallStep[]
      constraints: string[]
      promised: Promised[]
      /** Environment variables that every Python started from this tree gets unless they are set already. */
      variables: Record<string, string>
    }
  | { kind: 'download'; path: string; files: RemoteFile[]; licence: string | null; unpack: 'none' | 'wheel' | 'tar' }
  | { kind: 'clone'; path: string; url: string; revision: string }
  | { kind: 'exec'; probe: string[]; perform: string[]; undo: string[] }

export type Kind = Want['kind']

/** Kinds that edit a part of a file, which stays its owner's: where it is a link, what it leads to is edited. */
export const EDITS: ReadonlySet<Kind> = new Set(['block', 'env-line'])

/** One step of a plan. `id` is unique in its recipe; `seconds` and `bytes` are estimates, null where none is known. */
export type Change = {
  id: string
  recipe: string
  summary: string
  scope: Scope
  reversible: Reversible
  seconds: number | null
  bytes: number | null
  want: Want
}

/** What two wants must share to be about the same thing: at most one recipe's idea of it can hold at a time. */
export function keyOf(want: Want): string {
  if (want.kind === 'exec') return `exec:${want.probe.join(' ')}`
  if (want.kind === 'block') return `block:${want.path}#${want.name}`
  if (want.kind === 'env-line') return `env-line:${want.path}#${want.name}`
  return `path:${want.path}`
}
