import { fill, MACHINE_PLACEHOLDERS } from '../model/placeholders.ts'
import type { ChangeTemplate, Recipe, Tool } from '../model/recipe.ts'
import { bytesText, secondsText } from '../model/units.ts'
import { hanging, painter, plain, table } from './text.ts'

const sizeOf =
  (tools: readonly Tool[]) =>
  (change: ChangeTemplate): number => {
    const { want } = change
    if (want.kind !== 'tool') return change.bytes ?? 0
    return Math.max(0, ...(tools.find(({ name }) => name === want.tool)?.files.map(({ bytes }) => bytes) ?? []))
  }

/** The changes a recipe makes with the values it has when nothing is set. */
export function defaultChanges(recipe: Recipe): ChangeTemplate[] {
  return recipe.changes.filter(({ when }) =>
    Object.entries(when).every(([name, allowed]) => allowed.includes(recipe.parameters[name]?.default ?? '')),
  )
}

/** A recipe's text with the defaults of its parameters; the machine's own placeholders stay as they are written. */
export function withDefaults(recipe: Recipe, text: string): string {
  const machine = MACHINE_PLACEHOLDERS.map((name) => [name, `{${name}}`])
  const own = Object.entries(recipe.parameters).map(([name, parameter]) => [name, parameter.default])
  return fill(text, Object.fromEntries([...machine, ...own]))
}

/** How much disk and time a recipe takes with its defaults, as far as known. */
export function estimate(recipe: Recipe, tools: readonly Tool[]): { bytes: number; seconds: number } {
  const changes = defaultChanges(recipe)
  return {
    bytes: changes.map(sizeOf(tools)).reduce((sum, size) => sum + size, 0),
    seconds: changes.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0),
  }
}

/** The list of recipes for people. */
export function recipesText(recipes: readonly Recipe[], tools: readonly Tool[], width: number, colour: boolean): string {
  const paint = painter(colour)
  const lines = recipes.flatMap((recipe) => [
    paint.bold(recipe.name),
    ...hanging('  ', plain(recipe.title), width),
    ...hanging('  ', `${costText(recipe, tools)} ${verifiedText(recipe)}`, width).map(paint.dim),
  ])
  return `${[...lines, '', 'More about one: gb10 recipes NAME'].join('\n')}\n`
}

/** One recipe for people: what it changes, its parameters, licences and references. */
export function recipeText(recipe: Recipe, tools: readonly Tool[], width: number, colour: boolean): string {
  const paint = painter(colour)
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', paint.bold(title), ...lines]
  const licences = recipe.licences.map(({ name, covers, url }) => [name, `${plain(covers)}, ${url}`])
  const references = recipe.references.flatMap(({ url, claim, checked }) => [
    ...hanging('  - ', `${plain(claim)} (${checked})`, width),
    `    ${url}`,
  ])
  const lines = [
    paint.bold(`${recipe.name}: ${plain(recipe.title)}`),
    ...hanging('', plain(recipe.description), width),
    '',
    costText(recipe, tools),
    recipe.verifiedOn.length === 0 ? paint.warn(verifiedText(recipe)) : verifiedText(recipe),
    ...section('Changes', table(changeRows(recipe, tools), width, '  ')),
    ...section('Parameters (--set NAME=VALUE)', table(parameterRows(recipe), width, '  ')),
    ...section('Licences', table(licences, width, '  ')),
    ...section('References', references),
    ...section('Next', [`  gb10 plan ${recipe.name}`]),
  ]
  return `${lines.join('\n')}\n`
}

function costText(recipe: Recipe, tools: readonly Tool[]): string {
  const { bytes, seconds } = estimate(recipe, tools)
  const known = [bytes === 0 ? null : `${bytesText(bytes)} on disk`, seconds === 0 ? null : `about ${secondsText(seconds)}`]
  return `${[...known.filter((text) => text !== null), `${recipe.scope} scope`].join(', ')}.`
}

function changeRows(recipe: Recipe, tools: readonly Tool[]): string[][] {
  return recipe.changes.map((change) => {
    const only = Object.entries(change.when).map(([name, allowed]) => `only when ${name} is ${allowed.join(' or ')}`)
    const size = sizeOf(tools)(change)
    const facts = [
      size === 0 ? null : bytesText(size),
      change.seconds === null ? null : `about ${secondsText(change.seconds)}`,
      ...only,
    ]
    const known = facts.filter((fact) => fact !== null).join(', ')
    return [change.want.kind, `${plain(withDefaults(recipe, change.summary))}${known === '' ? '' : ` (${known})`}`]
  })
}

function parameterRows(recipe: Recipe): string[][] {
  return Object.entries(recipe.parameters).map(([name, { default: value, help, choices }]) => {
    const allowed = choices === undefined ? '' : ` One of ${choices.join(', ')}.`
    return [name, `${plain(help)}. Default: ${plain(value)}.${allowed}`]
  })
}

/** Whether a recipe was ever seen working on a GB10. */
export function verifiedText(recipe: Pick<Recipe, 'verifiedOn'>): string {
  const last = recipe.verifiedOn.at(-1)
  return last === undefined ? 'Not yet run on a GB10.' : `Run on ${plain(last.machine)}, ${last.date}.`
}

/** The recipes for programs: all of them, or the one asked for, in one shape. */
export function recipesJson(recipes: readonly Recipe[], tools: readonly Tool[]): object {
  return {
    formatVersion: '1.0',
    command: 'recipes',
    recipes: recipes.map((recipe) => ({
      name: recipe.name,
      title: recipe.title,
      description: recipe.description,
      scope: recipe.scope,
      ...estimate(recipe, tools),
      parameters: Object.entries(recipe.parameters).map(([name, parameter]) => ({ name, ...parameter })),
      changes: recipe.changes.map(({ id, summary, reversible, seconds, bytes, when, want }) => ({
        id,
        kind: want.kind,
        summary,
        reversible,
        seconds,
        bytes,
        when,
      })),
      smoke: recipe.smoke,
      licences: recipe.licences,
      verifiedOn: recipe.verifiedOn,
      references: recipe.references,
    })),
  }
}

/** A recipe's own text, in full, for somebody who is asked to consent to it. */
export function sourceText(path: string, text: string): string {
  const lines = text.trimEnd().split('\n').map((line) => `  | ${line.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')}`)
  return `${[`${plain(path)}:`, ...lines].join('\n')}\n\n`
}
