import type { Fact } from '../model/fact.ts'
import { factOf, file, tool, type Form, type Reading } from './reading.ts'
import { assignmentsOf } from './text.ts'

/** The last value of a key in a release file: later blocks replace earlier ones. */
const last = (r: Reading, key: string): string | null => assignmentsOf(r.text).findLast(([k]) => k === key)?.[1] || null

const OS_RELEASE = file('/etc/os-release')
const LSB_FILE = file('/etc/lsb-release')
const LSB = tool('lsb_release')
const label = (r: Reading, name: string): string | null =>
  new RegExp(`^${name}:[ \\t]*(\\S.*?)[ \\t]*$`, 'm').exec(r.text)?.[1] ?? null

/** `Ubuntu 24.04.3 LTS` → ubuntu, 24.04: the tools that print only the long name. */
const shortOf = (pretty: string | null): { id: string; version: string } | null => {
  const found = /^(Ubuntu|Debian|Fedora|AlmaLinux|Rocky|openSUSE|CentOS)\b.*?(\d+(?:\.\d+)?)/.exec(pretty ?? '')
  if (found?.[1] === undefined || found[2] === undefined) return null
  return { id: found[1].toLowerCase(), version: found[2] }
}
const longName = (r: Reading): string | null => /Operating System:[ \t]*(\S.*?)[ \t]*$/m.exec(r.text)?.[1] ?? null
const HOSTNAMECTL = tool('hostnamectl')

const idForms: Form<string>[] = [
  { of: OS_RELEASE, parse: (r) => last(r, 'ID') },
  { of: LSB_FILE, parse: (r) => last(r, 'DISTRIB_ID')?.toLowerCase() ?? null },
  { of: LSB, parse: (r) => label(r, 'Distributor ID')?.toLowerCase() ?? null },
  { of: HOSTNAMECTL, parse: (r) => shortOf(longName(r))?.id ?? null },
]
const versionForms: Form<string>[] = [
  { of: OS_RELEASE, parse: (r) => last(r, 'VERSION_ID') },
  { of: LSB_FILE, parse: (r) => last(r, 'DISTRIB_RELEASE') },
  { of: LSB, parse: (r) => label(r, 'Release') },
  { of: HOSTNAMECTL, parse: (r) => shortOf(longName(r))?.version ?? null },
]
const prettyForms: Form<string>[] = [
  { of: OS_RELEASE, parse: (r) => last(r, 'PRETTY_NAME') },
  { of: LSB_FILE, parse: (r) => last(r, 'DISTRIB_DESCRIPTION') },
  { of: LSB, parse: (r) => label(r, 'Description') },
  { of: HOSTNAMECTL, parse: longName },
]

const DGX = file('/etc/dgx-release')

/** DGX OS: the last update block counts, else the image's own version. */
const dgxVersion = (r: Reading): string | null => last(r, 'DGX_OTA_VERSION') ?? last(r, 'DGX_SWBUILD_VERSION')

/** `# R38 (release), REVISION: 2.0, …` → `R38.2.0`; the line may be wrapped. */
const l4tVersion = (r: Reading): string | null => {
  const found = /#\s*R(\d+)\s*\(release\),\s*REVISION:\s*(\d+(?:\.\d+)*)/.exec(r.text.replace(/\s+/g, ' '))
  return found ? `R${found[1]}.${found[2]}` : null
}

/** Facts `os.id`, `os.version`, `os.pretty`, `os.dgxOs`, `os.dgxName`, `os.dgxPlatform`, `os.l4t` from release files and lsb_release. */
export const osFacts = (readings: readonly Reading[]): Record<string, Fact> => ({
  'os.id': factOf(readings, idForms),
  'os.version': factOf(readings, versionForms),
  'os.pretty': factOf(readings, prettyForms),
  'os.dgxOs': factOf(readings, [{ of: DGX, parse: dgxVersion }]),
  'os.dgxName': factOf(readings, [{ of: DGX, parse: (r) => last(r, 'DGX_NAME') }]),
  'os.dgxPlatform': factOf(readings, [{ of: DGX, parse: (r) => last(r, 'DGX_PLATFORM') }]),
  'os.l4t': factOf(readings, [{ of: file('/etc/nv_tegra_release'), parse: l4tVersion }]),
})
