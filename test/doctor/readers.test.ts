import { parse as readJunit } from 'junit2json'
import MarkdownIt from 'markdown-it'
import readPrometheus from 'parse-prometheus-text-format'
import { describe, expect, it } from 'vitest'
import { judge, summaryOf } from '../../src/doctor/judge.ts'
import type { Health, Verdict } from '../../src/model/verdict.ts'
import { doctorJunit } from '../../src/report/doctor-junit.ts'
import { doctorMarkdown } from '../../src/report/doctor-markdown.ts'
import { doctorPrometheus } from '../../src/report/doctor-prometheus.ts'
import { problems } from './machine.ts'

/** Texts that break out of a format that does not escape them. */
const HOSTILE = [
  'a "quoted" \\ path\\',
  '<b>&amp;</b> ]]> <!-- -->',
  '| cell | `code` ``` **bold** [x](javascript:y)',
  '[l](http://e.v) ![i](http://e.v/i.png) *b* _i_ __u__ ~~s~~ #1 @everyone https://e.v <http://e.v> www.e.v me@e.v a\\*b \\[m](http://e.v) &copy;',
  'two\r\nlines\u0000\u001B[31m red',
  '# HELP x\n{} 1',
  '日本語 ünïcödé \uD800',
]
const all = judge(problems, {})
const statuses: Verdict['status'][] = ['pass', 'fail', 'skip', 'blocked', 'unknown', 'waived']
const results = all.map((verdict, at): Verdict => {
  const text = HOSTILE[at % HOSTILE.length]!
  const severity = (['error', 'warning', 'info'] as const)[at % 3]!
  return {
    ...verdict,
    reason: null,
    title: `T ${text}`,
    why: text,
    actual: text,
    severity,
    status: statuses[at % statuses.length]!,
    until: statuses[at % statuses.length] === 'waived' ? '2027-01-31' : null,
  }
})
const health: Health = {
  summary: summaryOf(results),
  results,
  notes: HOSTILE,
  machine: { dgxSpark: 'yes', product: 'ASUS "Ascent" <GX10>\\', driver: null, kernel: '6.17\n0' },
}
const with_ = (status: Verdict['status'], severity?: Verdict['severity']): number =>
  results.filter((one) => one.status === status && (severity === undefined || one.severity === severity)).length

describe('an independent reader', () => {
  it('finds every check in the JUnit file, with what became of it', async () => {
    const read = await readJunit(doctorJunit(health))
    if (read === undefined || read === null || !('testsuite' in read)) throw new Error('no suites')
    const suite = read.testsuite?.[0]
    expect(read).toMatchObject({
      name: 'gb10 doctor',
      tests: results.length,
      failures: with_('fail', 'error'),
      errors: with_('unknown'),
    })
    expect(suite?.testcase?.map(({ name, classname }) => [name, classname])).toEqual(results.map(({ id, area }) => [id, area]))
    const inside = (key: 'failure' | 'error' | 'skipped'): number =>
      (suite?.testcase ?? []).filter((one) => (one[key]?.length ?? 0) > 0).length
    expect([inside('failure'), inside('error'), inside('skipped')]).toEqual([
      with_('fail', 'error'),
      with_('unknown'),
      with_('skip') + with_('blocked') + with_('waived'),
    ])
    expect(JSON.stringify(suite?.['system-out'])).toContain('日本語')
    const product = suite?.properties?.find(({ name }) => name === 'product')?.value
    expect(product).toBe('ASUS "Ascent" <GX10>\\')
  })

  it('finds every check in the Prometheus file, with its labels', () => {
    const families = new Map(readPrometheus(doctorPrometheus(health, 1_795_000_000)).map((family) => [family.name, family]))
    expect([...families.keys()].sort()).toEqual([
      'gb10_check_duration_seconds',
      'gb10_check_status',
      'gb10_info',
      'gb10_last_run_timestamp_seconds',
      'gb10_waiver_end_timestamp_seconds',
    ])
    const ends = families.get('gb10_waiver_end_timestamp_seconds')
    expect(ends?.metrics).toHaveLength(with_('waived'))
    expect(new Set(ends?.metrics.map((one) => Number(one.value) * 1000))).toEqual(new Set([Date.UTC(2027, 1, 1)]))
    const status = families.get('gb10_check_status')
    expect(status?.type).toBe('GAUGE')
    expect(status?.metrics.map(({ labels }) => labels?.['id'])).toEqual(results.map(({ id }) => id))
    const value = (wanted: string): number => status?.metrics.filter((one) => one.value === wanted).length ?? 0
    expect([value('0'), value('1'), value('2')]).toEqual([with_('pass'), with_('fail'), with_('unknown')])
    expect(families.get('gb10_info')?.metrics[0]?.labels).toMatchObject({
      product: 'ASUS "Ascent" <GX10>\\',
      kernel: '6.17 0',
      driver: '',
    })
    expect(families.get('gb10_last_run_timestamp_seconds')?.metrics[0]?.value).toBe('1795000000')
  })

  it('renders the Markdown as one table, and nothing of a machine as markup', () => {
    const html = new MarkdownIt({ html: true, linkify: true }).render(doctorMarkdown(health))
    expect(html.match(/<table>/g)).toHaveLength(1)
    const body = html.slice(html.indexOf('<tbody>'), html.indexOf('</tbody>'))
    const rows = body.split('<tr>').slice(1)
    expect(rows.length).toBeGreaterThanOrEqual(with_('fail') + with_('waived'))
    expect(rows.every((row) => row.match(/<td>/g)?.length === 4)).toBe(true)
    expect(html).not.toMatch(/<b>|javascript:y"|<!--/)
    const prose = html.replaceAll(/<code>[^<]*<\/code>/g, '')
    expect(prose.match(/<(?:em|s|img)\b|href="[^"]*e\.v|<strong>(?:u|bold)|@everyone|#1\b|me@e/g) ?? []).toEqual([])
    expect(html).toContain('<code>[l](http://e.v) ![i](http://e.v/i.png) *b* _i_ __u__ ~~s~~ #1 @everyone')
    expect(prose).toContain('[l](http:')
    for (const product of ['# head', '- item', '+ item', '> quote', '1. one', '12) two', '#12', '---']) {
      const one = new MarkdownIt().render(doctorMarkdown({ ...health, machine: { ...health.machine, product } }))
      expect(one).toContain(`<p>${product.replace('>', '&gt;').replace('#1', '#\u200B1')}, kernel 6.17 0: `)
    }
    for (const { id, status } of results) if (status === 'fail') expect(body).toContain(`<code>${id}</code>`)
  })
})
