import { MACHINE_PLACEHOLDERS } from '../model/placeholders.ts'
import type { Fit, Parameter, Recipe, Reference } from '../model/recipe.ts'
import type { CatalogIssue } from './issue.ts'
import { fault, list, maybe, need, object, orElse, pairs, readText, record, type Cursor, type Reader } from './reader.ts'
import { day, link, matching, oneOf, slug, template, text, yes } from './scalars.ts'
import { changeReader } from './templates.ts'

const PARAMETER_NAME = /^[a-zA-Z][a-zA-Z0-9]*$/
const VARIABLE = /^[A-Z_][A-Z0-9_]*$/

/** A dated address: `{url, claim, checked}`. */
export const reference: Reader<Reference> = object<Reference>({ url: need(link), claim: need(text), checked: need(day) })

/** What a machine must show, in recipes (`meantFor`) and profiles (`when`). */
export const fit: Reader<Fit> = object<Fit>({
  dgxSpark: maybe(oneOf(['yes'])),
  nvidiaGpu: maybe(yes),
  cudaAtLeast: maybe(matching(/^\d+\.\d+$/, "a version such as '13.0', in quotes")),
})

/** One recipe from its YAML text, or every fault in it. `file` is its path for messages; its name must be `<name>.yaml`. */
export function parseRecipe(source: string, file: string): { recipe: Recipe } | { errors: CatalogIssue[] } {
  const read = readText(source, file, (cursor) => recipeReader(file, parameterNames(cursor))(cursor))
  return 'errors' in read ? read : { recipe: read.value }
}

/** The names under `parameters`, read ahead: placeholders in changes are checked against them. */
function parameterNames(cursor: Cursor): string[] {
  const parameters = pairs(cursor).find(([name]) => name === 'parameters')?.[1]
  return parameters === undefined ? [] : pairs(parameters).map(([name]) => name)
}

function recipeReader(file: string, parameters: string[]): Reader<Recipe> {
  const placeholders = [...MACHINE_PLACEHOLDERS, ...parameters]
  const read = object<Omit<Recipe, 'file'>>({
    name: need(slug),
    title: need(text),
    description: need(text),
    scope: orElse(oneOf(['user', 'system']), 'user'),
    parameters: orElse(parametersReader, {}),
    changes: need(list(changeReader({ placeholders, parameters }))),
    smoke: orElse(list(slug), []),
    env: orElse(record(template(placeholders), VARIABLE, 'a variable name'), {}),
    licences: orElse(list(object({ name: need(text), url: need(link), covers: need(text) })), []),
    meantFor: orElse(fit, {}),
    verifiedOn: need(list(object({ machine: need(text), date: need(day), reference: need(link) }))),
    references: need(list(reference)),
  })
  return (cursor) => {
    const recipe = read(cursor)
    return recipe === undefined ? undefined : consistent({ ...recipe, file }, cursor)
  }
}

/**
 * Parameters in order: a default may use the machine's placeholders and the parameters above it, so no two can wait for each
 * other.
 */
const parametersReader: Reader<Record<string, Parameter>> = (cursor) => {
  const known: string[] = [...MACHINE_PLACEHOLDERS]
  const parameter = object<Parameter>({
    type: need(oneOf(['path', 'string', 'version', 'source'])),
    default: need((child) => template(known)(child)),
    help: need(text),
    choices: maybe(list(text)),
  })
  const named = record(
    (child) => {
      const read = parameter(child)
      known.push(child.path.slice(child.path.lastIndexOf('.') + 1))
      return read
    },
    PARAMETER_NAME,
    'a name of letters and digits',
  )
  return named(cursor)
}

/** What no single field can tell: the file's name, doubled ids, defaults outside the choices, a licence that is not explained. */
function consistent(recipe: Recipe, cursor: Cursor): Recipe | undefined {
  const at = (key: string): Cursor => pairs(cursor).find(([name]) => name === key)?.[1] ?? cursor
  const before = cursor.sink.issues.length
  const base = recipe.file.slice(recipe.file.lastIndexOf('/') + 1)
  if (base !== `${recipe.name}.yaml`)
    fault(at('name'), `the file's name (${base.replace(/\.yaml$/, '')})`, JSON.stringify(recipe.name))
  const ids = recipe.changes.map(({ id }) => id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) fault(at('changes'), 'every id once', `${JSON.stringify(twice)} twice`)
  for (const [name, { choices, default: value }] of Object.entries(recipe.parameters)) {
    if (choices !== undefined && !choices.includes(value)) {
      fault(at('parameters'), `a default of ${name} out of ${choices.join(', ')}`, JSON.stringify(value))
    }
  }
  const licences = recipe.licences.map(({ name }) => name)
  for (const { want } of recipe.changes) {
    if (want.kind === 'download' && want.licence !== null && !licences.includes(want.licence)) {
      fault(at('changes'), `a licence listed under licences`, JSON.stringify(want.licence))
    }
  }
  return cursor.sink.issues.length > before ? undefined : recipe
}
