import type { Change, Reversible, Want } from '../model/change.ts'
import type { Plan, PlannedRecipe, Refusal, Share } from '../model/plan.ts'
import { bytesText, secondsText } from '../model/units.ts'
import { hanging, painter, plain, type Paint } from './text.ts'

const UNDO: Record<Reversible, string> = {
  full: 'undo: complete',
  'data-kept': 'undo: your data stays',
  'opt-in': 'undo: only when asked for',
  none: 'cannot be undone',
}

const EXIT: Record<Refusal['cause'], number> = { usage: 64, platform: 2, unknown: 2, machine: 1 }

/** The exit code a plan stands for: 0, or that of its gravest refusal (a mistyped name before a machine that lacks something). */
export function planExit(plan: Plan): number {
  const codes = plan.refused.map(({ cause }) => EXIT[cause])
  return [64, 1, 2].find((code) => codes.includes(code)) ?? 0
}

/** A plan for people: every change in order, what stays, what is refused. With `only` it is all that happens, and says how to go on. */
export function planText(plan: Plan, width: number, colour: boolean, only = true, command = applyCommand(plan)): string {
  const paint = painter(colour)
  const lines: string[] = []
  if (plan.profile !== null) lines.push(...hanging('', `Profile ${plan.profile.name}: ${plan.profile.why}.`, width), '')
  let number = 0
  for (const recipe of plan.recipes) {
    lines.push(paint.bold(`${recipe.name}: ${plain(recipe.title)}`))
    for (const change of plan.changes.filter((one) => one.recipe === recipe.name)) {
      number += 1
      lines.push(...changeLines(change, number, width, paint))
    }
    lines.push(...quietLines(plan, recipe.name, width, paint), ...trustLines(recipe, width, paint), '')
  }
  lines.push(...refusedLines(plan, width, paint), ...noteLines(plan, width), ...totalLines(plan, width, only ? command : null))
  return `${lines.join('\n')}\n`
}

function changeLines(change: Change, number: number, width: number, paint: Paint): string[] {
  const facts = [
    change.want.kind,
    change.bytes === null ? null : bytesText(change.bytes),
    change.seconds === null ? null : `about ${secondsText(change.seconds)}`,
    change.scope === 'system' ? 'system, needs root' : null,
    UNDO[change.reversible],
  ]
  const path = change.want.kind === 'exec' ? change.want.perform.join(' ') : change.want.path
  const below = [path, facts.filter((fact) => fact !== null).join(', '), ...detailTexts(change.want)]
  return [
    ...hanging(`${String(number).padStart(3)}. `, plain(change.summary), width),
    ...below.flatMap((text) => hanging('     ', plain(text), width)).map(paint.dim),
  ]
}

/** What only this kind of change has to say: which Python and which index, which licence, which files nobody vouches for. */
function detailTexts(want: Want): string[] {
  if (want.kind === 'venv') {
    const steps = want.steps.map(
      ({ packages, index }) => `${packages.join(' ')} from ${index === 'default' ? "your pip's index" : index}`,
    )
    return [`Python ${want.pythonVersion} at ${want.python}, installed by ${want.installer}`, ...steps]
  }
  if (want.kind !== 'download') return []
  const unknown = want.files.filter(({ sha256 }) => sha256 === null).length
  const licence = want.licence === null ? [] : [`licence ${want.licence}`]
  const hash =
    unknown === 0
      ? []
      : [`${unknown} of ${want.files.length} files without a published hash: what comes first is recorded and held`]
  return [...licence, ...hash]
}

/** What of this recipe needs no work, and what goes. */
function quietLines(plan: Plan, recipe: string, width: number, paint: Paint): string[] {
  const own = <T extends { recipe: string }>(items: readonly T[]): T[] => items.filter((one) => one.recipe === recipe)
  const texts = [
    ...own(plan.shares).map((share) => `  ${share.drift ? '~' : '='} ${plain(share.summary)} (${standing(share)})`),
    ...own(plan.asserted).map(({ summary }) => `  = ${plain(summary)}`),
    ...own(plan.superseded).map(({ summary }) => `  - ${plain(summary)} (not needed any more, goes afterwards)`),
  ]
  return [...new Set(texts)].flatMap((text) => hanging(text.slice(0, 4), text.slice(4), width)).map(paint.dim)
}

