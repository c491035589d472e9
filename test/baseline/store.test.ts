import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { storeBaseline } from '../../src/cli/baselines.ts'
import { realMachine } from '../../src/host/real.ts'
import type { Baseline } from '../../src/report/baseline.ts'
import { newHome } from '../support/cli.ts'

const disk = vi.hoisted(() => ({ before: (): void => undefined }))
vi.mock('../../src/host/new-file.ts', async (original) => {
  const { writeNew } = await original<typeof import('../../src/host/new-file.ts')>()
  return {
    writeNew: (files: Parameters<typeof writeNew>[0]) => {
      disk.before()
      writeNew(files)
    },
  }
})

const machine = realMachine({})
const saved = (product: string): Baseline => ({
  formatVersion: '1.0',
  command: 'baseline',
  action: 'save',
  name: 'default',
  at: '2026-11-20T08:00:00.000Z',
  gb10: '0.1.0',
  machine: { dgxSpark: 'yes', product },
  items: {},
})
const productsIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name !== 'made.json')
      .map((name) => [name, (JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Baseline).machine.product ?? '']),
  )

test('where the new baseline cannot be written, the earlier one keeps its name', () => {
  const folder = `${newHome().home}/baselines`
  storeBaseline(machine, folder, saved('good'))
  vi.spyOn(disk, 'before').mockImplementationOnce(() => {
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  })
  expect(() => storeBaseline(machine, folder, saved('new'))).toThrow('no space left')
  expect(productsIn(folder)).toEqual({ 'default.json': 'good' })
})

test('of two runs that save at the same time, each is kept', () => {
  const folder = `${newHome().home}/baselines`
  storeBaseline(machine, folder, saved('first'))
  vi.spyOn(disk, 'before').mockImplementationOnce(() => void storeBaseline(machine, folder, saved('other')))
  const { path, earlier } = storeBaseline(machine, folder, saved('last'))
  expect([path, earlier]).toEqual([`${folder}/default.json`, `${folder}/default.until-20261120T080000000Z-2.json`])
  expect(productsIn(folder)).toEqual({
    'default.json': 'last',
    'default.until-20261120T080000000Z.json': 'first',
    'default.until-20261120T080000000Z-2.json': 'other',
  })
})

test('a folder that another run made meanwhile is used', () => {
  const folder = `${newHome().home}/state/baselines`
  const late = { ...machine, mkdir: (path: string, mode: number) => (mkdirSync(path), machine.mkdir(path, mode)) }
  storeBaseline(late, folder, saved('only'))
  expect(productsIn(folder)).toEqual({ 'default.json': 'only' })
})
