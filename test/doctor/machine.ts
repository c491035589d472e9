import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadProblems } from '../../src/catalog/problems.ts'
import { judge, type JudgeOptions } from '../../src/doctor/judge.ts'
import { parseData } from '../../src/facts/data.ts'
import { detect } from '../../src/facts/detect.ts'
import { readRecording } from '../../src/host/recorded.ts'
import type { Capture } from '../../src/model/capture.ts'
import type { Fact, FactStatus } from '../../src/model/fact.ts'
import type { Verdict } from '../../src/model/verdict.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const checks = `${root}checks`
const names = readdirSync(checks, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.yaml'))

/** The whole catalogue, read by the strict reader. */
export const { problems, compatibility } = loadProblems({ names, text: (name) => readFileSync(`${checks}/${name}`, 'utf8') })

export const data = parseData(readFileSync(`${checks}/_gpus.yaml`, 'utf8'))

/** The captures of a GB10 in good health. */
export const healthy = (): Promise<Capture[]> => readRecording(`${root}test/hosts/gb10-healthy`)

export const judgeCaptures = (captures: readonly Capture[], options: JudgeOptions = {}): Verdict[] =>
  judge(problems, detect(captures, data).facts, options)

/** Values as facts: `{status: …}` is a fact without a value. */
export const factsOf = (values: Record<string, unknown>): Record<string, Fact> =>
  Object.fromEntries(
    Object.entries(values).map(([id, value]) => {
      const status =
        typeof value === 'object' && value !== null && !Array.isArray(value) && 'status' in value
          ? (value.status as FactStatus)
          : 'ok'
      return [id, { value: status === 'ok' ? value : null, status, source: 'test', ms: 0 }]
    }),
  )

/** A capture with what matters of it. */
export const capture = (part: Partial<Capture>): Capture => ({
  status: 'ok',
  text: '',
  stderr: '',
  exitCode: 0,
  excerpt: false,
  ms: 0,
  ...part,
})

/** Captures with the text of one of them changed; the one is named by a piece of its path or command. */
export function changed(captures: readonly Capture[], which: string, change: (text: string) => string): Capture[] {
  const at = captures.findIndex((c) => (c.path ?? (c.argv ?? []).join(' ')).includes(which))
  if (at < 0) throw new Error(`no capture of ${which}`)
  return captures.map((c, index) => (index === at ? { ...c, text: change(c.text) } : c))
}

/** Captures without those named by a piece of their path or command. */
export const without = (captures: readonly Capture[], ...which: string[]): Capture[] =>
  captures.filter((c) => !which.some((piece) => (c.path ?? (c.argv ?? []).join(' ')).includes(piece)))
