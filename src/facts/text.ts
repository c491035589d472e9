/** Small readers of tool output that every area shares. All are total: any text in, a value or null out, never a throw. */

/** The text without byte order mark, colour codes and carriage returns, as lines. */
export const linesOf = (text: string): string[] => clean(text).split('\n')

/** No tool prints longer lines or gaps than these; cutting them keeps every pattern's time in bounds on foreign text. */
const LONGEST_LINE = 8192
const LONGEST_GAP = 256

/** Text as a terminal would show it: no byte order mark, no colour codes, Unix line ends. NUL bytes stay (device tree strings). */
export const clean = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text
    .replace(/^\uFEFF/, '')
    .replace(/\u001B\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t\u00a0]{257,}/g, ' '.repeat(LONGEST_GAP))
    .replace(/\n{257,}/g, '\n'.repeat(LONGEST_GAP))
    .split('\n')
    .map((line) => (line.length > LONGEST_LINE ? line.slice(0, LONGEST_LINE) : line))
    .join('\n')

const IN_BRACKETS = /^\[[^[\]]*\]?$/
const NOT_A_VALUE =
  /^(n\/a|not supported|unknown error|unknown|err!|gpu is lost|gpu requires reset|insufficient permissions|not available|none|-)?$/i
const NO_SUPPORT = /^\[?\s*(n\/a|not supported)\s*\]?$/i

/** True for what NVIDIA tools print in place of a value: `N/A`, `Not Supported`, `ERR!`, empty, and any words in brackets. */
export const isBlank = (value: string): boolean => IN_BRACKETS.test(value.trim()) || NOT_A_VALUE.test(value.trim())

/** True when the tool says that the platform has no such value, as GB10 does for its unified memory. */
export const isUnsupported = (value: string): boolean => NO_SUPPORT.test(value.trim())

/** A printed value, or null for the placeholders. */
export const valueOf = (value: string | undefined): string | null => (value === undefined || isBlank(value) ? null : value.trim())

/** The one thing that a list names, as often as it likes; null for none and for several that differ. */
export const onlyOne = (all: readonly string[]): string | null => (new Set(all).size === 1 ? (all[0] ?? null) : null)

/** `label: value` of a line, trimmed; the colon may be the wide one of Chinese and Japanese text. Null for a line without one. */
export const pairOf = (line: string): { label: string; value: string } | null => {
  const at = line.search(/[:：]/)
  const label = at < 0 ? '' : line.slice(0, at).trim()
  return label === '' ? null : { label, value: line.slice(at + 1).trim() }
}

/** The number at the start of a value, whatever unit follows; a decimal comma is accepted. Null when there is none. */
export const numberOf = (value: string | undefined): number | null => {
  const found = value === undefined ? null : /^\s*(-?\d+(?:[.,]\d+)?)/.exec(value)
  return found?.[1] === undefined ? null : Number(found[1].replace(',', '.'))
}

/** A driver version (`580.95.05`, `540.4.0`, `580.00`) at the start of a value; sentences and placeholders give null. */
export const driverVersionOf = (value: string | undefined): string | null =>
  (value === undefined ? null : /^\s*(\d{2,4}(?:\.\d+){1,3})(?!\d|\.\d)/.exec(value)?.[1]) ?? null

/** A CUDA version (`13.0`) at the start of a value; `ERR!`, `N/A` and sentences give null. */
export const cudaVersionOf = (value: string | undefined): string | null =>
  (value === undefined ? null : /^\s*(\d{1,2}\.\d{1,2})(?!\d|\.\d)/.exec(value)?.[1]) ?? null

/** A compute capability (`12.1`) that is the whole value. */
export const capabilityOf = (value: string | undefined): string | null =>
  (value === undefined ? null : /^\s*(\d{1,2}\.\d)\s*$/.exec(value)?.[1]) ?? null

/** `KEY=value` and `KEY="value"` lines of a release file, in order, quotes removed; later blocks may repeat a key. */
export const assignmentsOf = (text: string): [string, string][] =>
  linesOf(text).flatMap((line) => {
    const found = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line)
    if (found?.[1] === undefined || found[2] === undefined) return []
    return [[found[1], found[2].replace(/^(["'])(.*)\1$/, '$2')] as [string, string]]
  })

const ARCHES: Record<string, string> = {
  aarch64: 'aarch64',
  arm64: 'aarch64',
  aarch64_be: 'aarch64',
  x86_64: 'x86_64',
  amd64: 'x86_64',
  'x86-64': 'x86_64',
  i386: 'i386',
  i686: 'i386',
  armv7l: 'armv7l',
  ppc64le: 'ppc64le',
  riscv64: 'riscv64',
  s390x: 's390x',
}

/** The kernel's name of a machine architecture (`arm64` → `aarch64`), or null when the word is none. */
export const archOf = (word: string | null | undefined): string | null =>
  (word == null ? null : Object.hasOwn(ARCHES, word.toLowerCase()) ? ARCHES[word.toLowerCase()] : null) ?? null

/** PCI address as `0000000f:01:00.0`: lower case, eight digits of domain. Null when the word is no address. */
export const pciAddressOf = (word: string | undefined | null): string | null => {
  const found = /^\s*(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])\s*$/i.exec(word ?? '')
  if (!found) return null
  return `${(found[1] ?? '0').padStart(8, '0')}:${found[2]}:${found[3]}.${found[4]}`.toLowerCase()
}

/** Compares dotted version numbers part by part; missing parts count as zero. */
export const compareVersions = (a: string, b: string): number => {
  const [x, y] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Order by code points, the same in every language; `localeCompare` loads a collator first, which costs more than a whole fact. */
export const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
