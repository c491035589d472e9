import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gb10, newHome } from '../support/cli.ts'
import { manifestOf } from '../support/manifest.ts'

const recipe = `name: mine
title: T
description: D.
changes:
  - {id: data, kind: file, summary: F, path: '{data}/envs/f', content: "a\\n"}
  - {id: cache, kind: cache, summary: C, path: '{cache}'}
  - {id: file, kind: file, summary: F, path: '{home}/.local/bin/mine', content: "b\\n"}
  - {id: block, kind: block, summary: B, path: '{home}/.bashrc', name: mine, lines: [c]}
  - {id: line, kind: env-line, summary: L, path: '{home}/environment', name: D, value: e}
verifiedOn: []
references: []
`

test('links on the way are resolved once: changes land behind them, are found again, and are taken back', async () => {
  const home = newHome()
  const at = (path: string): string => `${home.home}/${path}`
  for (const folder of ['.local/share', '.local/state', '.cache', 'dot/bin', 'big/data', 'big/cache']) mkdirSync(at(folder), { recursive: true })
  for (const [path, target] of [['.local/share/gb10', 'big/data'], ['.cache/gb10', 'big/cache'], ['.local/bin', 'dot/bin'], ['.bashrc', 'dot/bashrc'], ['environment', 'dot/env']] as const)
    symlinkSync(at(target), at(path))
  // One leads to a file, the other to where none is yet.
  writeFileSync(at('dot/bashrc'), 'alias ll="ls -l"\n')
  writeFileSync(at('mine.yaml'), recipe)
  const before = manifestOf(home.home)
  const apply = ['apply', at('mine.yaml'), '--yes', '--accept', createHash('sha256').update(recipe).digest('hex')]
  const applied = await gb10(apply, home)
  expect(applied.code, applied.stderr).toBe(0)
  expect(['big/data/envs/f', 'dot/bin/mine'].map((path) => readFileSync(at(path), 'utf8'))).toEqual(['a\n', 'b\n'])
  expect([readFileSync(at('dot/bashrc'), 'utf8'), readFileSync(at('dot/env'), 'utf8')]).toEqual([expect.stringMatching(/\nc\n/), 'D=e\n'])
  expect(lstatSync(at('.bashrc')).isSymbolicLink()).toBe(true)
  const again = JSON.parse((await gb10(['plan', at('mine.yaml'), '--json'], home)).stdout) as { changes: []; already: [] }
  expect([again.changes.length, again.already.length]).toEqual([0, 5])
  const gone = await gb10(['uninstall', '--yes'], home)
  expect(gone.code, gone.stdout + gone.stderr).toBe(0)
  expect(manifestOf(home.home)).toEqual(before)
})
