import type { FailOn } from '../../doctor/judge-exit.ts'
import type { Health, Verdict, Waiver } from '../../model/verdict.ts'
import type { App } from '../app.ts'
import { loadCatalogue } from '../catalogue.ts'
import { FORMATS, render, type Format } from '../doctor-formats.ts'
import { EXIT, UserError } from '../exit.ts'
import { lookForDoctor } from '../facts.ts'
import { saveText } from '../save.ts'

type Options = { area?: string; host?: string; format?: Format; output: string[]; failOn: FailOn; strict?: boolean }

/** `gb10 doctor`: what is wrong with this machine and how to mend it. */
export async function run(app: App, ids: string[], options: Options): Promise<number> {
  const outputs = options.output.map(outputOf)
  const { problems } = await loadCatalogue()
  const { isJudged } = await import('../../doctor/order.ts')
  const { judge, summaryOf } = await import('../../doctor/judge.ts')
  const { outcomeOf } = await import('../../doctor/judge-exit.ts')
  const judged = problems.filter(isJudged)
  const chosen = await choose(
    judged,
    problems.map(({ id }) => id),
    ids,
    options.area,
  )
  const waivers = await readWaivers(app)
  const { waiverNotes } = await import('../../doctor/judge-waivers.ts')
  const detection = await lookForDoctor(app, options.host)
  const today = new Date().toISOString().slice(0, 10)
  const results: Verdict[] = judge(problems, detection.facts, { waivers, today }).filter(({ id }) => chosen.has(id))
  const { machine, driver, kernel } = detection
  const health: Health = {
    summary: summaryOf(results),
    results,
    notes: waiverNotes(
      waivers,
      judged.map(({ id }) => id),
      today,
    ),
    machine: { dgxSpark: machine.dgxSpark, product: machine.product, driver: driver.version, kernel },
  }
  const format = options.format ?? (app.options.json ? 'json' : 'human')
  app.terminal.out(await render(health, format, app.terminal))
  for (const { format: kind, file } of outputs)
    saveText(await app.machine(), file, await render(health, kind, { width: 80, colourOut: false }))
  await inActions(app, health, format)
  const outcome = outcomeOf(results, options.failOn, options.strict === true)
  return outcome === 'failed' ? EXIT.failed : outcome === 'unsure' ? EXIT.unsure : EXIT.good
}

function outputOf(text: string): { format: Format; file: string } {
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

async function choose(
  judged: { id: string; area: string }[],
  all: string[],
  ids: string[],
  area: string | undefined,
): Promise<Set<string>> {
  const known = judged.map(({ id }) => id)
  const unknown = ids.find((id) => !known.includes(id))
  if (unknown !== undefined) {
    if (all.includes(unknown))
      throw new UserError(`${unknown} can only be seen in logs`, EXIT.malformed, `gb10 explain ${unknown}`)
    const { suggest } = await import('../../model/suggest.ts')
    const near = suggest(unknown, known)
    throw new UserError(
      `there is no check ${unknown}${near === null ? '' : `, did you mean ${near}?`}`,
      EXIT.malformed,
      'gb10 doctor',
    )
  }
  const chosen = judged.filter((one) => (ids.length === 0 || ids.includes(one.id)) && (area === undefined || one.area === area))
  if (chosen.length === 0) {
    const areas = [...new Set(judged.map((one) => one.area))].join(', ')
    throw new UserError(`no check was selected; areas with checks: ${areas}`, EXIT.malformed, 'gb10 doctor')
  }
  return new Set(chosen.map(({ id }) => id))
}

async function readWaivers(app: App): Promise<Waiver[]> {
  const { readIfThere } = await import('../../host/probe-files.ts')
  const path = `${app.owner.config}/waivers.yaml`
  const text = readIfThere(path)
  if (text === null) return []
  const { parseWaivers } = await import('../../catalog/waivers.ts')
  return parseWaivers(text, path)
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
