import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { detect } from '../../src/facts/detect.ts'
import { parseData } from '../../src/facts/data.ts'
import { readFileSync } from 'node:fs'
import { readRecording } from '../../src/host/recorded.ts'
import { STATUSES, type Verdict } from '../../src/model/verdict.ts'
import { pageOf, type PageParts } from '../../src/report/page.ts'
import { readMarkup } from '../support/markup.ts'

const fail: Verdict = {
  id: 'driver-library-version-mismatch', area: 'driver', title: 'NVIDIA user-space libraries and kernel module differ', severity: 'error', status: 'fail',
  reason: null, required: false, confidence: 'A', expected: 'one version', actual: 'library 580.126, module 580.142',
  why: 'A package was updated while the old module stayed loaded.', until: null, ms: 12,
  remedy: { text: 'Restart the machine.', commands: ['sudo reboot', 'nvidia-smi   # shows "580.142"'], recipe: null, risk: 'high', reboot: true },
  references: [{ url: 'https://example.org/a?b=c&d=e', claim: 'what it says & why', checked: '2026-01-31' }, { url: 'ftp://example.org', claim: null, checked: '2026-01-31' }],
}
const warn: Verdict = {
  ...fail, id: 'nvcc-not-on-path', title: 'nvcc is not on PATH', severity: 'warning', references: [],
  remedy: { text: 'Add the toolkit to PATH.', commands: [], recipe: 'cuda-path', risk: 'none', reboot: false },
}
const results = [...STATUSES.filter((status) => status !== 'fail').map((status): Verdict => ({ ...warn, id: status, status, remedy: fail.remedy })), warn, { ...warn, id: 'i', severity: 'info' as const }, fail]

const whole = detect(await readRecording('test/hosts/gb10-healthy'), parseData(readFileSync('checks/_gpus.yaml', 'utf8')))
const some = ['gpu.names', 'driver.version', 'pci.gpus', 'ollama.environment', 'apt.held', 'os.l4t', 'uv.version']
const detection = { ...whole, facts: Object.fromEntries(some.map((id) => [id, whole.facts[id]!])) }
const parts: PageParts = {
  detection, results, log: '[   12.3] NVRM: Xid (PCI:000f:01:00): 79\n[   13.0] thermal critical\n', at: '2026-01-31T12:00:00.000Z', version: '0.0.0',
  redaction: { redacted: true, leftOut: ['kernel.commandLine'], rules: [{ rule: 'collected-user', count: 3 }, { rule: 'gpu-uuid', count: 1 }] },
}

describe('the page of a report', () => {
  test('is the same for the same input, and well formed', async () => {
    await expect(pageOf(parts)).toMatchFileSnapshot('golden/page.html')
    expect(readMarkup(pageOf(parts)).errors).toEqual([])
  })

  test('says what it is without colour, and loads and runs nothing', () => {
    const { skeleton, attributes, text } = readMarkup(pageOf(parts))
    for (const word of ['FAIL', 'WARN', 'INFO', 'PASS', 'SKIP', 'BLOCKED', 'UNKNOWN', 'WAIVED', fail.why, 'sudo reboot', 'collected-user']) expect(text).toContain(word)
    expect(text).toContain('gb10 doctor --fix nvcc-not-on-path')
    const known = /^ *(html|head|meta|title|style|body|header|main|section|article|h[1-3]|p|ul|li|dl|dt|dd|pre|code|b|br|a|span|time|table|caption|thead|tbody|tr|th|td|details|summary) /
    expect(skeleton.filter((tag) => !known.test(tag))).toEqual([])
    const names = new Set(attributes.map(([name]) => name))
    expect([...names].sort()).toEqual(['charset', 'class', 'content', 'datetime', 'href', 'http-equiv', 'lang', 'name', 'rel', 'scope'])
    expect(attributes.filter(([name]) => name === 'href')).toEqual([['href', 'https://example.org/a?b=c&d=e']])
    expect(attributes).toContainEqual(['content', "default-src 'none'; style-src 'unsafe-inline'"])
    expect(pageOf(parts)).not.toMatch(/url\(|@import|javascript:/i)
  })

  test('says loudly when nothing was replaced, and does without verdicts, logs and rules', () => {
    const page = pageOf({ ...parts, results: null, log: null, redaction: { redacted: false, leftOut: [], rules: [] } })
    const { text, errors } = readMarkup(page)
    expect(errors).toEqual([])
    expect(text).toContain('NOTHING ON THIS PAGE WAS REPLACED')
    expect(text).not.toMatch(/Verdicts|Kernel log|were replaced by tokens/)
  })
})

/** The same document with another text in the place of every text; what decides the form of the page stays. */
function filled(value: unknown, text: string, key = ''): unknown {
  if (typeof value === 'string') return ['status', 'severity', 'risk', 'dgxSpark', 'module', 'memoryStatus', 'at'].includes(key) ? value : text
  if (Array.isArray(value)) return value.map((one) => filled(one, text, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, text, name)]))
}
const pageWith = (text: string): string => pageOf(filled(parts, text) as PageParts)

describe('foreign text on the page', () => {
  test.each([
    ['<script>alert(1)</script>'],
    ['</style></title></pre><script src=//x.example></script>'],
    ['"><img src=x onerror=alert(1)>'],
    ["' onmouseover='alert(1)"],
    ['a & b &lt;b&gt; &#60;i&#62;'],
    ['<!-- --><![CDATA[ ]]>'],
    ['javascript:alert(1)'],
    ['https://x.example/"onclick="alert(1)'],
  ])('%s is text, and nothing else', (hostile) => {
    const { skeleton, text, errors } = readMarkup(pageWith(hostile))
    const other = hostile.startsWith('https:') ? 'https://x.example/' : 'harmless'
    const harmless = readMarkup(pageWith(other))
    expect(errors).toEqual([])
    expect(skeleton).toEqual(harmless.skeleton)
    expect(text.split(hostile).length).toBe(harmless.text.split(other).length)
  })

  test('control characters, escape sequences and invisible ones are gone', () => {
    const page = pageWith('one\u0000\u0007 \u001B[31mtwo\u001B[0m \u001B]0;title\u0007three\u202E\u200B\uFEFF\u2028\uD800 end')
    expect(page).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|[\u2028\u2029]/u)
    expect(page.isWellFormed()).toBe(true)
    expect(readMarkup(page).text).toContain('two')
  })

  test('no text of any kind changes the form of the page', () => {
    const harmless = readMarkup(pageWith('harmless')).skeleton
    const piece = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('<', '>', '"', "'", '&', '</', '<!--', '-->', ']]>', '&#60;', '\n', '\u0000', '<svg onload=', '</pre>'))
    const same = (all: string[]): void => {
      expect(readMarkup(pageWith(`x${all.join('')}`)).skeleton).toEqual(harmless)
    }
    fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), same), { numRuns: 25 })
  })

  test('data that looks like finished markup is text too', () => {
    const forged = { ...whole.facts['driver.version']!, value: { markup: '<script>1</script>' } }
    expect(readMarkup(pageOf({ ...parts, detection: { ...detection, facts: { x: forged } } })).skeleton.join()).not.toContain('script')
  })
})
