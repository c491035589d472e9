import { settled, type Baseline, type BaselineChange, type Comparison } from './baseline.ts'
import { hanging, painter, plain } from './text.ts'

const MOST_DETAILS = 8
const short = (value: unknown): string =>
  value === null ? 'none' : typeof value === 'object' ? `${Object.keys(value).length} entries` : plain(String(value))

/** A saved baseline for people. */
export function savedText(baseline: Baseline, path: string, earlier: string | null, width: number): string {
  const known = Object.values(baseline.items).filter(settled).length
  return `${[
    ...hanging(
      '',
      `Saved ${baseline.name}: ${known} of ${Object.keys(baseline.items).length} things are known, in ${path}`,
      width,
    ),
    ...(earlier === null ? [] : hanging('', `The earlier one is kept as ${earlier}`, width)),
    'It is your own record; gb10 uninstall takes it along.',
    `Next, when something no longer works: gb10 baseline compare${baseline.name === 'default' ? '' : ` ${baseline.name}`}`,
  ].join('\n')}\n`
}

/** What changed since it worked, for people. */
export function comparisonText(then: Baseline, comparison: Comparison, width: number, colour: boolean): string {
  const paint = painter(colour)
  const since = `since ${then.at.slice(0, 16).replace('T', ' ')} UTC (${plain(then.name)})`
  const { verdict, changes, unknown, same, notCompared } = comparison
  const suspicious = changes.filter((one) => one.suspicious)
  const head =
    changes.length === 0
      ? `Nothing ${unknown.length === 0 && verdict !== 'unknown' ? '' : 'that could be told '}changed ${since}.`
      : `${changes.length} changed ${since}, ${suspicious.length} of them suspicious.`
  return `${[
    paint.bold(head),
    ...changes.flatMap((one, at) => [
      '',
      ...changeLines(one, at + 1, width).map((line, row) => (row === 0 && one.suspicious ? paint.warn(line) : line)),
    ]),
    ...(unknown.length === 0
      ? []
      : [
          '',
          ...hanging('Could not be told now: ', unknown.map(({ title, status }) => `${title} (${status})`).join(', '), width),
        ]),
    ...(notCompared.length === 0 ? [] : ['', ...hanging('Not known then, so not compared: ', notCompared.join(', '), width)]),
    '',
    `The same: ${same.length}.`,
  ].join('\n')}\n`
}

function changeLines(
  { title, suspicious, before, after, details, why, references }: BaselineChange,
  rank: number,
  width: number,
): string[] {
  const change = details.length > 0 ? `${details.length} differ` : `${short(before)} -> ${short(after)}`
  const shown = details.slice(0, MOST_DETAILS)
  return [
    ...hanging(`${rank}. `, `${suspicious ? 'SUSPICIOUS ' : ''}${title}: ${change}`, width),
    ...shown.flatMap((line) => hanging('     - ', plain(line), width)),
    ...(details.length > shown.length ? [`     ... and ${details.length - shown.length} more (--json names all)`] : []),
    ...hanging('   ', why, width),
    ...references.flatMap(({ url }) => [`   ${url}`]),
  ]
}
