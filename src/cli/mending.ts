import type { Mended, Verdict } from '../model/verdict.ts'
import { shellWord } from '../model/shell-word.ts'
import type { App } from './app.ts'
import { agreed, recordOf } from './commands/apply.ts'
import type { Diagnosis } from './diagnosing.ts'
import { describeError } from './exit.ts'
import { execute } from './execute.ts'
import { acceptWords } from './licences.ts'
import { planFor } from './planning.ts'
import { preflight } from './preflight.ts'

/**
 * Mends what can be mended, one recipe after the other: plans it, asks, applies it through the ledger, and looks again. Findings
 * with one recipe are mended together. Gives the last look, with what became of each finding.
 */
export async function mend(app: App, first: Diagnosis, look: () => Promise<Diagnosis>, yes: boolean): Promise<Diagnosis> {
  const { isMendable } = await import('../doctor/mended.ts')
  const findings = first.health.results.filter(({ status }) => status === 'fail')
  const mended: Mended[] = findings.filter((one) => !isMendable(one)).map(instructions)
  let last = first
  for (const recipe of new Set(findings.filter(isMendable).map(({ remedy }) => remedy.recipe!))) {
    const mine = findings.filter((one) => isMendable(one) && one.remedy.recipe === recipe)
    if (app.signal.aborted) {
      mended.push(...mine.map(({ id }): Mended => ({ id, recipe, outcome: 'stopped', text: 'it was not begun', run: null })))
      continue
    }
    try {
      const { before, after, part } = await mendOne(app, recipe, mine, last, look, yes)
      last = after
      mended.push(...mine.map(({ id }) => part(id, before.all)))
    } catch (error) {
      // Before anything was changed it ends the command; after that, what became of the others is told all the same.
      if (mended.every(({ run }) => run === null)) throw error
      const { text } = describeError(error)
      const outcome = app.signal.aborted ? 'stopped' : 'failed'
      mended.push(...mine.map(({ id }): Mended => ({ id, recipe, outcome, text: text.replace(/^gb10: /, ''), run: null })))
    }
  }
  return { ...last, health: { ...last.health, mended } }
}

type Part = (id: string, before: readonly Verdict[]) => Mended

/** One recipe for the findings that name it. */
async function mendOne(
  app: App,
  recipe: string,
  findings: readonly Verdict[],
  before: Diagnosis,
  look: () => Promise<Diagnosis>,
  yes: boolean,
): Promise<{ before: Diagnosis; after: Diagnosis; part: Part }> {
  const { effectOf } = await import('../doctor/mended.ts')
  const { openLicences } = await import('../plan/licences.ts')
  const all =
    (outcome: Mended['outcome'], text: string, run: string | null = null): Part =>
    (id) => ({ id, recipe, outcome, text, run })
  for (const { title, id } of findings) app.note(`To mend: ${title} [${id}]`)
  const planned = await planFor(app, { recipes: [recipe], profile: undefined, set: {}, host: undefined, auto: false })
  const [refusal] = planned.plan.refused
  if (refusal !== undefined) {
    const next = refusal.next === null ? '' : ` Next: ${refusal.next}`
    return { before, after: before, part: all('refused', `${refusal.reason}${next}`) }
  }
  if (planned.plan.changes.length === 0 && planned.plan.superseded.length === 0)
    return { before, after: before, part: all('unchanged', `${recipe} is set up already, and the finding is still there`) }
  const licences = openLicences(planned.plan, [])
  if (yes && licences.length > 0) {
    const words = acceptWords(licences).map(shellWord).join(' ')
    return { before, after: before, part: all('refused', `--yes accepts no licence of what is to be downloaded. Next: gb10 apply ${recipe} --yes ${words}`) }
  }
  await preflight(app, planned.plan)
  if (!(await agreed(app, planned, yes, licences))) return { before, after: before, part: all('declined', 'nothing was changed') }
  const command = `doctor --fix ${findings.map(({ id }) => id).join(' ')}`
  const executed = await execute(app, await recordOf(app, planned), { command, onFailure: 'keep' })
  const { run } = executed
  if (executed.stopped) return { before, after: before, part: all('stopped', 'go on with gb10 resume', run) }
  const after = await look()
  if (executed.failed)
    return { before, after, part: all('failed', `${executed.failed.summary}: ${executed.failed.error ?? 'it failed'}`, run) }
  return { before, after, part: (id, then) => ({ id, recipe, run, ...effectOf(id, then, after.all) }) }
}

/** What only a person can do. */
const instructions = ({ id, remedy }: Verdict): Mended => ({
  id,
  recipe: null,
  outcome: 'instructions',
  text: remedy.text,
  run: null,
})
