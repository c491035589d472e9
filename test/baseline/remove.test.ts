import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { removeBaselines, removeEmpty } from '../../src/cli/baselines.ts'
import type { Machine } from '../../src/host/machine.ts'
import { machine, sandbox } from '../support/sandbox.ts'

test('what comes into a folder in the moment before it goes stays, and stops nothing', () => {
  const { home } = sandbox()
  mkdirSync(`${home}/a/b`, { recursive: true })
  // Somebody else writes when the folder is looked into for the last time.
  const busy: Machine = { ...machine, rmdir: (path) => (writeFileSync(`${path}/theirs`, ''), machine.rmdir(path)) }
  const stays: string[] = []
  expect(removeBaselines(busy, `${home}/a/b`, (path) => stays.push(path))).toEqual([])
  removeEmpty(busy, [`${home}/a/b`, `${home}/a`])
  expect(stays).toEqual([`${home}/a/b`])
  expect([readdirSync(`${home}/a`), readdirSync(`${home}/a/b`)]).toEqual([['b', 'theirs'], ['theirs']])
})

test('what a killed run left of its writing goes too', () => {
  const { home } = sandbox()
  mkdirSync(`${home}/a`)
  for (const name of ['.0badcafe.tmp', '.gb10-3f2a9c1e-0b7d-4e5f-8a6b-1c2d3e4f5a6b.part']) writeFileSync(`${home}/a/${name}`, '{"comm')
  expect(removeBaselines(machine, `${home}/a`, () => undefined)).toEqual([])
  expect(readdirSync(home)).toEqual([])
})
