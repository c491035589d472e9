import { expect, describe, it } from 'vitest'
import { judge, summaryOf } from '../../src/doctor/judge.ts'
import type { Health, Verdict } from '../../src/model/verdict.ts'
import { doctorGithub } from '../../src/report/doctor-github.ts'
import { doctorText } from '../../src/report/doctor-human.ts'
import { doctorJson } from '../../src/report/doctor-json.ts'
import { doctorJunit } from '../../src/report/doctor-junit.ts'
import { doctorMarkdown } from '../../src/report/doctor-markdown.ts'
import { doctorPrometheus } from '../../src/report/doctor-prometheus.ts'
import { jsonText } from '../../src/report/json.ts'
import { problems } from './machine.ts'

const some = judge(problems, {})[0] as Verdict
const verdict = (part: Partial<Verdict>): Verdict => ({
  ...some,
  status: 'pass',
  reason: null,
  severity: 'error',
  actual: null,
  required: false,
  ...part,
})
const health = (results: Verdict[]): Health => ({
  summary: summaryOf(results),
  results,
  notes: [],
  machine: { dgxSpark: 'yes', product: 'NVIDIA_DGX_Spark', driver: '580.142', kernel: '6.17.0-1014-nvidia' },
})
const remedy = { text: 'Mend it.', commands: ['sudo mend --all'], recipe: null, risk: 'low', reboot: true } as const
const failing = verdict({
  id: 'bad-thing',
  status: 'fail',
  title: 'A thing is <bad> & "odd"',
  actual: 'value 1 in /home/alice/venv',
  expected: '2, always',
  why: 'Because: 100%\nof it.',
  remedy: { ...remedy, commands: [...remedy.commands] },
})
const hostile = verdict({
  id: 'hostile',
  status: 'fail',
  title: 'x\u001B[31m\u0000]]>|`\u009B1m',
  actual: '\r\n::error::y%\u007F\u202E',
  why: '\u0007\u2066',
})

