import { hasCredentials, NO_CREDENTIALS, withoutCredentials } from '../model/credentials.ts'
import { fill } from '../model/placeholders.ts'
import type { Condition, Parameter, Recipe } from '../model/recipe.ts'
import { suggest } from '../model/suggest.ts'
import type { Refusal } from '../model/plan.ts'
import { addressFault } from './sources.ts'

/** Values that placeholders of every recipe have: `home`, `data`, `cache`, `arch`. */
export type Places = Readonly<Record<string, string>>

/** `given` holds the parameters that the owner named, not the profile. */
export type Resolved = { values: Record<string, string>; given: Set<string> }

/**
 * The final value of every parameter: the owner's, else the profile's, else the recipe's default. A source becomes its address.
 * Keys of `set` may be `name`, which goes to every recipe that has it, or `recipe.name`.
 */
export function resolveParameters(
  recipe: Recipe,
  set: Readonly<Record<string, string>>,
  fromProfile: Readonly<Record<string, string>>,
  places: Places,
  sources: Readonly<Record<string, string>>,
): Resolved | Refusal {
  const values: Record<string, string> = {}
  const given = new Set<string>()
  for (const [name, parameter] of Object.entries(recipe.parameters)) {
    const owner = own(set, `${recipe.name}.${name}`) ?? own(set, name)
    if (owner !== undefined) given.add(name)
    const raw = owner ?? own(fromProfile, name) ?? fill(parameter.default, { ...places, ...values })
    const checked = checkValue(parameter, raw, places, sources)
    if ('fault' in checked) {
      const next = checked.near === null ? `gb10 recipes ${recipe.name}` : `--set ${name}=${checked.near}`
      return { recipe: recipe.name, cause: 'usage', reason: `${name}=${shownValue(raw)}: ${checked.fault}.`, next }
    }
    values[name] = checked.value
  }
  return { values, given }
}

/** A key the record itself has: parameters may be called `constructor`. */
function own(record: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** The keys of `set` that no recipe of the plan has, as refusals. */
export function unknownParameters(set: Readonly<Record<string, string>>, recipes: readonly Recipe[]): Refusal[] {
  const names = recipes.flatMap((recipe) => Object.keys(recipe.parameters).flatMap((name) => [name, `${recipe.name}.${name}`]))
  return Object.keys(set)
    .filter((key) => !names.includes(key))
    .map((key) => {
      const near = suggest(key, names)
      const first = recipes[0]?.name ?? ''
      const reason = `unknown parameter ${shownValue(key)}${near === null ? '' : `, did you mean ${near}?`}`
      return { recipe: first, cause: 'usage', reason, next: `gb10 recipes ${first}` }
    })
}

/** Does a condition hold for these values? */
export function holds(condition: Condition, values: Readonly<Record<string, string>>): boolean {
  return Object.entries(condition).every(([name, allowed]) => allowed.includes(values[name] ?? ''))
}

type Checked = { value: string } | { fault: string; near: string | null }

function checkValue(parameter: Parameter, raw: string, places: Places, sources: Readonly<Record<string, string>>): Checked {
  if (/\p{Cc}/u.test(raw)) return { fault: 'control characters are not allowed', near: null }
  if (hasCredentials(raw)) return { fault: `the address ${NO_CREDENTIALS}`, near: null }
  if (parameter.choices !== undefined && !parameter.choices.includes(raw)) {
    return { fault: `must be one of ${parameter.choices.join(', ')}`, near: suggest(raw, parameter.choices) }
  }
  if (parameter.type === 'path') return checkPath(raw, places)
  if (parameter.type === 'source') return checkSource(raw, sources)
  if (parameter.type === 'version' && !/^\d+(\.\d+)*((a|b|rc)\d+)?(\.(post|dev)\d+)*$/.test(raw)) {
    return { fault: 'must be a version such as 2.14.1', near: null }
  }
  return raw === '' ? { fault: 'must not be empty', near: null } : { value: raw }
}

function checkPath(raw: string, places: Places): Checked {
  const home = raw === '~' ? places.home : raw.startsWith('~/') ? `${places.home}${raw.slice(1)}` : raw
  const path = (home ?? '').replaceAll(/\/+/g, '/').replace(/(?<=.)\/$/, '')
  if (!path.startsWith('/')) return { fault: 'must be an absolute path', near: null }
  const parts = path.split('/').slice(1)
  if (parts.some((part) => part === '.' || part === '..')) return { fault: 'must not have . or .. in it', near: null }
  return path === '/' ? { fault: 'must not be the root folder', near: null } : { value: path }
}

function checkSource(raw: string, sources: Readonly<Record<string, string>>): Checked {
  if (Object.hasOwn(sources, raw)) return { value: sources[raw] ?? raw }
  const names = Object.keys(sources)
  if (!raw.includes(':') && raw !== 'default')
    return { fault: `must be one of ${names.join(', ')}, or an address`, near: suggest(raw, names) }
  const wrong = addressFault(raw)
  return wrong === null ? { value: raw.replace(/\/+$/, '') } : { fault: `the address ${wrong}`, near: null }
}

function shownValue(text: string): string {
  return withoutCredentials(text.replaceAll(/\p{Cc}/gu, '?'))
}
