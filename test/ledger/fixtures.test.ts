import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { clearState } from '../../src/apply/clear.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import { machine, sandbox, session } from '../support/sandbox.ts'
import { itemsOf, putUp, STATE, type Recording } from './recording.ts'

const folder = new URL('fixtures/', import.meta.url)

test.each(readdirSync(folder).filter((name) => name.endsWith('.json')))('what gb10 %s did is undone exactly', async (name) => {
  const recording = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Recording
  const { home } = sandbox()
  putUp(recording, home)
  const s = session(home + STATE)
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ kept: [], failed: [] })
  expect(verifyGone(s)).toEqual([])
  s.close()
  clearState(machine, home + STATE, home)
  expect(itemsOf(home)).toEqual(recording.before)
})