describe('human', () => {
  const text = doctorText(
    health([verdict({ id: 'fine' }), failing, verdict({ id: 'warned', status: 'fail', severity: 'warning' })]),
    80,
    false,
  )
  it('expands only what is not as it should be, worst first, in 80 columns', () => {
    expect(text).toMatch(/FAIL[\s\S]*\[bad-thing\][\s\S]*WARN[\s\S]*\[warned\]/)
    expect(text).not.toContain('[fine]')
    expect(text).toContain('\n          $ sudo mend --all\n')
    expect(text).toMatch(/1 passed, 1 failed, 1 with warnings\./)
    expect(text).toMatch(/Next: gb10 explain bad-thing\n$/)
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  })
  it('ends with one line for root, which holds each command once', () => {
    const asRoot = (command: string) => ({ ...remedy, commands: [command] })
    const blocked = (id: string, command: string): Verdict => verdict({ id, status: 'blocked', reason: 'needs-root', remedy: asRoot(command) })
    const tool = verdict({ id: 'd', status: 'blocked', reason: 'missing', remedy: asRoot('get it') })
    const text = doctorText(health([blocked('a', 'sudo one'), blocked('b', 'sudo one'), blocked('c', 'sudo two'), tool]), 80, false)
    expect(text.match(/\$ .*/g)).toEqual(['$ get it', '$ sudo one; sudo two'])
  })
  it('ends with the command of a required check that could not tell, else of one that is blocked, on one line', () => {
    const long = `sudo look ${'--at everything '.repeat(8)}--now`
    const open = (id: string, part: Partial<Verdict>): Verdict =>
      verdict({ id, status: 'unknown', reason: 'error', remedy: { ...remedy, commands: [`look at ${id}`] }, ...part })
    const blocked = open('b', { status: 'blocked', reason: 'missing', remedy: { ...remedy, commands: [long] } })
    const next = (...results: Verdict[]): string | undefined => doctorText(health(results), 80, false).trimEnd().split('\n').at(-1)
    expect(next(blocked, open('a', {}), open('c', { required: true }))).toBe('Next: look at c')
    expect(next(open('a', {}), blocked)).toBe(`Next: ${long}`)
    expect(next(open('a', {}))).toBe('Next: gb10 status')
  })
  it('of a recording names commands that look at it', () => {
    const unsure = verdict({ id: 'a', status: 'unknown', reason: 'error', required: true, remedy: { ...remedy, commands: ['gb10 detect'] } })
    const text = (...results: Verdict[]): string => doctorText({ ...health(results), host: "'my host'" }, 80, false)
    expect(text(unsure).match(/gb10 detect.*/g)).toEqual(["gb10 detect --host 'my host'", "gb10 detect --host 'my host'"])
    expect(text(verdict({}))).toMatch(/Next: gb10 detect --host 'my host'\n$/)
  })
  it('tells what became of each mend in its own words, with one full stop', () => {
    const mended = (text: string): string =>
      doctorText({ ...health([]), mended: [{ id: 'a', recipe: null, outcome: 'instructions', text, run: null }] }, 80, false)
    expect(mended('Look into ../logs.')).toContain('INSTRUCTIONS [a] Look into ../logs.\n')
    expect(mended('Look into ../logs')).toContain('INSTRUCTIONS [a] Look into ../logs.\n')
  })
  it('says the same without colour', () => {
    const results = [
      failing,
      verdict({ id: 'open', status: 'unknown', reason: 'hung', required: true, why: 'it hangs' }),
      hostile,
    ]
    // eslint-disable-next-line no-control-regex
    const bare = doctorText(health(results), 80, true).replaceAll(/\u001B\[\d+m/g, '')
    expect(bare).toBe(doctorText(health(results), 80, false))
  })
})

describe('no control character of a machine', () => {
  const odd = '\u001B]0;t\u0007\u009B2J\u007F\u202E\u2066x'
  const all = (['error', 'warning', 'info'] as const).map((severity) => ({ ...hostile, severity, remedy: { ...remedy, text: odd, commands: [odd] } }))
  const sick: Health = {
    ...health([...all, { ...hostile, status: 'unknown', required: true }, { ...hostile, status: 'waived', until: '2027-01-31' }]),
    notes: [odd],
    machine: { dgxSpark: 'yes', product: odd, driver: `1\n${odd}`, kernel: odd },
  }
  it.each([
    ['human', doctorText(sick, 80, false)],
    ['json', jsonText(doctorJson(sick))],
    ['junit', doctorJunit(sick)],
    ['github', doctorGithub(sick)],
    ['prometheus', doctorPrometheus(sick, 1)],
    ['markdown', doctorMarkdown(sick)],
  ])('is in %s', (_format, text) => {
    expect(text.match(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu) ?? []).toEqual([])
  })
  it('is lost to a program', () => {
    expect(JSON.parse(jsonText(doctorJson(sick)))).toEqual(doctorJson(sick))
  })
})

describe('junit', () => {
  it('maps failures, warnings, unknown and skipped', () => {
    const xml = doctorJunit(
      health([
        verdict({}),
        failing,
        verdict({ status: 'fail', severity: 'warning' }),
        verdict({ status: 'unknown', reason: 'hung' }),
        verdict({ status: 'skip', why: 'not here' }),
        verdict({ status: 'blocked' }),
        verdict({ status: 'waived' }),
      ]),
    )
    expect(xml).toMatch(/tests="7" failures="1" errors="1" skipped="3"/)
    expect(xml).toContain('<failure message="A thing is &lt;bad&gt; &amp; &quot;odd&quot;; found: value 1')
    expect(xml.match(/<(failure|error|skipped|system-out)/g)).toEqual([
      '<failure',
      '<system-out',
      '<error',
      '<skipped',
      '<skipped',
      '<skipped',
    ])
    expect(xml).toContain('<property name="driver" value="580.142"/>')
  })
  it('stays XML whatever a machine prints', () => {
    const xml = doctorJunit(health([hostile]))
    expect(xml).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/)
  })
})

