import type { Health, Mended, Verdict } from '../model/verdict.ts'
import { failuresOf, withStatus, wordOf } from './doctor-words.ts'
import { hanging, painter, plain, type Paint } from './text.ts'

/** A health report for people: what is not as it should be in full, all else as numbers, and what to type next. */
export function doctorText(health: Health, width: number, colour: boolean): string {
  const paint = painter(colour)
  const { results, machine, summary } = health
  const failures = failuresOf(results)
  const lines = hanging('', `Health of ${plain(machine.product ?? 'this machine')}${detail(health)}`, width).map(paint.bold)
  lines.push('')
  for (const verdict of failures) lines.push(...expanded(verdict, width, paint), '')
  for (const verdict of withStatus(results, 'waived'))
    lines.push(...hanging('WAIVED  ', `${plain(verdict.title)}: ${plain(verdict.why)}`, width))
  lines.push(...openLines(health, width, paint), ...rootLine(results, width))
  for (const note of health.notes) lines.push(...hanging('NOTE    ', plain(note), width).map(paint.warn))
  if (lines.at(-1) !== '') lines.push('')
  if (health.mended !== undefined) lines.push(...mendedLines(health.mended, width, paint), '')
  const loud = failures.filter(({ severity }) => severity !== 'info')
  const count = (number: number, word: string): string[] => (number > 0 ? [`${number} ${word}`] : [])
  const totals = [
    `${summary.pass} passed`,
    ...count(failures.filter((f) => f.severity === 'error').length, 'failed'),
    ...count(failures.filter((f) => f.severity === 'warning').length, 'with warnings'),
    ...count(failures.length - loud.length, 'remarks'),
    ...count(summary.waived, 'waived'),
    ...count(summary.unknown, 'could not be told'),
    ...count(summary.blocked, 'blocked'),
    ...count(summary.skip, 'not for this machine'),
  ]
  lines.push(...hanging('', `${totals.join(', ')}.${slowest(results)}`, width))
  lines.push(`Next: ${ofHost(health, nextOf(health, failures))}`) // whole, as it is there to be copied
  return `${lines.join('\n')}\n`
}

/** What became of each finding that was to be mended. */
function mendedLines(mended: readonly Mended[], width: number, paint: Paint): string[] {
  const tell = ({ id, recipe, outcome, text, run }: Mended): string[] => {
    // The command stands whole on a line of its own, to be copied.
    const undo = run === null || outcome === 'stopped' ? [] : [`${' '.repeat(13)}Take it back: gb10 undo ${recipe ?? run}`]
    const shown = [...hanging(outcome.toUpperCase().padEnd(13), `[${id}] ${plain(text).replace(/\.$/, '')}.`, width), ...undo]
    return outcome === 'fixed' || outcome === 'instructions' ? shown : shown.map(paint.warn)
  }
  return mended.length === 0 ? ['Nothing was found that could be mended.'] : mended.flatMap(tell)
}

/** The same alone, for where the report itself has no place for it. */
export const mendedText = (mended: readonly Mended[], width: number, colour: boolean): string =>
  `${mendedLines(mended, width, painter(colour)).join('\n')}\n`

const detail = ({ machine: { driver, kernel, dgxSpark } }: Health): string =>
  `${dgxSpark === 'yes' ? ' (GB10)' : ''}${driver === null ? '' : `, driver ${plain(driver)}`}${kernel === null ? '' : `, kernel ${plain(kernel)}`}`

function expanded(verdict: Verdict, width: number, paint: Paint): string[] {
  const { title, id, actual, expected, why, remedy, severity } = verdict
  const style = severity === 'error' ? paint.bad : severity === 'warning' ? paint.warn : paint.dim
  const [first = '', ...rest] = hanging(`${wordOf(verdict)}    `, `${plain(title)}  [${id}]`, width)
  const row = (name: string, text: string): string[] => hanging(`        ${name.padEnd(9)}`, plain(text), width)
  return [
    `${style(first.slice(0, 4))}${first.slice(4)}`,
    ...rest,
    ...(actual === null ? [] : row('found', actual)),
    ...(expected === null ? [] : row('expected', expected)),
    ...(severity === 'info' ? [] : row('why', why)),
    ...row('mend', `${remedy.text}${remedy.reboot ? ' (needs a restart)' : ''}`),
    ...(severity === 'info' ? [] : remedy.commands.map((command) => `          $ ${plain(command)}`)),
  ]
}

/** What could not be told: each on its own when it matters, those of one cause together, and those that nothing shows by id. */
function openLines(health: Health, width: number, paint: Paint): string[] {
  const open = withStatus(health.results, 'unknown', 'blocked')
  const quiet = open.filter(({ reason, required }) => reason === 'unrecorded' && !required)
  const commandOf = ({ reason, remedy }: Verdict): string | undefined => (reason === 'needs-root' ? undefined : remedy.commands[0])
  const causes = Map.groupBy(
    open.filter((verdict) => !quiet.includes(verdict)),
    (verdict) => (verdict.required ? verdict.id : JSON.stringify([verdict.status, verdict.why, commandOf(verdict)])),
  )
  const lines = [...causes.values()].flatMap((all) => {
    const [first] = all as [Verdict, ...Verdict[]]
    const command = commandOf(first)
    const text =
      all.length > 1
        ? `${plain(first.why).replace(/^this /, 'these ')} (${all.map(({ id }) => id).join(', ')})`
        : `${plain(first.title)}  [${first.id}]: ${plain(first.why)}`
    return [
      ...hanging(`${wordOf(first).padEnd(8)}`, text, width).map(first.required ? paint.warn : paint.dim),
      ...(command === undefined ? [] : [`          $ ${plain(ofHost(health, command))}`]),
    ]
  })
  if (quiet.length > 0)
    lines.push(
      ...hanging('UNKNOWN ', `nothing shows what these need: ${quiet.map(({ id }) => id).join(', ')}`, width).map(paint.dim),
    )
  return lines
}

/** What root could tell, as one line to copy: gb10 itself never asks for root. */
function rootLine(results: readonly Verdict[], width: number): string[] {
  const blocked = withStatus(results, 'blocked').filter(({ reason }) => reason === 'needs-root')
  const commands = new Set(blocked.flatMap(({ remedy }) => remedy.commands))
  if (commands.size === 0) return []
  const words = hanging('', 'Root can tell what is blocked for want of rights:', width)
  return [...words, `          $ ${plain([...commands].join('; '))}`]
}

function slowest(results: readonly Verdict[]): string {
  const top = results.toSorted((one, other) => other.ms - one.ms)[0]
  return top === undefined || top.ms < 1 ? '' : ` Slowest: ${top.id}, ${Math.round(top.ms)} ms.`
}

/** A command that looks at the machine, on the recording where that is what was looked at. */
const ofHost = ({ host }: Health, command: string): string =>
  host !== undefined && command === 'gb10 detect' ? `${command} --host ${host}` : command

function nextOf({ results, host }: Health, failures: readonly Verdict[]): string {
  const top = failures[0]
  if (top) return `gb10 explain ${top.id}`
  const open = withStatus(results, 'unknown').find(({ required }) => required) ?? withStatus(results, 'blocked')[0]
  return open?.remedy.commands[0] ?? (open || host !== undefined ? 'gb10 detect' : 'gb10 status')
}
