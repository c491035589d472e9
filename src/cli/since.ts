import type { App } from './app.ts'
import { baselineFolder, takeBaseline } from './baselines.ts'

const MOST = 5

/**
 * What changed since the baseline that was saved without a name, in sentences; none where none was saved. Takes a look of its
 * own.
 */
export async function sinceBaseline(app: App): Promise<string[]> {
  const machine = await app.machine()
  const path = `${baselineFolder(app)}/default.json`
  if (machine.lstat(path)?.type !== 'file') return []
  const { compareBaseline, parseBaseline } = await import('../report/baseline.ts')
  const then = parseBaseline(machine.read(path).toString())
  if (then === null) return ['the saved baseline is none that this version of gb10 reads: gb10 baseline save']
  const { parse } = await import('yaml')
  const { projectText } = await import('../host/project.ts')
  const { readBaselineData } = await import('../report/baseline-data.ts')
  const items = readBaselineData(parse(projectText('checks/_baseline.yaml')))
  const now = await takeBaseline(app, 'default', items, undefined)
  const { changes, unknown, verdict } = compareBaseline(then.items, now.items, items)
  const day = then.at.slice(0, 10)
  if (changes.length === 0 && unknown.length === 0)
    return [`nothing ${verdict === 'unknown' ? 'that could be told ' : ''}changed since the baseline of ${day}`]
  const told = changes.slice(0, MOST).map((one) => {
    const what = one.details.length > 0 ? one.details.slice(0, 3).join(', ') : `${String(one.before)} -> ${String(one.after)}`
    return `${one.suspicious ? 'suspicious: ' : ''}${one.title} changed since the baseline of ${day}: ${what}`
  })
  const more = changes.length - told.length + unknown.length
  return more > 0 ? [...told, `${more} more changed or could not be compared: gb10 baseline compare`] : told
}
