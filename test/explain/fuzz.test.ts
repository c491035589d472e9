import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Escapes } from '../../src/doctor/explain-escapes.ts'
import { folded, message, unescaped } from '../../src/doctor/explain-line.ts'
import { Explainer } from '../../src/doctor/explain.ts'
import { explainText, explainJson } from '../../src/report/explain.ts'
import { explain, problems, signatures } from './catalogue.ts'

const pieces = problems.flatMap((problem) =>
  problem.signatures.flatMap(({ text, example, when, notWhen }) => [
    text ?? example,
    example,
    ...[...when, ...notWhen].map((one) => one.text ?? example),
  ]),
)
const noise = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '\n',
    '\r\n',
    '\r',
    ' ',
    '\u001B[31m',
    '\u001B]8;;http://x\u0007',
    '\u001B[',
    '\0',
    '…',
    '\\u00',
    '&#',
    '"',
    '`',
    '│ ',
  ),
)
const hostile = fc.array(
  fc.oneof(
    noise,
    fc.constantFrom(...pieces),
    fc.constantFrom(...pieces).chain((one) => fc.nat(one.length).map((end) => one.slice(0, end))),
  ),
  { maxLength: 40 },
)

/** Pushes a text in pieces of a size. */
function inPieces(bytes: Uint8Array, size: number): ReturnType<Explainer['end']> {
  const explainer = new Explainer(problems, signatures)
  for (let from = 0; from < bytes.length; from += size) explainer.push(bytes.subarray(from, from + size))
  return explainer.end()
}

test('any text is answered, whatever its pieces', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 400 }), (parts, size) => {
      const text = parts.join('')
      const whole = explain(text)
      const cut = inPieces(new TextEncoder().encode(text), size)
      expect(cut).toEqual(whole)
      for (const { line, evidence } of whole.matches) {
        expect(line).toBeLessThanOrEqual(Math.max(1, whole.lines))
        expect(evidence).not.toMatch(/\p{Cc}/u)
      }
      const shown = { matches: whole.matches, lines: whole.lines, framework: null, near: null }
      expect(explainText(shown, 80, false).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
      expect(JSON.parse(JSON.stringify(explainJson(shown)))).toHaveProperty('matches')
    }),
    { numRuns: 150 },
  )
})

test('a message is found wherever a slice of the reader cuts it', () => {
  const filler = 'INFO nothing of note happens on this line, and that is well\n'
  for (const around of [(1 << 18) - 60, (1 << 18) - 20, 1 << 18, (1 << 18) + 8192, (1 << 19) - 30]) {
    const before = filler.repeat(Math.floor(around / filler.length)) + 'x'.repeat(around % filler.length)
    const { matches, lines } = explain(
      `${before}\nptxas fatal   : Value 'sm_121a' is not defined for option 'gpu-name'\n${filler.repeat(5000)}`,
    )
    expect(matches.map(({ problem }) => problem.id)).toEqual(['triton-ptxas-sm121a'])
    expect(matches[0]!.line).toBe(before.split('\n').length + 1)
    expect(lines).toBe(before.split('\n').length + 5001)
  }
})

test('one endless line, and a line of nothing but beginnings of messages, end soon', () => {
  const endless = `${'\r 12% |####      | 1/9 '.repeat(60_000)}Torch not compiled with CUDA enabled${'.'.repeat(500_000)}`
  expect(explain(endless).matches.map(({ problem }) => problem.id)).toEqual(['torch-cpu-only-wheel'])
  const teasing =
    'ERROR: No matching distribution found for something else, cannot open shared object file, is not defined for option\n'.repeat(
      20_000,
    )
  expect(explain(teasing).matches).toEqual([])
})

test('memory does not grow with the log', () => {
  const chunk = new TextEncoder().encode(
    'Unsupported gpu architecture of no kind; no matching distribution; cannot open shared object file\nall is well\n'.repeat(
      2000,
    ),
  )
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = (): number => {
    collect()
    return process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
  }
  const explainer = new Explainer(problems, signatures)
  for (let count = 0; count < 20; count += 1) explainer.push(chunk)
  const before = used()
  for (let count = 0; count < 150; count += 1) explainer.push(chunk)
  expect(used() - before).toBeLessThan(4e6)
  expect(explainer.end().bytes).toBe(chunk.length * 170)
})

test('escapes go, wherever they are cut; what is none stays', () => {
  const text =
    'a\u001B[1;31mred\u001B[0m \u001B]8;;https://example.org/\u001B\\link\u001B]8;;\u0007 \u001B(Bend \u001B]0;title\u0007.'
  for (let size = 1; size < 12; size += 1) {
    const escapes = new Escapes()
    const bytes = new TextEncoder().encode(text)
    let out = ''
    for (let from = 0; from < bytes.length; from += size)
      out += new TextDecoder().decode(escapes.push(bytes.subarray(from, from + size)))
    out += new TextDecoder().decode(escapes.push(new Uint8Array(0), true))
    expect(out).toBe('ared link end .')
  }
})

test.each([
  ['2026-11-20T08:00:01.123Z  error: x', 'error: x'],
  ['Jun 06 07:22:18 host0 ollama[2401]: msg', 'msg'],
  ['vllm-1  | (EngineCore_DP0 pid=73) ERROR 11-20 10:02:11 [core.py:708] boom', 'boom'],
  ['[rank0]:     Found GPU0', 'Found GPU0'],
  ['E       RuntimeError: x', 'RuntimeError: x'],
  ['[  123.456789] NVRM: x', 'NVRM: x'],
  ['#12 3.456 nvcc fatal', 'nvcc fatal'],
  ['│   boxed text  │', 'boxed text'],
  ['I1120 10:00:00.123456       1 main.go:173] starting', 'starting'],
  ['(8.0) - (12.0)', '(8.0) - (12.0)'],
  ['| N/A   45C | Not Supported |', '| N/A   45C | Not Supported |'],
])('the message of %j', (line, wanted) => {
  expect(message(line)).toBe(wanted)
})

test('quotes, dashes, cases and blanks do not count; what JSON and web pages did is taken back', () => {
  expect(folded('Value  ‘SM_121a’\u00A0—\n x').text).toBe("value'sm_121a'-x")
  expect(unescaped('\\"a\\u0027 &quot;b&#39; \\n C:\\temp')).toContain("a' \"b'")
})

test('a message that is refused over and over, in ever other words, does not hold up the log', () => {
  const letters = (index: number): string =>
    [1, 26, 676, 17_576].map((by) => String.fromCharCode(97 + (Math.floor(index / by) % 26))).join('')
  const refused = Array.from({ length: 200_000 }, (_, index) => `${letters(index * 7919)} vbox: Key was rejected by service`)
  expect(explain(refused.join('\n')).matches).toEqual([])
})
