import type { SmokeResult } from '../../model/smoke.ts'
import type { App } from '../app.ts'
import { EXIT, UserError } from '../exit.ts'
import { setUp } from '../records.ts'
import { smokeOne, smokesOf } from '../smoking.ts'

export type SmokeCommandOptions = { model?: string; input?: string; device?: 'cuda' | 'cpu' }

/** `gb10 smoke [NAME…]`: proves that what is set up works, on the demanded device, with the right result. */
export async function run(app: App, names: string[], options: SmokeCommandOptions): Promise<number> {
  const all = smokesOf(await setUp(app))
  const known = all.flatMap(({ name, setUp: one }) => [name, one.recipe.name])
  for (const name of names) {
    if (known.includes(name)) continue
    const { suggest } = await import('../../model/suggest.ts')
    const near = suggest(name, known)
    throw new UserError(`nothing called ${name} is set up here${near ? `, did you mean ${near}?` : ''}`, EXIT.usage, near ? `gb10 smoke ${near}` : 'gb10 status')
  }
  const chosen = all.filter(({ name, setUp: one }) => names.length === 0 || names.includes(name) || names.includes(one.recipe.name))
  if (chosen.length === 0) throw new UserError('nothing is set up here that could be proved', EXIT.malformed, 'gb10 up')
  const results: SmokeResult[] = []
  for (const { name, setUp: one } of chosen) {
    if (one.environment === null) throw new UserError(`${one.recipe.name} is not finished`, EXIT.failed, 'gb10 status')
    const absolute = (path: string | undefined): string | null => (path === undefined ? null : path.startsWith('/') ? path : `${process.cwd()}/${path}`)
    results.push(await smokeOne(app, name, one, { models: absolute(options.model), input: absolute(options.input), device: options.device ?? null }))
  }
  const { smokeExit, smokeJson, smokeText } = await import('../../report/smoke.ts')
  app.show(() => smokeJson(results), () => smokeText(results, app.terminal.width, app.terminal.colourOut))
  return smokeExit(results)
}
