import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { writeNew } from '../../src/host/new-file.ts'

const folder = (): string => {
  const made = mkdtempSync(`${tmpdir()}/gb10-new-`)
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}
const text = (path: string) => ({ path, bytes: Buffer.from(path) })

test('files appear whole, for their owner alone, and nothing else stays', () => {
  const at = folder()
  writeNew([text(`${at}/a`), text(`${at}/b`)])
  expect(readdirSync(at)).toEqual(['a', 'b'])
  expect([statSync(`${at}/b`).mode & 0o777, statSync(`${at}/b`).nlink, readFileSync(`${at}/b`, 'utf8')]).toEqual([0o600, 1, `${at}/b`])
})

test('when one is there already, a link to nowhere too, none is written and it stays as it is', () => {
  const at = folder()
  writeFileSync(`${at}/b`, 'mine')
  symlinkSync('nowhere', `${at}/c`)
  for (const taken of ['b', 'c']) expect(() => writeNew([text(`${at}/a`), text(`${at}/${taken}`)])).toThrow('EEXIST')
  expect(readdirSync(at)).toEqual(['b', 'c'])
  expect(readFileSync(`${at}/b`, 'utf8')).toBe('mine')
})
