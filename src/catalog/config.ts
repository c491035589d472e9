import { readText, orElse, object, record, saysNothing } from './reader.ts'
import { text } from './scalars.ts'
import { CatalogError } from './issue.ts'

/** What ~/.config/gb10/config.yaml may say: other addresses for sources. */
export type Config = { sources: Record<string, string> }

const config = object<Config>({ sources: orElse(record(text, /^[a-z][a-z0-9-]*$/, 'the name of a source'), {}) })

/** The user's configuration from its YAML text. @throws CatalogError with every fault in it. */
export function parseConfig(yaml: string, file: string): Config {
  if (saysNothing(yaml)) return { sources: {} }
  const read = readText(yaml, file, config)
  if ('errors' in read) throw new CatalogError(read.errors)
  return read.value
}
