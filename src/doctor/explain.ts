import type { Problem } from '../model/problem.ts'
import { Scanner, type Sighting } from './explain-scan.ts'
import { compileSignatures, type Signatures } from './explain-signatures.ts'
import type { Manner } from './explain-match.ts'
import { askedAbout, Beginning } from './explain-question.ts'

/** How a problem was recognised: by the text itself, a text worded alike, a part of it, its id, or by words about it. */
export type Recognised = Manner | 'id' | 'words'

/** A known problem in a text. `line` and `evidence` are null where no log was read. */
export type Match = { problem: Problem; manner: Recognised; line: number | null; evidence: string | null; causes: string[] }

/** What was found in a log, most important first; `lines` says how much was read. */
export type Explanation = { matches: Match[]; lines: number; bytes: number }

/** Finds known problems in a log that comes in pieces. */
export class Explainer {
  readonly #signatures: Signatures
  readonly #scanner: Scanner
  readonly #beginning = new Beginning()

  constructor(problems: readonly Problem[], signatures: Signatures = compileSignatures(problems)) {
    this.#signatures = signatures
    this.#scanner = new Scanner(signatures)
  }

  push(chunk: Uint8Array): void {
    this.#scanner.push(chunk)
    this.#beginning.push(chunk)
  }

  end(): Explanation {
    const { sightings, lines, bytes } = this.#scanner.end()
    const { problems } = this.#signatures
    const found = believed(sightings, this.#signatures)
    const asked = askedAbout(this.#beginning.text(), problems)
      .map((one): Sighted => ({ ...one, problem: problems[one.problem]!, order: one.line, causes: [] }))
      .filter(({ problem }) => !found.some((one) => one.problem === problem))
    const exact = asked.filter(({ manner }) => manner === 'exact')
    const words = asked.filter(({ manner }) => manner === 'words')
    return { matches: [...ranked([...found, ...exact]), ...ranked(words)], lines, bytes }
  }
}

/** The known problems in a text that is there as a whole. */
export function explainText(text: string, problems: readonly Problem[], signatures?: Signatures): Explanation {
  const explainer = new Explainer(problems, signatures)
  explainer.push(new TextEncoder().encode(text))
  return explainer.end()
}

type Sighted = Match & { order: number }

/** Takes back what the log itself speaks against, and keeps the best sighting of each problem. */
function believed(sightings: readonly Sighting[], { wanted, problems }: Signatures): Sighted[] {
  const seen = new Set(sightings.map((one) => one.wanted))
  const best = new Map<number, Sighting>()
  for (const one of sightings) {
    const { problem, when, notWhen } = wanted[one.wanted]!
    if (problem < 0 || notWhen.some((id) => seen.has(id)) || isDoubtful(one, sightings, wanted)) continue
    if (when.length > 0 && !when.some((id) => seen.has(id))) continue
    const before = best.get(problem)
    if (
      before === undefined ||
      SURENESS[one.manner] < SURENESS[before.manner] ||
      (one.manner === before.manner && one.order < before.order)
    )
      best.set(problem, one)
  }
  return [...best].map(([problem, { manner, line, evidence, order }]) => ({
    problem: problems[problem]!,
    manner,
    line,
    evidence,
    order,
    causes: [],
  }))
}

const SURENESS: Record<Recognised, number> = { exact: 0, id: 0, similar: 1, cut: 2, words: 3 }

/** A line that holds one message for certain holds no other that only sounds like it; half a message that fits two fits none. */
function isDoubtful(one: Sighting, all: readonly Sighting[], wanted: Signatures['wanted']): boolean {
  if (one.manner === 'exact') return false
  const problem = wanted[one.wanted]!.problem
  const rivals = all.filter(
    (other) => other.evidence.includes(one.evidence) && wanted[other.wanted]!.problem !== problem && wanted[other.wanted]!.problem >= 0,
  )
  return rivals.some(({ manner }) => SURENESS[manner] < SURENESS[one.manner] || (manner === 'cut' && one.manner === 'cut'))
}

const LOUDNESS = { broken: 0, degraded: 1, benign: 2 }

/**
 * Root causes before what follows from them (`causes`, else `after`), then the worse before the less bad, the better known before
 * the less, the earlier before the later. A cause counts as much as the worst that follows from it.
 */
export function ranked(found: readonly Sighted[]): Match[] {
  const byId = new Map(found.map((one) => [one.problem.id, one]))
  const causesOf = ({ problem }: Sighted): Sighted[] =>
    [...problem.causes, ...problem.after]
      .flatMap((id) => byId.get(id) ?? [])
      .filter((cause) => problem.causes.includes(cause.problem.id) || !cause.problem.causes.includes(problem.id))
  const loudness = new Map(found.map((one) => [one, LOUDNESS[one.problem.severity]]))
  const raise = (one: Sighted, value: number): void => {
    for (const cause of causesOf(one)) {
      if (cause.problem.severity === 'benign' || loudness.get(cause)! <= value) continue
      loudness.set(cause, value)
      raise(cause, value)
    }
  }
  for (const one of found) raise(one, loudness.get(one)!)
  const sorted = found.toSorted(
    (one, other) =>
      loudness.get(one)! - loudness.get(other)! ||
      (one.problem.confidence < other.problem.confidence ? -1 : one.problem.confidence > other.problem.confidence ? 1 : 0) ||
      SURENESS[one.manner] - SURENESS[other.manner] ||
      one.order - other.order,
  )
  const ordered = new Set<Sighted>()
  const place = (one: Sighted, path: readonly Sighted[]): void => {
    if (ordered.has(one) || path.includes(one)) return
    for (const cause of causesOf(one).toSorted((a, b) => sorted.indexOf(a) - sorted.indexOf(b))) place(cause, [...path, one])
    ordered.add(one)
  }
  for (const one of sorted) place(one, [])
  return [...ordered].map((one) => {
    const { problem, manner, line, evidence } = one
    return { problem, manner, line, evidence, causes: causesOf(one).map((cause) => cause.problem.id) }
  })
}
