import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseData } from '../../src/facts/data.ts'
import { detect } from '../../src/facts/detect.ts'
import { readRecording } from '../../src/host/recorded.ts'
import type { Capture } from '../../src/model/capture.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const data = parseData(readFileSync(`${root}/checks/_gpus.yaml`, 'utf8'))
const hosts = [`${root}/test/hosts`, `${root}/../shared/hosts`]
  .filter(existsSync)
  .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))
  .filter((path) => existsSync(`${path}/host.yaml`))
const captures = (await Promise.all(hosts.map(readRecording))).flat()

type Wound = { at: number; kind: 'cut' | 'drop' | 'insert' | 'repeat' | 'crlf'; text: string }
const wound: fc.Arbitrary<Wound> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom('cut', 'drop', 'insert', 'repeat', 'crlf'),
  text: fc.oneof(
    fc.string(),
    fc.constantFrom('|', ':', 'N/A', '[Unknown Error]', '"', '\0', '...', ' : ', 'ERR!', '９', '\u001B[31m'),
  ),
})

const hurt = (text: string, { at, kind, text: more }: Wound): string => {
  const spot = Math.floor(at * text.length)
  if (kind === 'cut') return text.slice(0, spot)
  if (kind === 'drop') return text.slice(0, spot) + text.slice(spot + 1 + more.length)
  if (kind === 'insert') return text.slice(0, spot) + more + text.slice(spot)
  return kind === 'repeat' ? text + text.slice(spot) : text.replaceAll('\n', '\r\n')
}

const shape = (c: Capture[]): void => {
  const d = detect(c, data)
  expect(['yes', 'no', 'unknown']).toContain(d.machine.dgxSpark)
  for (const fact of Object.values(d.facts)) expect(fact.status === 'ok').toBe(fact.value !== null)
  for (const gpu of d.gpus) expect(gpu.memoryMiB === null || Number.isFinite(gpu.memoryMiB)).toBe(true)
}

describe('detection of damaged captures', () => {
  it('never throws and never gives a value without status ok', () => {
    fc.assert(
      fc.property(fc.nat(captures.length - 1), fc.array(wound, { minLength: 1, maxLength: 4 }), (which, wounds) => {
        const capture = captures[which] as Capture
        shape([{ ...capture, text: wounds.reduce(hurt, capture.text), stderr: wounds.reduce(hurt, capture.stderr) }])
      }),
      { numRuns: 1500 },
    )
  }, 120_000)
  it('survives any text for any tool', () => {
    const tools = [
      ['nvidia-smi'],
      ['nvidia-smi', '-q'],
      ['nvidia-smi', '-q', '-x'],
      ['nvidia-smi', '--query-gpu=name', '--format=csv'],
      ['lscpu'],
      ['lscpu', '-J'],
      ['free'],
      ['df', '/'],
      ['docker', 'version'],
      ['which', 'nvcc'],
      ['ls', '-d', '/usr/bin/python3.*'],
      ['dmesg'],
    ]
    fc.assert(
      fc.property(fc.constantFrom(...tools), fc.string({ unit: 'binary', maxLength: 400 }), (argv, text) => {
        shape([{ argv, status: 'ok', text, stderr: '', exitCode: 0, excerpt: false, ms: 0 }])
      }),
      { numRuns: 1500 },
    )
  }, 120_000)
  it('reads a large text in linear time', () => {
    for (const line of [' ', 'a', '|', ': ', 'NVRM: ', '(', 'CUDA Version: ', '1.']) {
      const started = performance.now()
      for (const argv of [
        ['nvidia-smi'],
        ['nvidia-smi', '-q'],
        ['lscpu'],
        ['dmesg'],
        ['modinfo', 'nvidia'],
        ['docker', 'version'],
        ['hostnamectl'],
        ['ls', '-l'],
        ['dmidecode'],
      ]) {
        shape([{ argv, status: 'ok', text: line.repeat(65_536 / line.length), stderr: '', exitCode: 0, excerpt: false, ms: 0 }])
      }
      expect(performance.now() - started, `text of ${JSON.stringify(line)}`).toBeLessThan(5000)
    }
  }, 120_000)
})
