import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gb10, newHome } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'

/** The script of a shell, in a file. */
async function scriptOf(shell: string): Promise<{ path: string; env: Record<string, string> }> {
  const home = newHome()
  const { code, stdout } = await gb10(['completion', shell], home)
  expect(code).toBe(0)
  writeFileSync(`${home.home}/script`, stdout)
  return { path: `${home.home}/script`, env: home.env }
}

test.each([
  ['a command', ['und'], ['undo']],
  ['the value of a flag', ['doctor', '--format', 'j'], ['json', 'junit']],
  ['a profile', ['up', '--profile', 'c'], ['cuda13', 'cpu']],
  ['an area', ['doctor', '--area', 'p'], ['platform', 'power', 'python']],
  ['a flag of that command', ['doctor', '--fa'], ['--fail-on']],
  ['a flag of every command', ['status', '--js'], ['--json']],
  ['a recipe', ['apply', 'torch'], ['torch-cu130']],
  ['a problem', ['explain', 'driver-not-res'], ['driver-not-responding']],
  ['a fixed word', ['baseline', 'co'], ['compare']],
])('bash completes %s', async (_what, words, expected) => {
  const { path } = await scriptOf('bash')
  const line = `source '${path}'; COMP_WORDS=(gb10 "$@"); COMP_CWORD=$#; _gb10; printf '%s\\n' "\${COMPREPLY[@]}"`
  expect(execFileSync('bash', ['-c', line, 'bash', ...words], { encoding: 'utf8' }).trim().split('\n')).toEqual(expected)
})

test.each(['bash', 'zsh', 'fish'])('%s reads the script without a word', async (shell) => {
  const { path, env } = await scriptOf(shell)
  const { error, status, stdout, stderr } = spawnSync(shell, [shell === 'fish' ? '--no-execute' : '-n', path], { env, encoding: 'utf8' })
  if (error) return expect((error as NodeJS.ErrnoException).code).toBe('ENOENT') // not on this machine
  expect([status, stdout, stderr]).toEqual([0, '', ''])
})

test('as a document, and of an unknown shell', async () => {
  const home = newHome()
  expect(violations((await gb10(['completion', 'bash', '--json'], home)).stdout, 'completion')).toEqual([])
  expect((await gb10(['completion', 'tcsh'], home)).code).toBe(64)
})
