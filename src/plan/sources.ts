import { hasCredentials, NO_CREDENTIALS } from '../model/credentials.ts'
import type { Source } from '../model/recipe.ts'
import { suggest } from '../model/suggest.ts'

/** Where the owner can replace a source: `--source NAME=URL`, the environment, and `sources:` in the configuration file. */
export type SourceOverrides = {
  flags: Readonly<Record<string, string>>
  env: Readonly<Record<string, string | undefined>>
  config: Readonly<Record<string, string>>
}

/** The address a source has now and what gave it; null for an unknown name. */
export type ResolvedSource = { name: string; url: string; from: 'flag' | 'environment' | 'config' | 'default' }

/** The variable that replaces a source: `torch-cpu` → `GB10_SOURCE_TORCH_CPU`. */
export function sourceVariable(name: string): string {
  return `GB10_SOURCE_${name.toUpperCase().replaceAll('-', '_')}`
}

/**
 * The address of one source. The flag wins over the environment, the environment over the configuration, that over the default.
 */
export function resolveSource(name: string, sources: readonly Source[], overrides: SourceOverrides): ResolvedSource | null {
  const source = sources.find((one) => one.name === name)
  if (source === undefined) return null
  const own = (values: Readonly<Record<string, string | undefined>>, key: string): string | undefined =>
    Object.hasOwn(values, key) && values[key] !== '' ? values[key] : undefined
  const flag = own(overrides.flags, name)
  if (flag !== undefined) return { name, url: trimmed(flag), from: 'flag' }
  const variable = own(overrides.env, sourceVariable(name))
  if (variable !== undefined) return { name, url: trimmed(variable), from: 'environment' }
  const configured = own(overrides.config, name)
  if (configured !== undefined) return { name, url: trimmed(configured), from: 'config' }
  return { name, url: source.url, from: 'default' }
}

/** Every source with its address, and what is wrong with the replacements: unknown names and addresses that cannot be used. */
export function resolveSources(
  sources: readonly Source[],
  overrides: SourceOverrides,
): { urls: Record<string, string>; errors: string[] } {
  const names = sources.map(({ name }) => name)
  const errors = Object.keys({ ...overrides.config, ...overrides.flags }).flatMap((name) => {
    if (names.includes(name)) return []
    const near = suggest(name, names)
    return [`unknown source ${name}${near === null ? '' : `, did you mean ${near}?`} (known: ${names.join(', ')})`]
  })
  const resolved = names.map((name) => resolveSource(name, sources, overrides)).filter((one) => one !== null)
  for (const { name, url } of resolved) {
    const wrong = addressFault(url)
    if (wrong !== null) errors.push(`the address of source ${name} ${wrong}`)
  }
  return { urls: Object.fromEntries(resolved.map(({ name, url }) => [name, url])), errors }
}

/** Why an address cannot be used, or null. */
export function addressFault(url: string): string | null {
  if (url === 'default') return null
  if (!/^(https?:\/\/[^\s/]|file:\/\/\/)[^\s\p{Cc}]*$/u.test(url)) {
    return 'must start with https://, http:// or file:///, or be the word default'
  }
  return hasCredentials(url) ? NO_CREDENTIALS : null
}

function trimmed(url: string): string {
  return url.trim().replace(/\/+$/, '')
}
