import { mkdirSync, symlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { machine, sandbox } from '../support/sandbox.ts'

test('a failed call tells the path that people know', () => {
  const { home } = sandbox()
  mkdirSync(`${home}/full/x`, { recursive: true })
  expect(() => machine.rmdir(`${home}/full`)).toThrow(`ENOTEMPTY: directory not empty, rmdir '${home}/full'`)
  expect(() => machine.rename(`${home}/none`, `${home}/new`)).toThrow(`'${home}/none' -> '${home}/new'`)
  expect(() => machine.list(`${home}/none/deep`)).toThrow(`${home}/none/deep`)
})

test('a link to what is not there leads to where it would be: its disk may not be mounted', () => {
  const { home } = sandbox()
  mkdirSync(`${home}/mnt`)
  symlinkSync('mnt/gb10', `${home}/data`)
  symlinkSync('loop', `${home}/loop`)
  expect(machine.canonical(`${home}/data`, true)).toBe(`${home}/mnt/gb10`)
  expect(machine.canonical(`${home}/data`)).toBe(`${home}/data`)
  expect(machine.canonical(`${home}/data/envs/x`)).toBe(`${home}/mnt/gb10/envs/x`)
  expect(machine.canonical(`${home}/loop/x`, true)).toBe(`${home}/loop/x`)
})
