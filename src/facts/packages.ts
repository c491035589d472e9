import type { Fact } from '../model/fact.ts'
import { INSTALLERS } from '../model/installers.ts'
import { derived, factOf, file, tool, type Form, type Reading } from './reading.ts'

/** One Debian package; `held` = apt may not change it. */
export type Package = { name: string; version: string; held: boolean }

/** `dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n'`, or `dpkg -l`: installed packages only. */
const packagesOf = (r: Reading): Package[] | null => {
  const found = [...r.text.matchAll(/^([uihrp])i[ R]?\s+([a-z0-9][a-z0-9+.-]*)(?::\w+)?\s+(\d\S*)/gm)]
  return found.map((m) => ({ name: m[2] ?? '', version: m[3] ?? '', held: m[1] === 'h' }))
}
/** Letters of dpkg for a package that was begun and not ended; R = it must be installed again. */
const STATES: Record<string, string> = { H: 'half-installed', U: 'unpacked', F: 'half-configured' }
const unfinishedOf = (r: Reading): string[] =>
  [...r.text.matchAll(/^[uihrp](?:([HUF])R?|iR)\s+([a-z0-9][a-z0-9+.-]*)/gm)].map(
    ([, state = '', name]) => `${name} (${STATES[state] ?? 'to be reinstalled'})`,
  )
const DPKG = (r: Reading): boolean =>
  tool('dpkg-query')(r) || tool('dpkg', (args) => args.includes('-l') || args.includes('--list'))(r)

/** dpkg complains of each pattern that fits nothing; where that is all it says, it looked and there is none. */
const answered = (r: Reading): Reading => {
  const none = r.stderr.trim().split('\n').every((line) => line.includes(': no packages found matching '))
  return DPKG(r) && r.status === 'error' && none ? { ...r, status: 'ok' } : r
}

/** `ps -eo pid,stat,comm`: whether apt or dpkg is at work. Not known where none is in a table that is not whole. */
const WORKING = new RegExp(String.raw`^\s*\d+\s+\S+\s+(?:${INSTALLERS})\s*$`, 'm')
const atWork = (r: Reading): boolean | null => WORKING.test(r.text) || (r.excerpt ? null : false)

/** One line `deb` or one stanza of a `.sources` file. */
export type AptSource = { path: string; uri: string; suites: string; signedBy: string | null }

/** The files that apt reads: it passes over those with other signs in their names. */
const SOURCE_FILE = file(/^\/etc\/apt\/sources\.list(\.d\/([\w.-]+\.(list|sources)|\*))?$/)

const oneLine = (r: Reading): AptSource[] =>
  [...r.text.matchAll(/^[ \t]*deb[ \t]+(?:\[([^\]\n]*)\][ \t]+)?(\S+)[ \t]+(\S+)/gm)].map((m) => ({
    path: r.path ?? '',
    uri: (m[2] ?? '').replace(/\/$/, ''),
    suites: m[3] ?? '',
    signedBy: /signed-by="?([^\s"]+)/i.exec(m[1] ?? '')?.[1] ?? null,
  }))

const stanzas = (r: Reading): AptSource[] =>
  r.text.split(/\n\s*\n/).flatMap((part) => {
    const value = (key: string): string | null => new RegExp(`^${key}:[ \\t]*(\\S[^\\n]*?)[ \\t]*$`, 'im').exec(part)?.[1] ?? null
    const [uris, suites] = [value('URIs'), value('Suites')]
    if (uris === null || suites === null || /^(no|false|off|without|disable|0)$/i.test(value('Enabled') ?? '') || !/\bdeb\b/.test(value('Types') ?? ''))
      return []
    return uris
      .split(/\s+/)
      .flatMap((uri) =>
        suites
          .split(/\s+/)
          .map((suite) => ({ path: r.path ?? '', uri: uri.replace(/\/$/, ''), suites: suite, signedBy: value('Signed-By') ?? embeddedIn(part) })),
      )
  })

