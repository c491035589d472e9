import type { Explanation, Match } from '../doctor/explain.ts'
import type { Compatibility } from '../model/problem.ts'
import { hanging, painter, plain, type Paint } from './text.ts'

/** What was asked for, as far as a report says it back: a log of so many lines, an id, a framework or words. */
export type Explained = Pick<Explanation, 'matches'> & {
  lines: number | null
  framework: Compatibility | null
  near: string | null
}

/** The answer of explain for programs. */
export const explainJson = ({ matches, framework, lines }: Explained): object => ({
  formatVersion: '1.0',
  command: 'explain',
  lines,
  matches: matches.map(({ problem, manner, line, evidence, causes }) => ({
    id: problem.id,
    area: problem.area,
    title: problem.title,
    severity: problem.severity,
    confidence: problem.confidence,
    match: manner,
    line,
    evidence,
    cause: problem.cause,
    now: problem.now,
    causes,
    fix: [problem.fix.text, ...problem.fix.commands],
    recipe: problem.fix.recipe,
    references: problem.references,
  })),
  framework,
})

/** At most that many problems are told in full. */
const IN_FULL = 8

/** The answer of explain about a log or about words, for people. */
export function explainText({ matches, lines, near }: Explained, width: number, colour: boolean): string {
  const paint = painter(colour)
  if (matches.length === 0) {
    const read = lines === null ? '' : ` in ${counted(lines, 'line')}`
    const next = near === null ? 'To look at the machine itself: gb10 doctor' : `Did you mean: gb10 explain ${near}`
    return `No known problem${read}.\n${next}\n`
  }
  const shown = matches.slice(0, IN_FULL).flatMap((match, at) => [...(at === 0 ? [] : ['']), ...matchLines(match, width, paint)])
  const rest = matches
    .slice(IN_FULL)
    .map(({ problem, line }) => `  ${problem.severity.padEnd(9)} ${problem.id}${line === null ? '' : `, line ${line}`}`)
  const more = rest.length === 0 ? [] : ['', `And ${rest.length} more:`, ...rest]
  return `${[...shown, ...more, '', ...summary(matches, lines, width)].join('\n')}\n`
}

function matchLines({ problem, manner, line, evidence, causes }: Match, width: number, paint: Paint): string[] {
  const { title, severity, cause, now, fix, id } = problem
  const [head = '', ...tail] = hanging(`${severity.toUpperCase().padEnd(9)} `, plain(title), width)
  const tone = severity === 'broken' ? paint.bad : severity === 'degraded' ? paint.warn : paint.dim
  const field = (name: string, text: string | null): string[] =>
    text === null || text === '' ? [] : hanging(`  ${name.padEnd(8)} `, plain(text), width)
  return [
    tone(head.slice(0, 9)) + paint.bold(head.slice(9)),
    ...tail.map((text) => paint.bold(text)),
    ...field(line === null ? 'Found' : `Line ${line}`, evidence === null ? null : clipped(plain(evidence), width * 3)),
    ...field('', HOW[manner] ?? null),
    ...field('Because', causes.length === 0 ? null : `may follow from ${causes.join(', ')}`),
    ...field('Cause', cause),
    ...field('Today', now),
    ...field('Fix', fix.text),
    ...fix.commands.map((command) => `           $ ${plain(command)}`),
    ...field('Recipe', fix.recipe === null ? null : `gb10 apply ${fix.recipe}`),
    ...field('More', `gb10 explain ${id}`),
  ]
}

const HOW: Partial<Record<Match['manner'], string>> = {
  similar: '(not word for word: compare the page of the problem)',
  cut: '(only a part of the message: compare the page of the problem)',
}

const clipped = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 4)} ...`)

function summary(matches: readonly Match[], lines: number | null, width: number): string[] {
  const kinds = (['broken', 'degraded', 'benign'] as const).map(
    (kind) => [matches.filter(({ problem }) => problem.severity === kind).length, kind] as const,
  )
  const parts = kinds.filter(([count]) => count > 0).map(([count, kind]) => `${count} ${kind}`)
  const read = lines === null ? '' : ` in ${counted(lines, 'line')}`
  const calm = matches.every(({ problem }) => problem.severity === 'benign') ? ' Nothing here needs repair.' : ''
  if (matches.every(({ manner }) => manner === 'words'))
    return hanging('', `No message was recognised; ${counted(matches.length, 'known problem')} with these words.`, width)
  return hanging('', `${counted(matches.length, 'known problem')}${read}: ${parts.join(', ')}.${calm}`, width)
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
