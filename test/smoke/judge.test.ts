import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { SmokeData, SmokeDemand, SmokeRun } from '../../src/model/smoke.ts'
import { judgeSmoke } from '../../src/smoke/judge.ts'
import { readSmokeData } from '../../src/smoke/judge-data.ts'

type Case = {
  name: string
  /** A file of observations/; `set` changes single values of it, by dotted path. */
  observation?: string
  set?: Record<string, unknown>
  run?: Partial<SmokeRun>
  demand: SmokeDemand
  /** Fields of the result; `reasonHas` are parts of the reason. */
  expect: Record<string, unknown> & { reasonHas?: string[] }
}

const file = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const data = readSmokeData(parse(file('../../smoke/_models.yaml')), parse(file('../../smoke/_needs.yaml'))) as SmokeData

describe('judge', () => {
  for (const name of readdirSync(new URL('cases', import.meta.url))) {
    it(name.replace('.json', ''), () => {
      const example = JSON.parse(file(`cases/${name}`)) as Case
      const ended = { name: example.name, exitCode: 0, timedOut: false, stderr: '', seconds: 12 }
      const run = { ...ended, stdout: stdout(example), ...example.run }
      const result = judgeSmoke(run, example.demand, data)
      const { reasonHas = [], ...fields } = example.expect
      expect(result).toMatchObject(fields)
      for (const part of reasonHas) expect(result.reason).toContain(part)
      expect(Object.keys(result).toSorted()).toEqual(FIELDS)
      expect(JSON.parse(JSON.stringify(result))).toEqual(result)
    })
  }
})

const FIELDS = ['actual', 'device', 'expected', 'metrics', 'model', 'name', 'reason', 'seconds', 'verdict']

describe('the data', () => {
  it('is read from the files that ship', () => {
    expect(data.models.layout.parameters).toBe(42_761_907)
    expect(data.needs.map(({ id }) => id)).toContain('python-headers')
  })

  it('says what is wrong with it', () => {
    expect(readSmokeData({}, {})).toEqual({ error: '_models.yaml: getModels must be a command.' })
    expect(readSmokeData({ getModels: 'x', models: {} }, {})).toHaveProperty('error')
  })

  it.each([
    ['models.table.name', ''],
    ['models.table.sha256', ['a1']],
    ['deepseekOcr.v1.name', ''],
    ['deepseekOcr.v2.name', ''],
    ['deepseekOcr.speeds.0.url', ''],
    ['torch.archs', []],
    ['needs', []],
    ['needs.0.id', ''],
    ['needs.0.match', []],
    ['needs.0.what', ''],
    ['needs.0.command', ''],
  ])('refuses %s: %j', (path, value) => {
    const [models, needs] = [parse(file('../../smoke/_models.yaml')) as unknown, parse(file('../../smoke/_needs.yaml')) as unknown]
    put(path.startsWith('needs') ? needs : models, path.split('.'), value)
    expect(readSmokeData(models, needs)).toHaveProperty('error')
  })
})

function stdout(example: Case): string {
  if (example.observation === undefined) return ''
  const document: unknown = JSON.parse(file(`observations/${example.observation}.json`))
  for (const [path, value] of Object.entries(example.set ?? {})) put(document, path.split('.'), value)
  return `${JSON.stringify(document)}\n`
}

function put(target: unknown, [key = '', ...rest]: string[], value: unknown): void {
  const holder = target as Record<string, unknown>
  if (rest.length === 0) holder[key] = value
  else put(holder[key], rest, value)
}
