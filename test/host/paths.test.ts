import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { machine, sandbox } from '../support/sandbox.ts'

test('a failed call tells the path that people know', () => {
  const { home } = sandbox()
  mkdirSync(`${home}/full/x`, { recursive: true })
  expect(() => machine.rmdir(`${home}/full`)).toThrow(`ENOTEMPTY: directory not empty, rmdir '${home}/full'`)
  expect(() => machine.rename(`${home}/none`, `${home}/new`)).toThrow(`'${home}/none' -> '${home}/new'`)
  expect(() => machine.list(`${home}/none/deep`)).toThrow(`${home}/none/deep`)
})
