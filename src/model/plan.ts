import type { Change, Want } from './change.ts'
import type { Verdict3 } from './machine.ts'

/**
 * A Python: its version, whole or `3.12`; whether PATH leads to it; whether it can make environments without help (`ensurepip`).
 */
export type FoundPython = { path: string; version: string; onPath?: boolean; ensurepip?: boolean | null }

/** What the planner must know of a machine. Null everywhere means "could not tell", which is never taken for "there is none". */
export type PlanMachine = {
  /** Node's name of the platform, `linux`. */
  platform: string | null
  /** As `uname -m` says it: `aarch64`, `x86_64`. */
  arch: string | null
  /** The Pythons found; those on PATH are preferred. Empty = looked and found none. */
  pythons: FoundPython[] | null
  /** The uv on PATH; `none` = looked and found none. */
  uv: { path: string; version: string } | 'none' | null
  /** Whether packages can be asked for by name: an index is configured, or a pip is there that knows one. */
  indexKnown: boolean | null
  /** File systems by mount point, with the bytes this user can still write. */
  disks: { mount: string; freeBytes: number }[] | null
  dgxSpark: Verdict3
  nvidiaGpu: boolean | null
  /** What the user-space driver supports, as `13.0`. */
  cuda: string | null
}

/**
 * What kind of obstacle it is: `usage` = a name or value the owner typed, `platform` = gb10 does not do this kind of machine,
 * `unknown` = a fact that is needed was not found out, `machine` = this machine lacks something or has something in the way.
 */
export type Obstacle = 'usage' | 'platform' | 'unknown' | 'machine'

/** Whether a path is there, and whether gb10 made it. `same`: somebody else's file with this very content. */
export type Occupied = (path: string, content?: string) => 'absent' | 'ours' | 'same' | 'foreign'

/** A path with the links of its folders resolved; with `whole`, its last part too. */
export type Canonical = (path: string, whole?: boolean) => string

/** Why a recipe cannot be planned, in plain words, and the command or setting that helps. */
export type Refusal = { recipe: string; cause: Obstacle; reason: string; next: string | null }

/**
 * How a live change differs from what was made, one line each. `gone`: nothing of it is there, so that it can be made again; `away`:
 * nobody can tell, as its disk is not there, or its folder is closed.
 */
export type Drift = { gone: boolean; away?: true; lines: string[] }

/**
 * A change that needs no work: it is live already (`op`), or another recipe of this plan makes it (`with`). `drift`: how somebody
 * changed it since, which stays.
 */
export type Share = {
  recipe: string
  id: string
  key: string
  summary: string
  op: string | null
  with: string | null
  want: Want
  drift?: string[]
}

/** What was there before gb10, is used as it is and is never owned. */
export type Asserted = { recipe: string; id: string; key: string; summary: string }

/** A live change that the new state of its recipe does not need any more, such as the old tree after an upgrade. */
export type Superseded = { recipe: string; op: string; id: string; key: string; summary: string }

/** One recipe of a plan with its final values. */
export type PlannedRecipe = {
  name: string
  title: string
  parameters: Record<string, string>
  licences: { name: string; url: string; covers: string }[]
  smoke: string[]
  verifiedOn: { machine: string; date: string; reference: string }[]
}

/** What would change, in order, or why not. `seconds` and `bytes` add up what is known; `hash` names exactly this plan. */
export type Plan = {
  recipes: PlannedRecipe[]
  /** What the owner set, for the command that applies this plan. */
  set: Record<string, string>
  profile: { name: string; why: string } | null
  changes: Change[]
  shares: Share[]
  asserted: Asserted[]
  superseded: Superseded[]
  refused: Refusal[]
  notes: string[]
  seconds: number
  bytes: number
  hash: string
}
