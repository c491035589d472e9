import type { Health, Verdict } from '../model/verdict.ts'
import { failuresOf, withoutHomes, withStatus, wordOf } from './doctor-words.ts'
import { plain } from './text.ts'

/**
 * Text that cannot leave its cell, start a tag, a heading or a list, or become markup, a link or a name that is called. What a forum looks for after
 * it has rendered the markup (@name, #1, addresses) is parted by a blank of no width.
 */
const cell = (text: string): string =>
  withoutHomes(plain(text))
    .replaceAll('`', "'")
    .replaceAll(/[\\|[\]*~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, String.raw`\$&`)
    .replace(/^[#>+-]|(?<=^\d+)[.)]/, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/@(?=\w)|#(?=\d)|:(?=\/\/)|www(?=\.)/g, '$&&#8203;')

/** A value that was found on a machine, as it is. */
const code = (text: string): string => {
  const value = withoutHomes(plain(text)).replaceAll('`', "'").replaceAll('|', String.raw`\|`)
  return value === '' ? '' : `\`${value}\``
}

/** The health report for a forum or a job summary, without home folders. */
export function doctorMarkdown({ results, machine, summary, notes }: Health): string {
  const failures = failuresOf(results)
  const open = withStatus(results, 'unknown', 'blocked', 'waived').filter(
    ({ reason, required }) => required || reason !== 'unrecorded',
  )
  const rows = [...failures, ...open]
  const facts = [
    machine.product,
    machine.driver && `driver ${machine.driver}`,
    machine.kernel && `kernel ${machine.kernel}`,
  ].filter((text) => text)
  const totals = Object.entries(summary)
    .filter(([, number]) => number > 0)
    .map(([name, number]) => `${number} ${name}`)
  return `${[
    '### gb10 doctor',
    '',
    `${facts.map((text) => cell(text ?? '')).join(', ') || 'A machine that shows little of itself'}: ${totals.join(', ')}.`,
    ...(rows.length === 0 ? [] : ['', '| | check | found | expected |', '|---|---|---|---|', ...rows.map(row)]),
    ...failures.filter(({ severity }) => severity !== 'info').flatMap(block),
    ...notes.map((note) => `\n> ${cell(note)}`),
  ].join('\n')}\n`
}

const row = (verdict: Verdict): string =>
  `| ${wordOf(verdict)} | ${cell(verdict.title)} (\`${verdict.id}\`) | ${foundIn(verdict)} | ${cell(verdict.expected ?? '')} |`

/** Of a waived failure that is why, and how long, it is. */
const foundIn = ({ actual, status, why }: Verdict): string =>
  actual === null || status === 'waived' ? (status === 'fail' ? '' : cell(why)) : code(actual)

const block = ({ title, why, remedy, references }: Verdict): string[] => [
  '',
  `**${cell(title)}.** ${cell(why)} ${cell(remedy.text)}`,
  ...(remedy.commands.length === 0
    ? []
    : ['', '```bash', ...remedy.commands.map((command) => withoutHomes(plain(command))), '```']),
  ...(references.length === 0 ? [] : ['', references.map(({ url }) => `<${url}>`).join(' ')]),
]
