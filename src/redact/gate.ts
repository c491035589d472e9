import type { Redactor } from './redactor.ts'

/** Something in a finished bundle that must not leave: which file, which rule. Never the value. */
export type Hit = { path: string; rule: string }

/** The same text as other programs would read it: a secret can hide behind an encoding that the patterns do not look through. */
const views: [name: string, view: (text: string) => string][] = [
  ['', (text) => text],
  [
    'escaped ',
    (text) =>
      text
        .replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
        .replaceAll(/\\[nrt]/g, '\n')
        .replaceAll(/\\(["'\\/])/g, '$1'),
  ],
  [
    'percent-encoded ',
    (text) => text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
  ],
  ['invisible ', (text) => text.replaceAll(/\u001B\[[\d;]{0,20}[A-Za-z]|[\u200B-\u200F\u2060\uFEFF\u00AD]/g, '')],
  [
    'HTML ',
    (text) =>
      text
        .replaceAll(/<[/!a-zA-Z][^<>]{0,4096}>/g, '\n')
        .replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/gi, entity),
  ],
  ['base64 ', base64],
]

/**
 * Looks through a finished bundle, file names included, for anything that redaction should have replaced. Empty = nothing was
 * found. `files` are the
 * very texts that will be packed.
 */
export function scan(files: ReadonlyMap<string, string>, redactor: Redactor): Hit[] {
  const hits: Hit[] = []
  for (const [path, text] of files) {
    const seen = new Set<string>()
    const shown = redactor.redact(path)
    if (shown !== path) hits.push({ path: shown, rule: 'file name' })
    for (const [name, view] of views) {
      const seenThus = name === '' ? text : view(text)
      if (name !== '' && seenThus === text) continue
      for (const rule of redactor.find(seenThus)) {
        if (seen.has(rule)) continue
        seen.add(rule)
        hits.push({ path: shown, rule: `${name}${rule}` })
      }
    }
  }
  return hits
}

/** The character that HTML means; what it does not name stays. */
function entity(all: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? all
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all
}
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

/** What the base64 runs of a text say, where that is plain text. */
function base64(text: string): string {
  const runs = text.match(/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{20,8192}={0,2}/g) ?? []
  return runs
    .filter((run) => !/^[0-9a-f]+$|^[A-Za-z]+$|^\/?(?:[\w.-]+\/)+/.test(run))
    .map((run) => decoded(run))
    .filter((said) => said !== '')
    .join('\n')
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function decoded(run: string): string {
  let bits = 0
  let held = 0
  let out = ''
  for (const character of run) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) break
    held = (held << 6) | value
    bits += 6
    if (bits < 8) continue
    bits -= 8
    const code = (held >> bits) & 0xff
    held &= (1 << bits) - 1
    if ((code < 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) || code > 0x7e) return ''
    out += String.fromCharCode(code)
  }
  return out
}
