import type { Capture } from '../model/capture.ts'

/** What goes into a support bundle. Everything in it has been redacted before. */
export type BundleParts = {
  captures: readonly Capture[]
  /** The documents of `gb10 detect --json` and, where there is one, `gb10 doctor --json`. */
  facts: object
  doctor: object | null
  /** Lines of the kernel log, when the user asked for logs. */
  log: string | null
  redaction: { rules: { rule: string; count: number }[]; leftOut: string[]; redacted: boolean }
  at: string
  version: string
}

/** The files of a bundle by name: a recorded machine (host.yaml and what it names), the verdicts, and what was replaced. */
export function bundleFiles({ captures, facts, doctor, log, redaction, at, version }: BundleParts): Map<string, string> {
  const files = new Map<string, string>()
  const records = captures.map((capture, index) => {
    const names = { out: nameOf(capture, index, ''), err: nameOf(capture, index, '-stderr') }
    if (capture.text !== '') files.set(names.out, capture.text)
    if (capture.stderr !== '') files.set(names.err, capture.stderr)
    return recordOf(capture, capture.text === '' ? null : names.out, capture.stderr === '' ? null : names.err)
  })
  if (log !== null) files.set('kernel-log.txt', log)
  const texts = log === null ? '' : 'texts:\n  - file: "kernel-log.txt"\n    what: log\n'
  const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`
  return new Map([
    ['README.txt', readme({ at, version, doctor: doctor !== null, log: log !== null, redaction })],
    [
      'host.yaml',
      `# One recorded machine; read it with: gb10 detect --host THIS_BUNDLE\nrecords:${records.length === 0 ? ' []' : ''}\n${records.join('')}${texts}`,
    ],
    ['facts.json', json(facts)],
    ...(doctor === null ? [] : [['doctor.json', json(doctor)] as const]),
    [
      'redaction.json',
      json({ formatVersion: '1.0', redacted: redaction.redacted, rules: redaction.rules, leftOut: redaction.leftOut }),
    ],
    ...[...files].sort(([a], [b]) => a.localeCompare(b)),
  ])
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/^[-.]+|[-.]+$/g, '')

/** `017-nvidia-smi-version.txt`: the number keeps names apart, the words help a person find one. */
const nameOf = ({ argv, path }: Capture, index: number, suffix: string): string => {
  const said = path ?? [argv?.[0]?.split('/').at(-1), ...(argv ?? []).slice(1, 3)].join(' ')
  return `${String(index + 1).padStart(3, '0')}-${slug(said)
    .slice(0, 48)
    .replace(/[-.]+$/, '')}${suffix}.txt`
}

/** Text as a YAML scalar: JSON's quoting, with brackets escaped, as a reader counts those against endless nesting. */
const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll(/[[\]{}\u007F-\u00A0\u2028\u2029\uD800-\uDFFF\uFEFF]/g, (one) =>
    one.isWellFormed() || one.length > 1 ? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}` : one,
  )

function recordOf(
  { argv, path, program, status, exitCode, excerpt, ms, pid, wchan }: Capture,
  out: string | null,
  err: string | null,
): string {
  const what = path === undefined ? ['command:', ...(argv ?? []).map((word) => `  - ${quoted(word)}`)] : [`path: ${quoted(path)}`]
  const lines = [
    ...what,
    ...(out === null ? [] : [`${path === undefined ? 'stdout' : 'content'}: ${quoted(out)}`]),
    ...(err === null ? [] : [`stderr: ${quoted(err)}`]),
    `status: ${status}`,
    ...(program === undefined ? [] : [`program: ${quoted(program)}`]),
    ...(exitCode === null ? [] : [`exitCode: ${exitCode}`]),
    ...(excerpt ? ['excerpt: true'] : []),
    ...(ms === 0 ? [] : [`ms: ${ms}`]),
    ...(pid === undefined ? [] : [`pid: ${pid}`]),
    ...(wchan === undefined ? [] : [`wchan: ${quoted(wchan)}`]),
  ]
  return `  - ${lines.join('\n    ')}\n`
}

function readme(info: {
  at: string
  version: string
  doctor: boolean
  log: boolean
  redaction: BundleParts['redaction']
}): string {
  const { redacted, leftOut } = info.redaction
  return `gb10 support bundle, ${info.at}, gb10 ${info.version}

${redacted ? 'Names, addresses, serial numbers and secrets were replaced by tokens: the same value has the same token everywhere (host-1, ip-2).' : 'NOTHING IN HERE WAS REPLACED: names, addresses, serial numbers and secrets stand as they are. Do not post it.'}
Look through it before you hand it on; all files are plain text. Nothing was sent anywhere.

host.yaml        the machine as it was asked: which file answers which command or path
NNN-*.txt        what tools and files printed
facts.json       what gb10 read from them (gb10 detect --json)
${info.doctor ? 'doctor.json      what gb10 thinks of it (gb10 doctor --json)\n' : ''}redaction.json   which rules replaced how much; no values
${info.log ? 'kernel-log.txt   lines of the kernel log of this boot about GPU, memory and heat\n' : ''}
To read it on another machine:
  gb10 detect --host THIS_BUNDLE
  gb10 doctor --host THIS_BUNDLE
${leftOut.length === 0 ? '' : `\nFacts that differ from those of the machine itself, because of what was left out or replaced:\n${leftOut.map((id) => `  ${id}\n`).join('')}`}`
}

/** A finished run of `gb10 report`. */
export type Report = {
  /** The bundle; null when none was written. */
  path: string | null
  bytes: number
  sha256: string | null
  /** The page for people, where one was asked for. */
  html: { path: string; bytes: number; sha256: string } | null
  files: { name: string; bytes: number }[]
  redactions: { rule: string; count: number }[]
  leftOut: string[]
  refused: { path: string; rule: string }[]
}

/** For programs. */
export const reportJson = (report: Report): object => ({ formatVersion: '1.0', command: 'report', ...report })