function standing({ drift, with: other }: Share): string {
  if (drift !== undefined) return `somebody changed it since, and it stays so: ${plain(drift.join('; '))}`
  return other === null ? 'there already' : `shared with ${other}`
}

function trustLines(recipe: PlannedRecipe, width: number, paint: Paint): string[] {
  const last = recipe.verifiedOn.at(-1)
  const text = last === undefined ? 'Not yet run on a GB10.' : `Run on ${plain(last.machine)}, ${last.date}.`
  return hanging('  ! ', text, width).map((line) => (last === undefined ? paint.warn(line) : paint.dim(`   ${line.slice(3)}`)))
}

function refusedLines(plan: Plan, width: number, paint: Paint): string[] {
  if (plan.refused.length === 0) return []
  const lines = plan.refused.flatMap(({ recipe, reason, next }) => [
    ...hanging('  x ', `${plain(recipe)}: ${plain(reason)}`, width).map(paint.bad),
    ...(next === null ? [] : hanging('    next: ', plain(next), width)),
  ])
  return [paint.bold('Refused'), ...lines, '']
}

function noteLines(plan: Plan, width: number): string[] {
  return plan.notes.length === 0 ? [] : [...plan.notes.flatMap((note) => hanging('Note: ', plain(note), width)), '']
}

function totalLines(plan: Plan, width: number, command: string | null): string[] {
  if (plan.refused.length > 0)
    return hanging('', 'Nothing can be applied until what is refused is settled. Nothing was changed.', width)
  const changed = plan.shares.some(({ drift }) => drift !== undefined)
  if (plan.changes.length === 0 && plan.superseded.length === 0)
    return [changed ? 'Nothing to do, but what somebody changed stays so.' : 'Nothing to do: everything is as it should be.']
  const many = plan.changes.length === 1 ? '1 change' : `${plan.changes.length} changes`
  const partly = plan.changes.filter(({ reversible }) => reversible !== 'full').length
  const undo =
    partly === 0 ? 'Every change can be undone completely.' : `${partly} of them cannot be undone completely, see above.`
  const size = plan.bytes === 0 ? '' : `, about ${bytesText(plan.bytes)} on disk and ${secondsText(plan.seconds)}`
  return [
    ...hanging('', `${many}${size}. ${undo}`, width),
    ...(command === null ? [] : hanging('', `Nothing was changed. To do it: ${command}`, width)),
  ]
}

/** The command that does what this plan says. `written` gives recipes the words by which they were named. */
export function applyCommand(plan: Plan, written: Readonly<Record<string, string>> = {}): string {
  const set = Object.entries(plan.set).map(([name, value]) => `--set ${quoted(`${name}=${value}`)}`)
  const what = plan.profile === null ? ['apply', ...plan.recipes.map(({ name }) => quoted(written[name] ?? name))] : ['up', '--profile', plan.profile.name]
  return ['gb10', ...what, ...set].join(' ')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/**
 * A plan for programs, as DESIGN names it. `changes` are those still to make; what needs no work is in `already` and `asserted`.
 */
export function planJson(plan: Plan): object {
  return {
    formatVersion: '1.0',
    command: 'plan',
    recipes: plan.recipes.map(({ name }) => name),
    profile: plan.profile?.name ?? null,
    profileWhy: plan.profile?.why ?? null,
    parameters: Object.fromEntries(plan.recipes.map(({ name, parameters }) => [name, parameters])),
    changes: plan.changes.map(({ id, recipe, summary, scope, reversible, seconds, bytes, want }) => ({
      id,
      recipe,
      kind: want.kind,
      summary,
      scope,
      reversible,
      seconds,
      bytes,
      want,
    })),
    already: plan.shares.map(({ recipe, id, summary, want, with: other, drift }) => ({
      recipe,
      id,
      kind: want.kind,
      summary,
      sharedWith: other,
      ...(drift ? { drift } : {}),
    })),
    asserted: plan.asserted.map(({ recipe, id, summary }) => ({ recipe, id, summary })),
    superseded: plan.superseded.map(({ recipe, id, summary }) => ({ recipe, id, summary })),
    refused: plan.refused.map(({ recipe, cause, reason, next }) => ({ recipe, cause, reason, next })),
    notes: plan.notes,
    seconds: plan.seconds,
    bytes: plan.bytes,
    neverRunOnGb10: plan.recipes.filter(({ verifiedOn }) => verifiedOn.length === 0).map(({ name }) => name),
    hash: plan.hash,
  }
}
