import type { Fact } from '../model/fact.ts'
import { derived, file, tool, type Reading } from './reading.ts'

const SPEC = file(/^(\/etc|\/var\/run|\/run)\/cdi\/[^/]+\.(ya?ml|json)$/)

/** A listing of all specifications of a folder. */
const FOLDER = tool('ls', (args) => args.some((arg) => arg.endsWith('/cdi/*')))

/** Paths of the host that a CDI specification mounts into containers, in its YAML or JSON form. */
export const hostPathsOf = (text: string): string[] => [
  ...new Set([...text.matchAll(/"?hostPath"?:\s*["']?(\/[^\s"',}]+)/g)].map((m) => m[1] ?? '')),
]

const KINDS = /"?kind"?:\s*["']?([\w.-]+\/[\w.-]+)/g

/** Facts `cdi.missingPaths` (host paths named by a CDI specification that do not exist) and `cdi.kinds` (`nvidia.com/gpu`, …). */
export const cdiFacts = (readings: readonly Reading[]): Record<string, Fact> => {
  const specs = readings.filter((r) => SPEC(r) && r.status === 'ok')
  const wanted = [...new Set(specs.flatMap((r) => hostPathsOf(r.text)))]
  const exists = new Set<string>()
  const gone = new Set<string>()
  let closed = false
  const asked = new Set(wanted)
  for (const r of readings) {
    if (r.tool !== 'ls' || !r.args.some((a) => asked.has(a))) continue
    for (const line of r.text.split('\n')) exists.add(line.trim())
    for (const m of r.stderr.matchAll(/cannot access '?(\/[^'\n:]+)'?: No such file/g)) gone.add(m[1] ?? '')
    closed ||= /cannot access '?\/[^'\n]+'?: Permission denied/.test(r.stderr)
  }
  // Every specification states its kind: one without is empty or torn.
  const unread =
    readings.some((r) => SPEC(r) && (r.status === 'ok' ? r.excerpt || r.text.search(KINDS) < 0 : r.status !== 'absent')) ||
    readings.some((r) => FOLDER(r) && r.status !== 'ok' && r.status !== 'absent')
  const known = specs.length > 0 && !unread && wanted.every((path) => exists.has(path) || gone.has(path))
  const missing = wanted.filter((path) => gone.has(path))
  const denied = closed || readings.some((r) => (SPEC(r) || FOLDER(r)) && r.status === 'denied')
  const source = specs[0]?.source ?? '/etc/cdi'
  return {
    'cdi.missingPaths':
      !known && missing.length > 0
        ? { ...derived(missing, source), partial: true }
        : derived(known ? missing : null, source, denied ? 'denied' : 'unrecorded'),
    'cdi.kinds': derived(
      specs.length > 0
        ? [...new Set(specs.flatMap((r) => [...r.text.matchAll(KINDS)].map((m) => m[1])))]
        : null,
      source,
    ),
  }
}
