import { execFileSync } from 'node:child_process'
import { chmodSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { machine, sandbox } from '../support/sandbox.ts'

const files = new URL('../../src/host/files.ts', import.meta.url)

test('a folder without any right can be opened by the user whose it is', () => {
  const { home } = sandbox()
  chmodSync(`${home}/..`, 0o755)
  mkdirSync(`${home}/closed`)
  chmodSync(`${home}/closed`, 0)
  const script = `import(${JSON.stringify(files.href)}).then(({ chmod }) => chmod(${JSON.stringify(`${home}/closed`)}, 0o700))`
  const root = process.geteuid!() === 0
  if (root) execFileSync('chown', ['65534:65534', `${home}/closed`])
  const argv = [...(root ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []), process.execPath, '-e', script]
  execFileSync(argv[0]!, argv.slice(1))
  expect(lstatSync(`${home}/closed`).mode & 0o777).toBe(0o700)
})

test('what a link leads to keeps its mode', () => {
  const { home } = sandbox()
  mkdirSync(`${home}/theirs`, { mode: 0o755 })
  symlinkSync('theirs', `${home}/link`)
  expect(() => machine.chmod(`${home}/link`, 0o700)).toThrow(`${home}/link is a link`)
  expect(lstatSync(`${home}/theirs`).mode & 0o777).toBe(0o755)
})
