/** How bad a known problem is; doctor shows the three as info, warning and error. */
export type ProblemSeverity = 'benign' | 'degraded' | 'broken'

/** A = vendor, maintainer, source or reproduction; B = two reports or one measured; C = one report; D = inference. */
export type Confidence = 'A' | 'B' | 'C' | 'D'

/** The area of a problem is also its folder under checks/. */
export const AREAS = [
  'platform',
  'driver',
  'kernel',
  'memory',
  'power',
  'container',
  'apt',
  'conda',
  'network',
  'storage',
  'python',
  'compiler',
  'inference',
  'rust',
] as const
export type Area = (typeof AREAS)[number]

export type Scalar = string | number | boolean | null

/**
 * One test of a value. `value` may name another fact. `contains` with a condition looks for an element of a list that satisfies
 * it,
 * paths being relative to the element. `status` looks at how well the fact is known instead of at its value.
 */
export type Test =
  | { op: 'eq' | 'ne'; value: Scalar | { fact: string } }
  | { op: 'in'; value: Scalar[] }
  | { op: 'gt' | 'ge' | 'lt' | 'le'; value: number }
  | { op: 'range'; value: [number, number] }
  | { op: 'matches' | 'semver' | 'status'; value: string }
  | { op: 'contains'; value: Scalar }
  | { op: 'contains'; where: Condition }
  | { op: 'exists'; value: boolean }
  | { op: 'count'; tests: Test[] }

/** What must hold. A path is a fact's id, then `.key` into a mapping or `[]` for any element of a list. */
export type Condition = { all: Condition[] } | { any: Condition[] } | { not: Condition } | { path: string; tests: Test[] }

/** What must be known before a problem can be judged, and how to get it: a command for what only root may read. */
export type Needs = { facts: string[]; get: string | null; asRoot: string | null }

/**
 * What else a log says beside a signature; exactly one of `text` and `pattern` is set. `within` counts the lines to either side in
 * which it must stand, 0 being the same line; null is the whole log. `later`: only after the last sighting of the signature.
 */
export type Context = { text: string | null; pattern: string | null; within: number | null; later: boolean }

/**
 * A text that betrays the problem in a log. `pattern` is a regular expression; exactly one of the two is set. It counts when one of
 * `when` is there too, and none of `notWhen`.
 */
export type Signature = {
  text: string | null
  pattern: string | null
  example: string
  counterExample: string | null
  when: Context[]
  notWhen: Context[]
}

export type Risk = 'none' | 'low' | 'medium' | 'high'
export type Fix = { text: string; commands: string[]; recipe: string | null; risk: Risk; undo: string | null; reboot: boolean }
export type ProblemReference = { url: string; claim: string | null; checked: string }

/** What doctor must answer for given facts. A value in `facts` is known; `{status: …}` gives a fact without one. */
export type ProblemTest = {
  facts: Record<string, unknown>
  expect: 'pass' | 'fail' | 'skip' | 'blocked' | 'unknown'
  severity: string | null
}

/**
 * One known problem. The machine side: `fail` (with the severity of the problem), `warn`, `note` (a remark), `unsure` (the
 * machine is none we
 * can judge). The log side: `signatures`. At least one side is there.
 */
export type Problem = {
  id: string
  area: Area
  title: string
  severity: ProblemSeverity
  confidence: Confidence
  cause: string
  /** True today where older advice says something else. */
  now: string | null
  /** For whom, in words; `appliesTo` is the same as a condition where facts can tell. */
  concerns: string | null
  appliesTo: Condition | null
  needs: Needs
  fail: Condition | null
  warn: Condition | null
  note: Condition | null
  unsure: Condition | null
  /** The run ends "could not tell" when this one could not. */
  required: boolean
  /** `deep` = the facts for it are only read with --deep. */
  tier: 'quick' | 'deep'
  /** Judged after these, and not when one of them is there: one cause, one red line. */
  after: string[]
  /** What it may follow from in a log, where that is not already said by `after`; explain shows these first. */
  causes: string[]
  /** The healthy state in words. */
  expected: string | null
  /** A measurement that shows the problem; nothing that a text search finds. */
  measure: string[]
  signatures: Signature[]
  /** Words too common for a log, which name the problem where they are all of a question: `gb10 explain "cudaMemGetInfo"`. */
  asked: string[]
  /** Read-only commands with which a person can look. */
  look: string[]
  fix: Fix
  references: ProblemReference[]
  since: string | null
  until: string | null
  tests: ProblemTest[]
}

/** One row of the compatibility table (checks/_compat.yaml): does a framework run on GB10, since which version. */
export type Compatibility = {
  name: string
  /** Other names it is asked for by. */
  also: string[]
  title: string
  state: 'works' | 'build' | 'container' | 'cpu-only' | 'no' | 'unclear'
  version: string
  note: string | null
  problems: string[]
  references: ProblemReference[]
}

export type Problems = { problems: Problem[]; compatibility: Compatibility[] }
