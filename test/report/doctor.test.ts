import { expect, test } from 'vitest'
import { summaryOf } from '../../src/doctor/judge.ts'
import type { Health, Verdict } from '../../src/model/verdict.ts'
import { doctorGithub } from '../../src/report/doctor-github.ts'
import { doctorText } from '../../src/report/doctor-human.ts'
import { doctorJson } from '../../src/report/doctor-json.ts'
import { doctorJunit } from '../../src/report/doctor-junit.ts'
import { doctorMarkdown } from '../../src/report/doctor-markdown.ts'
import { doctorPrometheus } from '../../src/report/doctor-prometheus.ts'
import { jsonText } from '../../src/report/json.ts'
import { violations } from '../support/schemas.ts'

const verdict = (id: string, part: Partial<Verdict>): Verdict => ({
  id, area: 'storage', title: `Title of ${id}`, severity: 'error', status: 'fail', reason: null, required: false, confidence: 'A',
  expected: 'under 80 percent', actual: `value 91 in /home/alice/${id}`, why: `Because of \`${id}\`.`,
  remedy: { text: `Mend ${id}.`, commands: [`sudo mend /home/alice/${id}`], recipe: null, risk: 'low', reboot: false },
  references: [{ url: `https://example.org/${id}`, claim: 'so it is', checked: '2026-11-20' }], until: null, ms: 12, ...part,
})
/** One verdict of each sort, none where it is shown: each format has its own order. */
const results = [
  verdict('remark', { severity: 'info' }),
  verdict('warned', { severity: 'warning', actual: null, expected: null, remedy: { text: 'Start again.', commands: [], recipe: null, risk: 'none', reboot: true }, references: [] }),
  verdict('failed', { ms: 1234 }),
  verdict('good', { status: 'pass', actual: null, why: '', ms: 0 }),
  verdict('known', { status: 'waived', until: '2026-12-01', why: 'new part is ordered (waived until 2026-12-01)' }),
  verdict('hangs', { status: 'unknown', reason: 'hung', actual: null, required: true }),
  verdict('odd', { status: 'unknown', reason: null, actual: null }),
  verdict('unseen', { status: 'unknown', reason: 'unrecorded', actual: null }),
  verdict('rights', { status: 'blocked', reason: 'needs-root', actual: null }),
  verdict('elsewhere', { status: 'skip', reason: 'not-applicable', actual: null }),
]
const health: Health = {
  summary: summaryOf(results), results, notes: ['a note'],
  machine: { dgxSpark: 'yes', product: 'NVIDIA_DGX_Spark', driver: '580.142', kernel: null },
  mended: [
    { id: 'one', recipe: 'docling', outcome: 'fixed', text: 'looked again: it is as it should be', run: '70bd925e' },
    { id: 'two', recipe: 'docling', outcome: 'stopped', text: 'stopped by the user', run: '70bd925e' },
  ],
}

test('what one cause keeps from being told stands together, but for what matters', () => {
  const remedy: Verdict['remedy'] = { text: '', commands: [], recipe: null, risk: 'none', reboot: false }
  const part: Partial<Verdict> = { status: 'unknown', reason: 'error', actual: null, why: 'this cannot be judged: x is known in part', remedy }
  const all = [verdict('a', part), verdict('b', part), verdict('c', { ...part, required: true }), verdict('d', { ...part, why: 'y' })]
  const lines = doctorText({ ...health, results: all, notes: [] }, 80, false).split('\n').filter((line) => line.startsWith('UNKNOWN'))
  expect(lines).toEqual([
    'UNKNOWN these cannot be judged: x is known in part (a, b)',
    'UNKNOWN Title of c [c]: this cannot be judged: x is known in part',
    'UNKNOWN Title of d [d]: y',
  ])
})

test.each([
  ['txt', doctorText(health, 80, true).replaceAll('\u001B', '^')],
  ['xml', doctorJunit(health)],
  ['github.txt', doctorGithub(health)],
  ['md', doctorMarkdown(health)],
  ['prom', doctorPrometheus(health, 1_763_650_000)],
])('a health report: doctor.%s', async (name, text) => {
  await expect(text).toMatchFileSnapshot(`golden/doctor.${name}`)
})

test('a document of doctor fits its schema, and says of mends only where some were asked for', () => {
  const { mended, ...looked } = health
  expect(doctorJson(health)).toMatchObject({ formatVersion: '1.0', command: 'doctor', mended })
  expect(violations(jsonText(doctorJson(health)), 'doctor')).toEqual([])
  expect(jsonText(doctorJson(looked))).not.toContain('mended')
})
