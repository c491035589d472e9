import type { Problem } from '../model/problem.ts'
import type { Health, Verdict, Waiver } from '../model/verdict.ts'
import { shellWord } from '../model/shell-word.ts'
import type { App } from './app.ts'
import { loadCatalogue } from './catalogue.ts'
import { EXIT, UserError } from './exit.ts'
import { lookForDoctor } from './facts.ts'
import { readSettings } from './settings.ts'

export type Selection = { area?: string; host?: string; deep?: boolean; force?: boolean }

/**
 * One look at the machine: the report on the checks that were asked for, and the verdicts on all. `late`: the time was over before
 * everything had been asked.
 */
export type Diagnosis = { health: Health; all: Verdict[]; late: boolean }

/** What a look is judged by: the catalogue, the checks that were asked for, and the waivers. */
type Prepared = { problems: Problem[]; known: string[]; chosen: Set<string>; waivers: Waiver[] }

async function prepare(app: App, ids: string[], area: string | undefined): Promise<Prepared> {
  const { problems } = await loadCatalogue()
  const { isJudged } = await import('../doctor/order.ts')
  const judged = problems.filter(isJudged)
  const everything = problems.map(({ id }) => id)
  const chosen = await choose(judged, everything, ids, area)
  return { problems, known: judged.map(({ id }) => id), chosen, waivers: await readWaivers(app) }
}

/**
 * Gives what looks and judges as often as it is called. What was asked for by name is checked before anything is looked at; a plain
 * doctor has nothing that could be misspelt, so its catalogue is read while the tools answer.
 */
export async function diagnosis(
  app: App,
  ids: string[],
  { area, host, deep = false, force = false }: Selection,
): Promise<() => Promise<Diagnosis>> {
  let prepared = ids.length > 0 || area !== undefined ? await prepare(app, ids, area) : null
  return async () => {
    const overdue: string[] = []
    const onDeadline = (seconds: number): void =>
      void overdue.push(`the ${seconds} s for all probes were over: what could not be told may only have been late`)
    const stop = new AbortController()
    const looking = lookForDoctor(app, { host, deep, force, onDeadline, signal: stop.signal })
    const rest = async () => {
      await new Promise(setImmediate)
      const { judge, summaryOf } = await import('../doctor/judge.ts')
      const { waiverNotes } = await import('../doctor/judge-waivers.ts')
      prepared ??= await prepare(app, ids, area)
      return { judge, summaryOf, waiverNotes, ...prepared }
    }
    const [detection, { judge, summaryOf, waiverNotes, problems, known, chosen, waivers }] = await Promise.all([
      looking,
      rest(),
    ]).finally(() => stop.abort())
    const stopped = app.signal.aborted
    const today = new Date().toISOString().slice(0, 10)
    const all = judge(problems, detection.facts, { waivers, today, shown: chosen })
    const results = all.filter(({ id }) => chosen.has(id))
    const { machine, driver, kernel } = detection
    const health: Health = {
      summary: summaryOf(results),
      results,
      notes: [
        ...overdue.slice(0, 1),
        ...(stopped ? ['stopped before everything had been asked: what could not be told may only not have been asked'] : []),
        ...waiverNotes(waivers, known, today),
        ...(deep && host === undefined ? await since(app) : []),
      ],
      machine: { dgxSpark: machine.dgxSpark, product: machine.product, driver: driver.version, kernel },
      ...(host === undefined ? {} : { host: shellWord(host) }),
    }
    return { health, all, late: overdue.length > 0 }
  }
}

const since = async (app: App): Promise<string[]> => (await import('./since.ts')).sinceBaseline(app)

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
    const { suggest } = await import('../model/suggest.ts')
    const near = suggest(unknown, known)
    throw new UserError(
      `there is no check ${unknown}${near === null ? '' : `, did you mean ${near}?`}`,
      EXIT.malformed,
      'gb10 doctor',
    )
  }
  const chosen = judged.filter((one) => (ids.length === 0 || ids.includes(one.id)) && (area === undefined || one.area === area))
  if (chosen.length === 0) {
    const areas = [...new Set(judged.map((one) => one.area))]
    if (area === undefined || areas.includes(area))
      throw new UserError(`none of these checks is of area ${area}`, EXIT.malformed, `gb10 doctor ${ids.join(' ')}`)
    const { suggest } = await import('../model/suggest.ts')
    const near = suggest(area, areas)
    const text = `there is no area ${area}${near === null ? '' : `, did you mean ${near}?`} (known: ${areas.join(', ')})`
    throw new UserError(text, EXIT.malformed, near === null ? 'gb10 doctor' : `gb10 doctor --area ${near}`)
  }
  return new Set(chosen.map(({ id }) => id))
}

async function readWaivers(app: App): Promise<Waiver[]> {
  const settings = await readSettings(app, 'waivers.yaml')
  if (settings === null) return []
  const { parseWaivers } = await import('../catalog/waivers.ts')
  return parseWaivers(settings.text, settings.path)
}
