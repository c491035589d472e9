import type { Health, Verdict } from '../model/verdict.ts'
import { lineOf } from './doctor-words.ts'
import { plain } from './text.ts'

/** One line of text; what XML 1.0 does not allow is left out, as it cannot be escaped. */
const escape = (text: string): string =>
  plain(text)
    .replaceAll(/[\uFFFE\uFFFF]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

const seconds = (ms: number): string => (ms / 1000).toFixed(3)
const bodyOf = ({ why, remedy }: Verdict): string =>
  [why, remedy.text, ...remedy.commands.map((c) => `$ ${c}`)]
    .map(escape)
    .filter((line) => line !== '')
    .join('\n')

/** Inside of a test case: an error fails, a warning passes with its text, what could not be told is an error of the test. */
function outcome(verdict: Verdict): string {
  const message = escape(lineOf(verdict))
  switch (verdict.status) {
    case 'pass':
      return ''
    case 'fail':
      return verdict.severity === 'error'
        ? `<failure message="${message}" type="${verdict.severity}">${bodyOf(verdict)}</failure>`
        : `<system-out>${verdict.severity}: ${message}\n${bodyOf(verdict)}</system-out>`
    case 'unknown':
      return `<error message="${message}" type="${verdict.reason ?? 'unknown'}"/>`
    default:
      return `<skipped message="${escape(`${verdict.status}: ${verdict.why}`)}"/>`
  }
}

/** The health report as JUnit XML: one test case a check, its area as class name; remarks, as on waivers, as output of the suite. */
export function doctorJunit({ results, machine, notes }: Health): string {
  const count = (wanted: (v: Verdict) => boolean): number => results.filter(wanted).length
  const failures = count((v) => v.status === 'fail' && v.severity === 'error')
  const skipped = count((v) => ['skip', 'blocked', 'waived'].includes(v.status))
  const errors = count((v) => v.status === 'unknown')
  const time = seconds(results.reduce((sum, { ms }) => sum + ms, 0))
  const sums = `tests="${results.length}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${time}"`
  const properties = Object.entries(machine).map(
    ([name, value]) => `      <property name="${name}" value="${escape(value ?? '')}"/>`,
  )
  const cases = results.map((verdict) => {
    const inside = outcome(verdict)
    const open = `    <testcase classname="${verdict.area}" name="${verdict.id}" time="${seconds(verdict.ms)}"`
    return inside === '' ? `${open}/>` : `${open}>${inside}</testcase>`
  })
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="gb10 doctor" ${sums}>`,
    `  <testsuite name="gb10 doctor" ${sums}>`,
    '    <properties>',
    ...properties,
    '    </properties>',
    ...cases,
    ...(notes.length === 0 ? [] : [`    <system-out>${notes.map(escape).join('\n')}</system-out>`]),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')}\n`
}
