import { isMap, isSeq } from 'yaml'
import type { ChangeTemplate, Condition, TemplateWant } from '../model/recipe.ts'
import { list, maybe, need, object, orElse, pairs, record, fault, type Field, type Reader } from './reader.ts'
import { count, matching, mode, oneOf, orNull, sha256, slug, template, text } from './scalars.ts'

type Common = Omit<ChangeTemplate, 'want'>
type WantOf<K extends TemplateWant['kind']> = Omit<Extract<TemplateWant, { kind: K }>, 'kind'>
type Fields<T> = { [K in keyof Required<T>]: Field<Required<T>[K]> }

/** What a recipe's own names are: the placeholders its strings may use, and the parameters its conditions may ask. */
export type Names = { placeholders: readonly string[]; parameters: readonly string[] }

const REVERSIBLE = ['full', 'data-kept', 'opt-in', 'none'] as const
const VARIABLE = /^[A-Z_][A-Z0-9_]*$/

/** Reads one change: the fields that all have, and those of its kind, in one flat mapping as a recipe's author writes them. */
export function changeReader(names: Names): Reader<ChangeTemplate> {
  const wants = wantFields(names)
  const kinds = Object.keys(wants) as TemplateWant['kind'][]
  const kindReader = oneOf(kinds)
  const common: Fields<Common> = {
    id: need(slug),
    summary: need(template(names.placeholders)),
    reversible: orElse(oneOf(REVERSIBLE), 'full'),
    seconds: orElse(orNull(count), null),
    bytes: orElse(orNull(count), null),
    when: orElse(condition(names.parameters), {}),
  }
  return (cursor) => {
    if (!isMap(cursor.node)) return fault(cursor, 'a mapping')
    const kindCursor = pairs(cursor).find(([name]) => name === 'kind')?.[1]
    if (kindCursor === undefined) return fault(cursor, 'the key kind', 'a mapping without it')
    const kind = kindReader(kindCursor)
    if (kind === undefined) return undefined
    const read = object<Common & { kind: string }>({ ...common, kind: need(text), ...wants[kind] })(cursor)
    if (read === undefined) return undefined
    const { id, summary, reversible, seconds, bytes, when, ...rest } = read
    return { id, summary, reversible, seconds, bytes, when, want: rest as unknown as TemplateWant }
  }
}

function wantFields(names: Names): { [K in TemplateWant['kind']]: Fields<WantOf<K>> } {
  const string = template(names.placeholders)
  const path = pathReader(names.placeholders)
  const argv = list(string)
  const when = orElse(condition(names.parameters), {})
  return {
    file: { path: need(path), content: need(string), mode: orElse(mode, 0o644) },
    block: { path: need(path), name: need(slug), lines: need(list(string)) },
    directory: { path: need(path), mode: orElse(mode, 0o755) },
    symlink: { path: need(path), target: need(path) },
    'env-line': { path: need(path), name: need(matching(VARIABLE, 'a variable name')), value: need(string) },
    cache: { path: need(path) },
    clone: { path: need(path), url: need(string), revision: need(string) },
    exec: { probe: need(argv), perform: need(argv), undo: need(argv) },
    tool: { tool: need(slug) },
    venv: {
      path: need(path),
      python: need(string),
      installer: need(string),
      pythons: orElse(
        list(object({ versions: need(list(matching(/^3\.\d+$/, "a version such as '3.12', in quotes"))), when })),
        [],
      ),
      steps: need(list(object({ packages: need(list(string)), index: need(string), when }))),
      constraints: orElse(list(object({ line: need(string), when })), []),
      promised: need(
        list(object({ distribution: need(text), version: need(string), localVersion: orElse(orNull(string), null), when })),
      ),
      variables: orElse(record(string, VARIABLE, 'a variable name'), {}),
    },
    download: {
      path: need(path),
      files: need(
        list(object({ url: need(string), name: need(fileName), sha256: need(orNull(sha256)), bytes: need(orNull(count)) })),
      ),
      licence: orElse(orNull(text), null),
      unpack: orElse(oneOf(['none', 'wheel']), 'none'),
      given: orElse(oneOf(names.parameters), null as unknown as string),
    },
  }
}

/** A relative name below the folder of a download; nothing may climb out of it. */
const fileName: Reader<string> = (cursor) => {
  const name = text(cursor)
  if (name === undefined) return undefined
  const parts = name.split('/')
  const good = parts.every((part) => part !== '' && part !== '.' && part !== '..') && !/[\\\p{Cc}]/u.test(name)
  return good ? name : fault(cursor, 'a relative file name without . or .. parts')
}

/** A path that is absolute once its placeholders are filled. */
function pathReader(placeholders: readonly string[]): Reader<string> {
  const read = template(placeholders)
  return (cursor) => {
    const path = read(cursor)
    if (path === undefined) return undefined
    const good = /^(\/|\{[a-zA-Z])/.test(path) && !path.split('/').includes('..') && !/\p{Cc}/u.test(path)
    return good ? path : fault(cursor, 'an absolute path, or one that starts with a placeholder, without .. parts')
  }
}

function condition(parameters: readonly string[]): Reader<Condition> {
  return (cursor) => {
    if (!isMap(cursor.node)) return fault(cursor, 'a mapping of parameters to values')
    const read = object(Object.fromEntries(parameters.map((name) => [name, maybe(value)])))(cursor)
    return read as Condition | undefined
  }
}

/** One value or a list of them. */
const value: Reader<string[]> = (cursor) => {
  if (isSeq(cursor.node)) return list(text)(cursor)
  const one = text(cursor)
  return one === undefined ? undefined : [one]
}
