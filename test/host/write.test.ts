import { statSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { machine, sandbox } from '../support/sandbox.ts'

test.each(['1700000000123456789', '5', '-500000000', '-1500000000'])('a time is set to the nanosecond: %s', (mtimeNs) => {
  const { home } = sandbox()
  writeFileSync(`${home}/f`, '')
  machine.setTimes(`${home}/f`, mtimeNs)
  expect(String(statSync(`${home}/f`, { bigint: true }).mtimeNs)).toBe(mtimeNs)
})
