import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gb10, newHome } from '../support/cli.ts'
import { manifestOf } from '../support/manifest.ts'

const recipe = `name: mine
title: A file of my own
description: Shows that anybody can write a recipe.
parameters:
  path: {type: path, default: '{home}/mine.conf', help: where it goes}
changes:
  - {id: conf, kind: file, summary: My file, path: '{path}', content: "a=1\\n", mode: '0644'}
verifiedOn: []
references: []
`

test('a recipe of the user needs consent to exactly its text, and is taken back like any other', async () => {
  const home = newHome()
  const path = `${home.home}/mine.yaml`
  writeFileSync(path, recipe)
  const before = manifestOf(home.home)
  const plan = await gb10(['plan', path], home)
  expect(plan.code, plan.stdout + plan.stderr).toBe(0)
  expect(plan.stdout).toContain(`gb10 apply ${path}`)

  const refused = await gb10(['apply', path, '--yes'], home)
  expect(refused.code).toBe(64)
  for (const line of recipe.trimEnd().split('\n')) expect(refused.stderr).toContain(`  | ${line}`)
  const sha = createHash('sha256').update(recipe).digest('hex')
  expect(refused.stderr).toContain(`Next: gb10 apply ${path} --yes --accept ${sha}\n`)
  expect((await gb10(['apply', path, '--yes', '--accept', sha.replace(/^./, 'z')], home)).code).toBe(64)
  expect(manifestOf(home.home)).toEqual(before)

  const applied = await gb10(['apply', path, '--yes', '--accept', sha], home)
  expect(applied.code, applied.stderr).toBe(0)
  expect(readFileSync(`${home.home}/mine.conf`, 'utf8')).toBe('a=1\n')
  writeFileSync(path, recipe.replace('a=1', 'a=2'))
  expect((await gb10(['apply', path, '--yes', '--accept', sha], home)).code).toBe(64)
  writeFileSync(path, recipe)
  expect((await gb10(['undo', 'mine', '--yes'], home)).code).toBe(0)
  expect(existsSync(`${home.home}/mine.conf`)).toBe(false)
})

test.each([
  ['one that is not there', null, 64, /there is no recipe file .*\/mine\.yaml/],
  ['one that is not YAML', 'name: [', 78, /mine\.yaml:1:8: expected well-formed YAML/],
  ['a mistyped kind', recipe.replace('kind: file', 'kind: fiel'), 78, /mine\.yaml:7:\d+: .*did you mean file\?/],
  ['the name of another file', recipe.replace('name: mine', 'name: other'), 78, /mine\.yaml:1:\d+: name/],
  ['system scope', recipe.replace('changes:', 'scope: system\nchanges:'), 78, /only a recipe in \/etc\/gb10\/recipes\.d may change the system/],
])('a recipe file: %s', async (_what, text, code, reason) => {
  const home = newHome()
  const path = `${home.home}/mine.yaml`
  if (text !== null) writeFileSync(path, text)
  const before = manifestOf(home.home)
  const ended = await gb10(['apply', path, '--yes'], home)
  expect(ended.stderr).toMatch(reason)
  expect(ended.stderr).toMatch(/Next: /)
  expect(ended).toMatchObject({ code, stdout: '' })
  expect(manifestOf(home.home)).toEqual(before)
})

test('a recipe file that takes the name of one of ours', async () => {
  const home = newHome()
  writeFileSync(`${home.home}/docling.yaml`, recipe.replace('name: mine', 'name: docling'))
  const ended = await gb10(['apply', `${home.home}/docling.yaml`, '--yes'], home)
  expect(ended.code).toBe(78)
  expect(ended.stderr).toMatch(/name: expected a name that no recipe of gb10 has, got "docling"/)
})
