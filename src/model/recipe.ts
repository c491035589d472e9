import type { Promised, Reversible, Scope } from './change.ts'

/** A dated address behind a number, a version or a claim. */
export type Reference = { url: string; claim: string; checked: string }

/**
 * A value the owner may set with `--set name=value`. `default` may hold `{home}`, `{data}`, `{cache}`, `{arch}` and the
 * parameters written above it. A `source` is the name of a source or an address, and stands for the address in every
 * placeholder.
 */
export type Parameter = { type: 'path' | 'string' | 'version' | 'source'; default: string; help: string; choices?: string[] }

/** Holds when every named parameter has one of the given values; an empty one always holds. */
export type Condition = Record<string, string[]>

type TemplateStep = { packages: string[]; index: string; when: Condition }

type TemplateFile = { url: string; name: string; sha256: string | null; bytes: number | null }

/** What a change template wants: the shape of `Want`, without what only the machine can tell (which Python, which uv). */
export type TemplateWant =
  | { kind: 'file'; path: string; content: string; mode: number }
  | { kind: 'block'; path: string; name: string; lines: string[] }
  | { kind: 'directory'; path: string; mode: number }
  | { kind: 'symlink'; path: string; target: string }
  | { kind: 'env-line'; path: string; name: string; value: string }
  | { kind: 'cache'; path: string }
  | { kind: 'clone'; path: string; url: string; revision: string }
  | { kind: 'exec'; probe: string[]; perform: string[]; undo: string[] }
  | { kind: 'tool'; tool: string }
  | {
      kind: 'venv'
      path: string
      python: string
      installer: string
      /** The Pythons that packages have wheels for, where they are fewer than those gb10 supports. */
      pythons: { versions: string[]; when: Condition }[]
      steps: TemplateStep[]
      /** Requirement lines that bind every step. `name<0` forbids a package: what would pull it in fails loudly. */
      constraints: { line: string; when: Condition }[]
      promised: (Promised & { when: Condition })[]
      variables: Record<string, string>
    }
  | {
      kind: 'download'
      path: string
      files: TemplateFile[]
      licence: string | null
      unpack: 'none' | 'wheel'
      /** The path parameter with which the owner may name an existing folder of models, which is then used as it is. */
      given: string | null
    }

/** One change as a recipe writes it, with `{name}` placeholders in its strings. */
export type ChangeTemplate = {
  id: string
  summary: string
  reversible: Reversible
  seconds: number | null
  bytes: number | null
  /** The change is planned only when this holds. */
  when: Condition
  want: TemplateWant
}

/** What can be set up: desired state as data, read from recipes/<name>.yaml. */
export type Recipe = {
  name: string
  title: string
  description: string
  scope: Scope
  parameters: Record<string, Parameter>
  changes: ChangeTemplate[]
  /** The proofs of work to run afterwards, by name (smoke/<name>.py). */
  smoke: string[]
  /** What `gb10 env NAME` exports. */
  env: Record<string, string>
  licences: { name: string; url: string; covers: string }[]
  /** The machines it is meant for; on another one the plan says so. */
  meantFor: Fit
  /** The GB10 machines this was seen working on; empty = it was never run on one, and says so. */
  verifiedOn: { machine: string; date: string; reference: string }[]
  references: Reference[]
  /** Where it came from, for messages. */
  file: string
}

/** What a machine must show: a GB10, an NVIDIA GPU, a driver whose CUDA version is at least this. Empty: any machine. */
export type Fit = { dgxSpark?: 'yes'; nvidiaGpu?: true; cudaAtLeast?: string }

/** A named set of recipes with the parameters and the device that fit one class of machine. */
export type Profile = {
  name: string
  title: string
  /** Chosen by `up` when these hold; the first that fits wins. The last profile has none and always fits. */
  when: Fit
  why: string
  recipes: string[]
  set: Record<string, Record<string, string>>
  /** Where a source has another default on this class of machine; the owner's own replacement wins. */
  sources: Record<string, string>
  device: 'cuda' | 'cpu'
}

/** An outside address that can be replaced by a mirror. */
export type Source = { name: string; url: string; what: string; reference: string; checked: string }

/**
 * A program that recipes need and gb10 brings when the machine has none: a wheel of a named source, one per architecture,
 * put under `{data}/tools/<name>-<version>` and shared by every recipe that names it.
 */
export type Tool = {
  name: string
  version: string
  /** The oldest version on the machine that is used instead. */
  atLeast: string
  source: string
  /** Where the program lies below the folder of the tool: a wheel is unpacked so that its programs are in bin/. */
  program: string
  files: { arch: string; name: string; sha256: string; bytes: number }[]
  /** Where it comes from when no index can be asked, because there is neither a pip nor a configured index. */
  releases: { arch: string; version: string; url: string; sha256: string | null; bytes: number | null }[]
  seconds: number
  reference: string
  checked: string
}

/** Everything in recipes/. */
export type Catalog = { recipes: Recipe[]; sources: Source[]; profiles: Profile[]; tools: Tool[] }
