import { mkdirSync, symlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ofFile } from '../../src/host/paths.ts'
import { machine, sandbox } from '../support/sandbox.ts'

test('a failed call tells the path that people know', () => {
  const { home } = sandbox()
  mkdirSync(`${home}/full/x`, { recursive: true })
  expect(() => machine.rmdir(`${home}/full`)).toThrow(`ENOTEMPTY: directory not empty, rmdir '${home}/full'`)
  expect(() => machine.rename(`${home}/none`, `${home}/new`)).toThrow(`'${home}/none' -> '${home}/new'`)
  expect(() => machine.list(`${home}/none/deep`)).toThrow(`${home}/none/deep`)
})

test('a failed write tells the file that was to be written, and no temporary name', () => {
  const { home } = sandbox()
  const options = { mode: 0o600, uid: machine.uid, gid: machine.gid, temp: 'x'.repeat(300) }
  expect(() => machine.write(`${home}/f`, Buffer.from('x'), options)).toThrow(`ENAMETOOLONG: name too long, open '${home}/f'`)
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { syscall: 'write' })
  expect(ofFile(full, '/home/me/f')).toMatchObject({ message: "ENOSPC: no space left on device, write '/home/me/f'" })
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
