import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseData } from '../../src/facts/data.ts'
import { detect } from '../../src/facts/detect.ts'
import { readRecording } from '../../src/host/recorded.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const data = parseData(readFileSync(`${root}/checks/_gpus.yaml`, 'utf8'))

type Expected = {
  dgxSpark: string
  gpus: Record<string, unknown>[]
  driver: Record<string, unknown>
  toolkits: Record<string, unknown>[]
  arch: unknown
  os: Record<string, unknown>
  kernel: unknown
  memTotalKiB: unknown
  cpu: { models: string[]; logical: unknown }
  problems: string[]
  appOutputOnly?: string[]
}

/** Every field of an expected.yaml as path and value, with the values that only application output shows set to what a detector must say. */
const fieldsOf = (e: Expected): [string, unknown][] => {
  const only = new Set(e.appOutputOnly ?? [])
  const pick = (path: string, value: unknown, empty: unknown = null): [string, unknown] => [
    path,
    only.has(path) || only.has(path.split('.')[0] ?? '') ? empty : value,
  ]
  const gpus = e.gpus.map((g) => ({ ...g, ...(only.has('gpus.computeCapabilityFrom') ? { computeCapabilityFrom: 'name' } : {}) }))
  return [
    pick('dgxSpark', e.dgxSpark, 'unknown'),
    pick('gpus', gpus, []),
    pick('driver.version', e.driver['version']),
    pick('driver.cuda', e.driver['cuda']),
    pick('toolkits', e.toolkits, []),
    pick('arch', e.arch),
    pick('kernel', e.kernel),
    pick('memTotalKiB', e.memTotalKiB),
    ...Object.entries(e.os).map(([key, value]) => pick(`os.${key}`, value)),
    pick('cpu.models', e.cpu.models, []),
    pick('cpu.logical', e.cpu.logical),
    pick('problems', e.problems, []),
  ]
}

const actualOf = (d: ReturnType<typeof detect>): Record<string, unknown> => ({
  dgxSpark: d.machine.dgxSpark,
  gpus: d.gpus.map(({ name, computeCapability, computeCapabilityFrom, memoryMiB }) => ({
    name,
    computeCapability,
    computeCapabilityFrom,
    memoryMiB,
  })),
  'driver.version': d.driver.version,
  'driver.cuda': d.driver.cuda,
  toolkits: d.toolkits.map(({ version, path }) => ({ version, path })),
  arch: d.arch,
  kernel: d.kernel,
  memTotalKiB: d.memTotalKiB,
  ...Object.fromEntries(Object.entries(d.os).map(([key, value]) => [`os.${key}`, value])),
  'cpu.models': d.cpu.models,
  'cpu.logical': d.cpu.logical,
  problems: d.problems,
})

const check = (folder: string): void => {
  for (const name of readdirSync(folder)
    .filter((n) => existsSync(`${folder}/${n}/expected.yaml`))
    .sort()) {
    it(name, async () => {
      const detection = detect(await readRecording(`${folder}/${name}`), data)
      const fields = fieldsOf(parse(readFileSync(`${folder}/${name}/expected.yaml`, 'utf8')) as Expected)
      const actual = actualOf(detection)
      expect(Object.fromEntries(fields.map(([key]) => [key, actual[key]]))).toEqual(Object.fromEntries(fields))
    })
  }
}

describe('recorded hosts of this repository', () => check(`${root}/test/hosts`))

const shared = `${root}/../shared/hosts`
describe.skipIf(!existsSync(shared))('recorded hosts beside this repository (skipped where the folder is absent)', () => {
  if (existsSync(shared)) check(shared)
})
