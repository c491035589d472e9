import type { Plan } from '../model/plan.ts'
import type { Licence } from '../plan/licences.ts'
import type { App } from './app.ts'
import { sameCommand } from './confirm.ts'
import { EXIT, UserError } from './exit.ts'

/**
 * The licences that a person is to be asked for: those of what is to be downloaded, but for the `accept`ed. Throws where nobody will be asked,
 * as `--yes` accepts none, and for an `--accept` that names nothing. `hashes`: of the user's own recipes, which it may name too.
 */
export async function askedLicences(
  app: App, plan: Plan, { yes, accept }: { yes: boolean; accept: readonly string[] }, hashes: readonly string[] = [],
): Promise<Licence[]> {
  const { openLicences } = await import('../plan/licences.ts')
  const known = [...new Set(plan.recipes.flatMap(({ licences }) => licences.map(({ name }) => name)))]
  const stray = accept.find((name) => !known.includes(name) && !hashes.includes(name))
  if (stray !== undefined) {
    const { suggest } = await import('../model/suggest.ts')
    const near = suggest(stray, known)
    const next = near ? `--accept ${near}` : 'leave it out'
    throw new UserError(`--accept ${stray} names nothing of this plan${near ? `, did you mean ${near}?` : ''}`, EXIT.usage, next)
  }
  const open = openLicences(plan, accept)
  if (open.length === 0 || (!yes && app.terminal.canAsk)) return open
  const { plain } = await import('../report/text.ts')
  const why = yes ? '--yes accepts no licence of what is to be downloaded' : 'nobody can be asked here for the licences of what is to be downloaded'
  const each = open.map(({ name, covers, url }) => `\n      ${plain(name)}: ${plain(covers)}, ${plain(url)}`)
  throw new UserError(`${why}: nothing was changed${each.join('')}`, EXIT.usage, sameCommand(...(yes ? [] : ['--yes']), ...acceptWords(open)))
}

/** `--accept NAME` for each of them. */
export const acceptWords = (licences: readonly Licence[]): string[] => [...new Set(licences.map(({ name }) => name))].flatMap((name) => ['--accept', name])
