import type { Capture } from '../model/capture.ts'
import type { Identifier, Kind } from './model.ts'
import { spellings, words } from './sources.ts'

/** What this process knows of itself beyond the captures. */
export type Own = {
  home: string | null
  user: string | null
  hostname: string | null
  addresses: readonly string[]
  macs: readonly string[]
}

const PLACEHOLDER =
  /^(?:|-|\(none\)|none|n\/a|not (?:specified|available|applicable|present)|default string|to be filled by o\.?e\.?m\.?|system serial number|unknown|localhost|x+|0+|[\s.*-]+)$/i

/**
 * Everything that names a machine or its people, out of captures (of the bundle itself and of `identityProbes`) and out of what
 * the process knows.
 * Order and doubles do not matter. Never throws.
 */
export function collect(captures: readonly Capture[], own: Own): Identifier[] {
  const found: Identifier[] = []
  const add = (kind: Kind, value: string | null | undefined, as?: string): void => {
    const text = value?.trim() ?? ''
    if (kind === 'name' && !text.includes(' ')) return
    if (!PLACEHOLDER.test(text) && text.length <= 255) found.push({ kind, value: text, ...(as === undefined ? {} : { as }) })
  }
  const host = (name: string | null | undefined): void => {
    const full = name?.trim().replace(/\.$/, '') ?? ''
    if (PLACEHOLDER.test(full) || /^localhost\b|^ip6-|^\d+(?:\.\d+){3}$/.test(full)) return
    const [short = full, ...rest] = full.split('.')
    add('host', full, short)
    add('host', short, short)
    // Installers call the volume group after the host, and device mapper doubles its dashes.
    if (short.includes('-')) add('host', short.replaceAll('-', '--'), short)
    if (rest.length > 1) add('domain', rest.join('.'))
  }
  const home = (path: string | null): void => {
    const name = path?.replace(/\/+$/, '') ?? ''
    if (
      !name.startsWith('/') ||
      /^\/(?:root|nonexistent|dev\/null|var\/.*|run\/.*|bin|sbin|usr\/.*|proc|home\/[^/]+)?$/.test(name)
    )
      return
    add('home', name)
  }
  host(own.hostname)
  if (own.user !== 'root') add('user', own.user)
  home(own.home)
  for (const address of own.addresses) if (!/^(?:127\.|::1$|0\.0\.0\.0$)/.test(address)) add('ip', address.replace(/%.*$/, ''))
  for (const mac of own.macs) if (!/^(?:00:){5}00$/.test(mac)) for (const one of spellings(mac)) add('mac', one)
  for (const { kind, value } of captures.flatMap(words)) {
    if (kind === 'host') host(value)
    else if (kind === 'home') home(value)
    else if (kind === 'model') for (const name of [value, value.replace('--', '/')]) add(kind, name, value)
    else add(kind, value)
  }
  return found
}