/** A key that stands in the stanza itself, by its last letters. */
const embeddedIn = (part: string): string | null => {
  const lines = /^Signed-By:[ \t]*\n((?:[ \t]+[^\n]+\n?)+)/im.exec(part)?.[1]?.trim().split(/\s*\n\s*/) ?? []
  const body = lines.filter((line) => !line.startsWith('-----')).join('')
  return body === '' ? null : `a key in the file that ends with ${body.slice(-16)}`
}

/** Repositories that two entries list with different keys: apt refuses to read any source then. A key after none is no conflict for it. */
const conflictsOf = (sources: readonly AptSource[]): string[] => {
  const seen = new Map<string, AptSource>()
  const conflicts = new Set<string>()
  for (const one of sources) {
    const key = `${one.uri} ${one.suites}`
    const other = seen.get(key)
    if (other && other.signedBy !== null && other.signedBy !== one.signedBy) conflicts.add(`${key} (${other.path}, ${one.path})`)
    seen.set(key, other?.signedBy ? other : one)
  }
  return [...conflicts]
}

/** What the files that could be read show; where one could not, nothing found is no answer. */
const ofSources = <T>(found: T[] | null, closed: Reading | undefined): Fact<T[]> => {
  if (closed === undefined) return derived(found, '/etc/apt/sources.list.d')
  return found === null || found.length === 0 ? derived<T[]>(null, closed.source, closed.status) : { ...derived(found, closed.source), partial: true }
}

const rebootForms: Form<boolean>[] = [
  {
    of: (r) => tool('ls')(r) && r.args.some((a) => a.endsWith('/reboot-required')),
    parse: (r) => r.text.includes('reboot-required'),
  },
]

/**
 * Facts `packages.installed` (those of the driver, CUDA and containers), `apt.sources`, `apt.conflicts` (one repository with two
 * keys), `apt.automatic` (driver packages that autoremove may take), `apt.unfinished` (packages as above that are neither whole nor
 * gone), `apt.working` (apt or dpkg runs now), `reboot.required` and `reboot.packages`.
 */
export const packageFacts = (all: readonly Reading[]): Record<string, Fact> => {
  const readings = all.map(answered)
  const files = readings.filter((r) => SOURCE_FILE(r) && r.status === 'ok')
  const sources = files.flatMap((r) => (r.path?.endsWith('.sources') ? stanzas(r) : oneLine(r)))
  const closed = readings.find((r) => SOURCE_FILE(r) && r.status !== 'ok' && r.status !== 'absent')
  const asked = readings.some(
    (r) => r.tool === 'ls' && r.args.some((a) => a.endsWith('/reboot-required')) && r.status === 'absent',
  )
  const reboot = factOf(readings, rebootForms)
  return {
    'packages.installed': factOf(readings, [{ of: DPKG, parse: packagesOf }]),
    'apt.sources': ofSources(files.length > 0 ? sources : null, closed),
    'apt.conflicts': ofSources(files.length > 0 ? conflictsOf(sources) : null, closed),
    'apt.automatic': factOf(readings, [{ of: file('/var/lib/apt/extended_states'), parse: automatic }]),
    'apt.unfinished': factOf(readings, [{ of: DPKG, parse: unfinishedOf }]),
    'apt.working': factOf(readings, [{ of: tool('ps', (args) => args.join(' ').includes('comm')), parse: atWork }]),
    'reboot.required': reboot.value === null && asked ? derived(false, '/run/reboot-required') : reboot,
    'reboot.packages': factOf(readings, [
      { of: file('/run/reboot-required.pkgs'), parse: (r) => [...new Set(r.text.split('\n').filter((l) => l.trim() !== ''))] },
    ]),
  }
}

/** Driver packages that apt believes to be there only for the sake of others. */
const automatic = (r: Reading): string[] =>
  [...r.text.matchAll(/^Package: (\S+)\n(?:[^\n]+\n)*?Auto-Installed: 1/gm)]
    .map((m) => m[1] ?? '')
    .filter((name) => /^nvidia-driver-\d/.test(name))
