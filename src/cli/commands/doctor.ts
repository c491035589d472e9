import type { FailOn } from '../../doctor/judge-exit.ts'
import type { Health, Mended } from '../../model/verdict.ts'
import type { App } from '../app.ts'
import { diagnosis, type Selection } from '../diagnosing.ts'
import { FORMATS, render, type Format } from '../doctor-formats.ts'
import { EXIT, UserError } from '../exit.ts'
import { saveText } from '../save.ts'

type Options = Selection & { format?: Format; output: string[]; failOn: FailOn; strict?: boolean; fix?: boolean; yes: boolean }

/** `gb10 doctor`: what is wrong with this machine and how to mend it. */
export async function run(app: App, ids: string[], options: Options): Promise<number> {
  const outputs = options.output.map(outputOf)
  if (options.fix === true && options.host !== undefined)
    throw new UserError('a recorded machine cannot be mended', EXIT.usage, 'gb10 doctor --fix   (on that machine)')
  const { outcomeOf } = await import('../../doctor/judge-exit.ts')
  const look = await diagnosis(app, ids, options)
  let found = await look()
  if (options.fix === true) {
    const { mend } = await import('../mending.ts')
    found = await mend(app, found, look, options.yes)
  }
  const { health } = found
  const format = options.format ?? (app.options.json ? 'json' : 'human')
  app.terminal.out(await render(health, format, app.terminal))
  await save(app, health, outputs)
  await inActions(app, health, format)
  const outcome = outcomeOf(health.results, options.failOn, options.strict === true)
  const failed = outcome === 'failed' || (health.mended ?? []).some(({ outcome: how }) => BAD.includes(how))
  return failed ? EXIT.failed : outcome === 'unsure' ? EXIT.unsure : EXIT.good
}

/** A mend that ended so is a failure of its own, whatever is found now. */
const BAD: Mended['outcome'][] = ['worse', 'failed', 'stopped']

type Output = { format: Format; file: string }

async function save(app: App, health: Health, outputs: readonly Output[]): Promise<void> {
  for (const { format, file } of outputs)
    saveText(await app.machine(), file, await render(health, format, { width: 80, colourOut: false }))
}

function outputOf(text: string): Output {
  const at = text.indexOf('=')
  const format = FORMATS.find((name) => name === text.slice(0, at))
  if (format === undefined || at === text.length - 1) {
    throw new UserError(
      `--output takes FORMAT=FILE with a format of ${FORMATS.join(', ')}, got ${JSON.stringify(text)}`,
      EXIT.usage,
      '--output junit=gb10.xml',
    )
  }
  return { format, file: text.slice(at + 1) }
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
