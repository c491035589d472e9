import type { Profile, Source, Tool } from '../model/recipe.ts'
import { fit } from './recipe.ts'
import type { CatalogIssue } from './issue.ts'
import { list, need, object, orElse, readText, record, type Reader } from './reader.ts'
import { count, day, link, matching, oneOf, sha256, slug, text } from './scalars.ts'

type Parsed<T> = { value: T } | { errors: CatalogIssue[] }

const address = matching(/^(https:\/\/\S+[^/\s]|default)$/, 'an address that starts with https:// and ends without /, or default')

const version = matching(/^\d+(\.\d+)*$/, "a version such as '0.13.8', in quotes")

/** recipes/_sources.yaml: every outside address by name. */
export function parseSources(source: string, file: string): Parsed<Source[]> {
  const reader = object<Source>({
    name: need(slug),
    url: need(address),
    what: need(text),
    reference: need(link),
    checked: need(day),
  })
  return under('sources', reader, source, file)
}

/** recipes/_profiles.yaml: the classes of machines, the most particular first. */
export function parseProfiles(source: string, file: string): Parsed<Profile[]> {
  const reader = object<Profile>({
    name: need(slug),
    title: need(text),
    when: orElse(fit, {}),
    why: need(text),
    recipes: need(list(slug)),
    set: orElse(record(record(text, /^[a-zA-Z][a-zA-Z0-9]*$/, 'a parameter'), /^[a-z][a-z0-9-]*$/, 'a recipe'), {}),
    sources: orElse(record(address, /^[a-z][a-z0-9-]*$/, 'a source'), {}),
    device: need(oneOf(['cuda', 'cpu'])),
  })
  return under('profiles', reader, source, file)
}

/** recipes/_tools.yaml: the programs gb10 brings when the machine has none. */
export function parseTools(source: string, file: string): Parsed<Tool[]> {
  const wheel = object({
    arch: need(oneOf(['aarch64', 'x86_64'])),
    name: need(matching(/^[\w.+-]+\.whl$/, 'the file name of a wheel')),
    sha256: need(sha256),
    bytes: need(count),
  })
  const release = object<Tool['releases'][number]>({
    arch: need(text),
    version: need(version),
    url: need(text),
    sha256: orElse<string | null>(sha256, null),
    bytes: orElse<number | null>(count, null),
  })
  const reader = object<Tool>({
    name: need(slug),
    version: need(version),
    atLeast: need(version),
    source: need(slug),
    program: need(text),
    files: need(list(wheel)),
    releases: orElse(list(release), []),
    seconds: need(count),
    reference: need(link),
    checked: need(day),
  })
  return under('tools', reader, source, file)
}

function under<T>(key: string, reader: Reader<T>, source: string, file: string): Parsed<T[]> {
  const read = readText(source, file, object<Record<string, T[]>>({ [key]: need(list(reader)) }))
  return 'errors' in read ? read : { value: read.value[key] ?? [] }
}
