import type { Context, Compatibility, Condition, Problem, ProblemReference, Test } from '../model/problem.ts'
import { hanging, painter, plain } from './text.ts'

const SURE = {
  A: 'vendor, maintainer, source or reproduction',
  B: 'two reports, or one with measurements',
  C: 'one report',
  D: 'inferred: test before you rely on it',
}

/** The offline page of a problem: what, why, how it is judged, what helps, where that is from, what it looks like. */
export function problemPage(problem: Problem, width: number, colour: boolean): string {
  const paint = painter(colour)
  const { fix } = problem
  const undo = fix.undo?.replace(/\.$/, '')
  const para = (text: string | null): string[] => (text === null ? [] : hanging('  ', plain(text), width))
  const items = (texts: readonly string[]): string[] => texts.flatMap((text) => hanging('  - ', plain(text), width))
  const commands = (texts: readonly string[]): string[] => texts.map((text) => `  $ ${plain(text)}`)
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', paint.bold(title), ...lines]
  const sides = [
    ['fails when', problem.fail],
    ['warns when', problem.warn],
    ['remarks when', problem.note],
    ['cannot tell when', problem.unsure],
  ] as const
  const judged = sides.flatMap(([what, side]) => (side === null ? [] : hanging(`  doctor ${what} `, conditionText(side), width)))
  const time = [
    problem.since === null ? null : `since ${problem.since}`,
    problem.until === null ? null : `until ${problem.until}`,
  ].filter((one) => one !== null)
  const lines = [
    ...hanging('', `${problem.id}: ${plain(problem.title)}`, width).map((line) => paint.bold(line)),
    ...hanging(
      '',
      `${problem.severity}, confidence ${problem.confidence} (${SURE[problem.confidence]}), area ${problem.area}`,
      width,
    ),
    ...section('What and why', [...para(problem.cause), ...para(problem.now === null ? null : `Today: ${problem.now}`)]),
    ...section('Concerns', [...para(problem.concerns), ...para(time.length === 0 ? null : `Known ${time.join(', ')}.`)]),
    ...section('How it is judged', [
      ...para(problem.appliesTo === null ? null : `Only when ${conditionText(problem.appliesTo)}.`),
      ...judged,
      ...para(problem.expected === null ? null : `Healthy: ${problem.expected.replace(/\.$/, '')}.`),
      ...items(problem.measure.map((one) => one.replace(/^measure: /, ''))),
      ...items(problem.signatures.map((one) => `a log says: ${said(one)}${beside(one.when)}`)),
      ...items([...new Set(problem.signatures.flatMap(({ notWhen }) => notWhen.map(against)))]),
    ]),
    ...section(
      'Look',
      problem.look.flatMap((one) => (/^(fact|proof): /.test(one) ? items([one]) : [`  $ ${plain(one)}`])),
    ),
    ...section('Remedy', [
      ...para(fix.text),
      ...commands(fix.commands),
      ...(fix.recipe === null ? [] : [`  gb10 apply ${fix.recipe}`]),
      ...para(
        [`Risk: ${fix.risk}.`, fix.reboot ? ' Needs a restart.' : '', undo === undefined ? '' : ` Undo: ${undo}.`].join(''),
      ),
    ]),
    ...section(
      'Sample',
      [...new Set(problem.signatures.map(({ example }) => example))]
        .slice(0, 3)
        .flatMap((text) => hanging('  | ', plain(text), width)),
    ),
    ...section('References', referenceLines(problem.references, width)),
  ]
  return `${lines.join('\n')}\n`
}

const said = ({ text, pattern }: Pick<Context, 'text' | 'pattern'>): string => text ?? `/${pattern ?? ''}/`

const beside = (when: readonly Context[]): string =>
  when.length === 0 ? '' : `, and ${when.map((one) => said(one)).join(', or ')}${distance(when[0]!)}`

const distance = ({ within }: Context): string =>
  within === null ? '' : within === 0 ? ' on the same line' : ` within ${within} lines`

const against = (one: Context): string =>
  `not when the log ${one.later ? 'later' : 'also'} says${distance(one)}: ${said(one)}`

const STATE = {
  works: 'works',
  build: 'works when compiled for it',
  container: 'works in images only',
  'cpu-only': 'runs on the CPU only',
  no: 'does not run',
  unclear: 'reports differ',
}

/** One row of the compatibility table: does a framework run on GB10, since which version. */
export function frameworkPage(row: Compatibility, width: number, colour: boolean): string {
  const paint = painter(colour)
  const lines = [
    paint.bold(`${plain(row.title)} on GB10 (sm_121, aarch64): ${STATE[row.state]}`),
    ...hanging('  version  ', plain(row.version), width),
    ...(row.note === null ? [] : hanging('  note     ', plain(row.note), width)),
    ...(row.problems.length === 0 ? [] : ['', paint.bold('Known problems'), ...row.problems.map((id) => `  gb10 explain ${id}`)]),
    '',
    paint.bold('References'),
    ...referenceLines(row.references, width),
  ]
  return `${lines.join('\n')}\n`
}

const referenceLines = (references: readonly ProblemReference[], width: number): string[] =>
  references.flatMap(({ url, claim, checked }) => [
    ...(claim === null ? [] : hanging('  - ', plain(claim), width)),
    `  ${claim === null ? '- ' : '  '}${url} (${checked})`,
  ])

/** A condition in words. */
export function conditionText(condition: Condition): string {
  if ('all' in condition) return condition.all.map((one) => grouped(one)).join(' and ')
  if ('any' in condition) return condition.any.map((one) => grouped(one)).join(' or ')
  if ('not' in condition) return `not (${conditionText(condition.not)})`
  return condition.tests.map((test) => testText(condition.path, test)).join(' and ')
}

const grouped = (condition: Condition): string =>
  'path' in condition || 'not' in condition ? conditionText(condition) : `(${conditionText(condition)})`

const SIGN = { eq: 'is', ne: 'is not', gt: '>', ge: '>=', lt: '<', le: '<=' } as const

function testText(path: string, test: Test): string {
  switch (test.op) {
    case 'eq':
    case 'ne':
      return `${path} ${SIGN[test.op]} ${typeof test.value === 'object' && test.value !== null ? test.value.fact : String(test.value)}`
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return `${path} ${SIGN[test.op]} ${test.value}`
    case 'in':
      return `${path} is one of ${test.value.map(String).join(', ')}`
    case 'range':
      return `${path} is between ${test.value.join(' and ')}`
    case 'matches':
      return `${path} fits /${test.value}/`
    case 'semver':
      return `${path} is a version ${test.value}`
    case 'status':
      return `${path} is ${test.value}`
    case 'exists':
      return `${path} is ${test.value ? 'there' : 'not there'}`
    case 'contains':
      return 'where' in test ? `${path} has one with ${conditionText(test.where)}` : `${path} holds ${String(test.value)}`
    case 'count':
      return test.tests.map((one) => testText(`the number of ${path}`, one)).join(' and ')
  }
}
