import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gb10, newHome } from '../support/cli.ts'

// In pieces: what a recipe itself says is shown and written down as it stands.
const token = ['ghp', 'aB3dE5gH7jK9mN2pQ4sT6vW8xZaB3dE5gH7j'].join('_')
const prints = `printf 'token is %s_%s\\n' ghp aB3dE5gH7jK9mN2pQ4sT6vW8xZaB3dE5gH7j; exit 4`

test.each([
  ['fails', `probe: ['false'], perform: [sh, -c, "${prints}"], undo: ['true']`, 1],
  ['cannot be asked for', `probe: [sh, -c, "${prints}"], perform: ['true'], undo: ['true']`, 1],
])('a secret in the last lines of a command that %s is cut before they are written down or shown', async (_what, argv, code) => {
  const home = newHome()
  const path = `${home.home}/mine.yaml`
  const text = `name: mine\ntitle: T\ndescription: D.\nchanges:\n  - {id: e, kind: exec, summary: E, ${argv.replaceAll('\\', '\\\\')}}\nverifiedOn: []\nreferences: []\n`
  writeFileSync(path, text)
  const accept = ['--accept', createHash('sha256').update(text).digest('hex')]
  const ended = await gb10(['apply', path, '--yes', ...accept, '--json'], home)
  expect(ended.code, ended.stderr).toBe(code)
  expect(ended.stdout).toContain('token is secret-1')
  const all = ended.stdout + ended.stderr + readFileSync(`${home.home}/.local/state/gb10/ledger.jsonl`, 'utf8')
  expect(all).not.toContain(token)
})