describe('github', () => {
  it('escapes, and shows at most ten annotations of a type', () => {
    const many = Array.from({ length: 14 }, (_, at) => verdict({ ...failing, id: `bad-${at}` }))
    const lines = doctorGithub(health([...many, verdict({ status: 'fail', severity: 'info', id: 'note' })]))
      .trim()
      .split('\n')
    expect(lines.filter((line) => line.startsWith('::error '))).toHaveLength(10)
    expect(lines[9]).toBe('::error title=gb10 doctor::5 more: bad-9 bad-10 bad-11 bad-12 bad-13')
    expect(lines[10]).toMatch(/^::notice title=note::/)
    const [line] = doctorGithub(health([hostile])).split('\n')
    expect(line).toContain('found:  ::error::y%25')
    expect(doctorGithub(health([verdict({})]))).toBe('')
  })
})

describe('a waiver', () => {
  const waived = verdict({ id: 'known', status: 'waived', title: 'A thing', actual: '12', why: 'new part is ordered (waived until 2026-12-01)', until: '2026-12-01' })
  const ending = 'waiver for known ends on 2026-12-01 (in 11 days)'
  const soon: Health = { ...health([waived, verdict({})]), notes: [ending] }
  it.each([
    ['human', doctorText(soon, 200, false)],
    ['json', jsonText(doctorJson(soon))],
    ['junit', doctorJunit(soon)],
    ['github', doctorGithub(soon)],
    ['markdown', doctorMarkdown(soon).replaceAll('\\', '')],
  ])('and its end are shown in %s', (_format, text) => {
    for (const part of ['new part is ordered', '2026-12-01', ending]) expect(text).toContain(part)
  })
  it('is a notice on GitHub, and its end a warning, of which there are never more than ten', () => {
    expect(doctorGithub(soon)).toBe(
      `::warning title=gb10 doctor::${ending}\n::notice title=known::A thing: new part is ordered (waived until 2026-12-01)\n`,
    )
    const many = Array.from({ length: 8 }, (_, at) => verdict({ ...failing, severity: 'warning', id: `w-${at}` }))
    const lines = doctorGithub({ ...health(many), notes: ['a', 'b', 'c'] }).trim().split('\n')
    expect(lines).toHaveLength(10)
    expect(lines[9]).toBe('::warning title=gb10 doctor::2 more: b c')
  })
})

describe('prometheus', () => {
  it('gives one status and one duration for each check', () => {
    const text = doctorPrometheus(
      health([
        verdict({ id: 'a' }),
        verdict({ id: 'b', status: 'fail' }),
        verdict({ id: 'c', status: 'unknown' }),
        verdict({ id: 'd', status: 'skip', ms: 1500 }),
      ]),
      1_763_650_000.4,
    )
    expect([...text.matchAll(/^gb10_check_status\{id="(\w)".*\} (\d)$/gm)].map((m) => [m[1], m[2]])).toEqual([
      ['a', '0'],
      ['b', '1'],
      ['c', '2'],
      ['d', '3'],
    ])
    expect(text).toContain('gb10_check_duration_seconds{id="d"} 1.500\n')
    expect(text).toContain('gb10_last_run_timestamp_seconds 1763650000\n')
    expect(text).toMatch(
      /gb10_info\{dgxSpark="yes",product="NVIDIA_DGX_Spark",driver="580.142",kernel="6.17.0-1014-nvidia"\} 1\n$/,
    )
  })
})

describe('markdown', () => {
  it('leaves homes out and keeps its table', () => {
    const text = doctorMarkdown(health([failing, hostile, verdict({ status: 'unknown', reason: 'unrecorded' })]))
    expect(text).not.toContain('alice')
    expect(text).toContain('| FAIL | A thing is &lt;bad> &amp; "odd" (`bad-thing`) | `value 1 in ~/venv` | 2, always |')
    expect(
      text
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.replaceAll('\\|', '').split('|').length),
    ).toEqual([6, 6, 6, 6])
  })
})
