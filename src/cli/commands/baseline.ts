import type { Baseline, Comparison } from '../../report/baseline.ts'
import type { App } from '../app.ts'
import { baselineFolder, baselineNames, storeBaseline, takeBaseline } from '../baselines.ts'
import { EXIT, UserError } from '../exit.ts'

type Options = { gate?: boolean; host?: string }

/** `gb10 baseline save|compare [NAME]`: a record of this machine while it works; what changed since. */
export async function run(app: App, action: 'save' | 'compare', name: string | undefined, options: Options): Promise<number> {
  const wanted = name ?? 'default'
  // made.json lists the folders that were made for the baselines.
  if (!/^(?!made$)[A-Za-z0-9][\w.-]{0,63}$/.test(wanted))
    throw new UserError(
      `${JSON.stringify(wanted)} is no name for a baseline`,
      EXIT.usage,
      `gb10 baseline ${action} before-update`,
    )
  const { parse } = await import('yaml')
  const { projectText } = await import('../../host/project.ts')
  const { readBaselineData } = await import('../../report/baseline-data.ts')
  const items = readBaselineData(parse(projectText('checks/_baseline.yaml')))
  const machine = await app.machine()
  const folder = baselineFolder(app)
  const take = async (): Promise<Baseline> => {
    const taken = await takeBaseline(app, wanted, items, options.host)
    app.signal.throwIfAborted() // what was not asked any more is no record of what works, nor a change
    return taken
  }
  if (action === 'save') {
    const { refuseForeign } = await import('../../host/owner.ts')
    refuseForeign(app.owner)
    const { savedText } = await import('../../report/baseline-text.ts')
    const baseline = await take()
    const { path, earlier } = storeBaseline(machine, folder, baseline)
    app.show(
      () => ({ ...baseline, path, earlier }),
      () => savedText(baseline, path, earlier, app.terminal.width),
    )
    return EXIT.good
  }
  const then = await stored(app, folder, wanted)
  const now = await take()
  const { compareBaseline } = await import('../../report/baseline.ts')
  const { comparisonText } = await import('../../report/baseline-text.ts')
  const comparison = compareBaseline(then.items, now.items, items)
  app.show(
    () => ({
      formatVersion: '1.0',
      command: 'baseline',
      action: 'compare',
      name: wanted,
      savedAt: then.at,
      at: now.at,
      ...comparison,
    }),
    () => comparisonText(then, comparison, app.terminal.width, app.terminal.colourOut),
  )
  return options.gate === true ? gateOf(comparison) : EXIT.good
}

const gateOf = ({ verdict }: Comparison): number =>
  verdict === 'suspicious' ? EXIT.failed : verdict === 'unknown' ? EXIT.unsure : EXIT.good

async function stored(app: App, folder: string, name: string) {
  const { parseBaseline } = await import('../../report/baseline.ts')
  const machine = await app.machine()
  const path = `${folder}/${name}.json`
  if (machine.lstat(path)?.type !== 'file') {
    const { suggest } = await import('../../model/suggest.ts')
    const near = suggest(name, baselineNames(machine, folder))
    throw new UserError(
      `there is no baseline ${name}, so what changed cannot be told${near ? `; did you mean ${near}?` : ''}`,
      EXIT.unsure,
      near ? `gb10 baseline compare ${near}` : `gb10 baseline save ${name}   # while everything works`,
    )
  }
  const baseline = parseBaseline(machine.read(path).toString())
  if (baseline === null)
    throw new UserError(`${path} is no baseline that this version of gb10 reads`, EXIT.malformed, `gb10 baseline save ${name}`)
  return baseline
}
