import { resolve } from 'node:path'
import type { FailOn } from '../../doctor/judge-exit.ts'
import type { Machine } from '../../host/machine.ts'
import type { Health } from '../../model/verdict.ts'
import type { App } from '../app.ts'
import { diagnosis, type Diagnosis, type Selection } from '../diagnosing.ts'
import { FORMATS, render, type Format } from '../doctor-formats.ts'
import { EXIT, UserError } from '../exit.ts'
import { saveText } from '../save.ts'

type Options = Selection & { format?: Format; output: string[]; failOn: FailOn; strict?: boolean } & Ways
/** `every` in seconds, as it was typed. */
type Ways = { fix?: boolean; yes: boolean; watch?: boolean; every?: string }

/** `gb10 doctor`: what is wrong with this machine and how to mend it. */
export async function run(app: App, ids: string[], options: Options): Promise<number> {
  const outputs = options.output.map(outputOf)
  await refuseTwice(app, outputs)
  const every = waysOf(options)
  const format = options.format ?? (app.options.json ? 'json' : 'human')
  if (app.options.json && format !== 'json')
    throw new UserError(`with --json stdout is JSON, not ${format}`, EXIT.usage, `gb10 doctor --json --output ${format}=FILE`)
  const { outcomeOf } = await import('../../doctor/judge-exit.ts')
  const look = await diagnosis(app, ids, options)
  const { health, late } = await found(app, look, options, every, outputs)
  app.terminal.out(await render(health, format, app.terminal))
  await tellMended(app, health, format)
  await inActions(app, health, format)
  await save(app, health, outputs)
  return EXIT[outcomeOf(health.results, options.failOn, options.strict === true, late, health.mended)]
}

/** Only the reports for people and as JSON say what became of each finding; beside the others it stands on stderr. */
async function tellMended(app: App, { mended }: Health, format: Format): Promise<void> {
  if (mended === undefined || format === 'human' || format === 'json') return
  const { mendedText } = await import('../../report/doctor-human.ts')
  app.terminal.err(mendedText(mended, app.terminal.width, app.terminal.colourErr))
}

/** The one look, or the last of many. */
async function found(app: App, look: Look, options: Options, every: number, outputs: readonly Output[]): Promise<Diagnosis> {
  if (options.watch === true) {
    const { watchHealth } = await import('../watching.ts')
    return watchHealth(app, look, every, ({ health }) => save(app, health, outputs))
  }
  const first = await look()
  if (options.fix !== true) return first
  const { mend } = await import('../mending.ts')
  return mend(app, first, look, options.yes)
}
type Look = () => Promise<Diagnosis>

/** Seconds between two looks, where nobody says otherwise. */
const EVERY = 30

/** Refuses ways of running that do not go together; gives the seconds between two looks. */
function waysOf({ fix, watch, host, every }: Options): number {
  if (fix === true && host !== undefined)
    throw new UserError('a recorded machine cannot be mended', EXIT.usage, 'gb10 doctor --fix   # on that machine')
  if (watch === true && host !== undefined)
    throw new UserError('a recorded machine does not change', EXIT.usage, 'gb10 doctor --watch   # on that machine')
  if (watch === true && fix === true) throw new UserError('--watch only looks', EXIT.usage, 'gb10 doctor --fix')
  if (watch !== true && every !== undefined)
    throw new UserError('--every says how often --watch looks', EXIT.usage, `gb10 doctor --watch --every ${every}`)
  const seconds = Number(every ?? EVERY)
  if (!(seconds >= 1 && seconds <= 86_400))
    throw new UserError(
      `--every takes seconds, from 1 on, got ${JSON.stringify(every)}`,
      EXIT.usage,
      'gb10 doctor --watch --every 60',
    )
  return seconds
}

type Output = { format: Format; file: string }

/** Refuses two reports for one file, by whatever names: the second would replace the first. */
async function refuseTwice(app: App, outputs: readonly Output[]): Promise<void> {
  if (outputs.length < 2) return
  const machine = await app.machine()
  const seen = new Set<string>()
  for (const { format, file } of outputs.filter((one) => !one.file.startsWith('/dev/'))) {
    const path = placeOf(machine, file)
    if (seen.has(path)) throw new UserError(`two reports cannot both be ${file}`, EXIT.usage, `gb10 doctor --output ${format}=ANOTHER`)
    seen.add(path)
  }
}

/** Where links lead; those that lead nowhere are told when the file is written. */
function placeOf(machine: Machine, file: string): string {
  try {
    return machine.canonical(resolve(file), true)
  } catch {
    return resolve(file)
  }
}

/** Writes every file that can be written; @throws the first error, after the others. */
async function save(app: App, health: Health, outputs: readonly Output[]): Promise<void> {
  const errors: unknown[] = []
  for (const { format, file } of outputs) {
    const text = await render(health, format, { width: 80, colourOut: false })
    try {
      saveText(await app.machine(), file, text)
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}

function outputOf(text: string): Output {
  const at = text.indexOf('=')
  const format = FORMATS.find((name) => name === text.slice(0, at))
  if (format === undefined || at === text.length - 1) {
    throw new UserError(
      `--output takes FORMAT=FILE with a format of ${FORMATS.join(', ')}, got ${JSON.stringify(text)}`,
      EXIT.usage,
      'gb10 doctor --output junit=gb10.xml',
    )
  }
  const file = text.slice(at + 1)
  if (file === '-') throw new UserError('- is no file', EXIT.usage, `gb10 doctor --format ${format}   # on stdout`)
  return { format, file }
}

/** In a GitHub job: annotations on stderr, where no data is, and the table in the summary of the step. */
async function inActions(app: App, health: Health, format: Format): Promise<void> {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY: file } = process.env
  if (GITHUB_ACTIONS !== 'true') return
  if (format !== 'github') app.terminal.err(await render(health, 'github', { width: 80, colourOut: false }))
  if (file?.startsWith('/')) {
    const { appendText } = await import('../save.ts')
    appendText(file, await render(health, 'markdown', { width: 80, colourOut: false }))
  }
}
