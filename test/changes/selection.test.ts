import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { applyChanges } from '../../src/apply/run.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import type { Want } from '../../src/model/change.ts'
import { change, sandbox, session } from '../support/sandbox.ts'

const conf = (home: string, content: string): Want => ({ kind: 'file', path: `${home}/old.conf`, content, mode: 0o644 })

test('taking back an older run of a thing that was replaced since takes back both, newest first', async () => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/old.conf`, 'theirs')
  const s = session(state)
  await applyChanges(s, 'first', [change('demo', 'c', conf(home, 'one'))])
  await applyChanges(s, 'second', [change('demo', 'c', conf(home, 'two'))])
  expect(await undo(s, 'u', { run: 'first' }, false)).toMatchObject({ kept: [], failed: [] })
  expect(readFileSync(`${home}/old.conf`, 'utf8')).toBe('theirs')
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ outcomes: [], kept: [] })
  expect(verifyGone(s)).toEqual([])
})

test('a folder that a later run built in stays until that goes too', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  const file = (name: string): Want => ({ kind: 'file', path: `${home}/opt/${name}`, content: name, mode: 0o644 })
  await applyChanges(s, 'first', [change('one', 'c', file('a'))])
  await applyChanges(s, 'second', [change('two', 'c', file('b'))])
  expect(await undo(s, 'u', { run: 'first' }, false)).toMatchObject({ kept: [], failed: [] })
  expect([existsSync(`${home}/opt/a`), existsSync(`${home}/opt/b`)]).toEqual([false, true])
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ kept: [], failed: [] })
  expect(existsSync(`${home}/opt`)).toBe(false)
})
