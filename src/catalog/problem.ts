import { isMap, isScalar, isSeq, type Node } from 'yaml'
import {
  AREAS,
  type Context,
  type Fix,
  type Needs,
  type Problem,
  type ProblemReference,
  type ProblemTest,
} from '../model/problem.ts'
import type { CatalogIssue } from './issue.ts'
import { condition } from './problem-condition.ts'
import { context, signature } from './problem-signature.ts'
import { fault, list, need, object, orElse, pairs, readText, type Cursor, type Reader } from './reader.ts'
import { day, link, oneOf, slug, text, yes } from './scalars.ts'

/** A dated address; a claim says what of it we rely on. */
export const problemReference: Reader<ProblemReference> = object<ProblemReference>({
  url: need(link),
  claim: orElse<string | null>(text, null),
  checked: need(day),
})

const bool: Reader<boolean> = (cursor) =>
  isScalar(cursor.node) && typeof cursor.node.value === 'boolean' ? cursor.node.value : fault(cursor, 'true or false')

const fix: Reader<Fix> = object<Fix>({
  text: need(text),
  commands: orElse(list(text), []),
  recipe: orElse<string | null>(slug, null),
  risk: orElse(oneOf(['none', 'low', 'medium', 'high']), 'none'),
  undo: orElse<string | null>(text, null),
  reboot: orElse(bool, false),
})

const needs: Reader<Needs> = object<Needs>({
  facts: orElse(list(text), []),
  get: orElse<string | null>(text, null),
  asRoot: orElse<string | null>(text, null),
})

const test: Reader<ProblemTest> = object<ProblemTest>({
  facts: need((cursor: Cursor) =>
    isMap(cursor.node) ? (plainOf(cursor.node) as Record<string, unknown>) : fault(cursor, 'a mapping of facts'),
  ),
  expect: need(oneOf(['pass', 'fail', 'skip', 'blocked', 'unknown'])),
  severity: orElse<string | null>(oneOf(['info', 'warning', 'error']), null),
})

/** A node as plain data. */
function plainOf(node: Node | null): unknown {
  if (isSeq(node)) return node.items.map((item) => plainOf(item as Node))
  if (isMap(node))
    return Object.fromEntries(
      node.items.map((pair) => [String((pair.key as { value?: unknown }).value), plainOf(pair.value as Node | null)]),
    )
  return isScalar(node) ? node.value : null
}

type Raw = Omit<Problem, 'required'> & { required: boolean; notWhen: Context[] }

const raw = object<Raw>({
  id: need(slug),
  area: need(oneOf(AREAS)),
  title: need(text),
  severity: need(oneOf(['benign', 'degraded', 'broken'])),
  confidence: need(oneOf(['A', 'B', 'C', 'D'])),
  cause: need(text),
  now: orElse<string | null>(text, null),
  concerns: orElse<string | null>(text, null),
  appliesTo: orElse<Problem['appliesTo']>(condition, null),
  needs: orElse<Needs>(needs, { facts: [], get: null, asRoot: null }),
  fail: orElse<Problem['fail']>(condition, null),
  warn: orElse<Problem['warn']>(condition, null),
  note: orElse<Problem['note']>(condition, null),
  unsure: orElse<Problem['unsure']>(condition, null),
  required: orElse<boolean>(yes, false),
  tier: orElse(oneOf(['quick', 'deep']), 'quick'),
  after: orElse(list(slug), []),
  causes: orElse(list(slug), []),
  expected: orElse<string | null>(text, null),
  measure: orElse(list(text), []),
  notWhen: orElse(list(context), []),
  signatures: orElse(list(signature), []),
  asked: orElse(list(text), []),
  look: orElse(list(text), []),
  fix: need(fix),
  references: need(list(problemReference)),
  since: orElse<string | null>(text, null),
  until: orElse<string | null>(text, null),
  tests: orElse(list(test), []),
})

/** One problem from its YAML text, or every fault in it. `file` is its path for messages: `checks/<area>/<id>.yaml`. */
export function parseProblem(source: string, file: string): { problem: Problem } | { errors: CatalogIssue[] } {
  const read = readText(source, file, (cursor) => whole(cursor, file))
  return 'errors' in read ? read : { problem: read.value }
}

function whole(cursor: Cursor, file: string): Problem | undefined {
  const found = raw(cursor)
  if (found === undefined) return undefined
  const { notWhen, ...problem } = found
  const at = (key: string): Cursor => pairs(cursor).find(([name]) => name === key)?.[1] ?? cursor
  const [folder, name] = file.split('/').slice(-2)
  if (name !== `${problem.id}.yaml`) return fault(at('id'), `the file's name, ${name?.replace(/\.yaml$/, '')}`)
  if (folder !== problem.area) return fault(at('area'), `the folder's name, ${folder}`)
  const judged = [problem.fail, problem.warn, problem.note, problem.unsure].some((side) => side !== null)
  if (!judged && problem.signatures.length === 0 && problem.measure.length === 0)
    return fault(cursor, 'fail, warn, note, unsure, signatures or measure', 'none of them')
  if (!judged && problem.tests.length > 0) return fault(at('tests'), 'no tests where nothing is judged')
  if (judged && problem.tests.length < 3) return fault(cursor, 'at least three tests', `${problem.tests.length}`)
  return { ...problem, signatures: problem.signatures.map((one) => ({ ...one, notWhen: [...notWhen, ...one.notWhen] })) }
}
