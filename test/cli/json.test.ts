import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { commandLine, gb10, newHome, type Ended } from '../support/cli.ts'
import { schemaNames, violations } from '../support/schemas.ts'

const gb10Spark = new URL('../hosts/gb10-live-forms', import.meta.url).pathname

/** Documents that need nothing set up; those of the others are checked where they arise (roundtrip, interrupt, bad-input). */
const documents: [schema: string, code: number, args: string[]][] = [
  ['detect', 0, ['detect']],
  ['detect', 0, ['detect', '--host', gb10Spark]],
  ['doctor', 0, ['doctor', '--host', gb10Spark]],
  ['recipes', 0, ['recipes']],
  ['recipes', 0, ['recipes', 'docling']],
  ['plan', 0, ['plan', '--profile', 'gb10', '--host', gb10Spark]],
  ['plan', 64, ['plan', 'docing', '--host', gb10Spark]],
  ['status', 0, ['status', '--verify']],
  ['uninstall', 0, ['uninstall', '--yes']],
  ['apply', 0, ['resume']],
  ['error', 64, ['env', 'docling']],
  ['error', 64, ['doctor', '--format', 'junit']],
  ['error', 78, ['smoke']],
  ['error', 64, ['undo', 'docling']],
]

test.each(documents)('%s document, exit %d: gb10 %j', async (schema, code, args) => {
  const ended = await gb10([...args, '--json'], newHome())
  expect(violations(ended.stdout, schema)).toEqual([])
  expect(ended.code).toBe(code)
})

test('every schema is named by the field `command` of its documents', () => {
  expect(schemaNames).toEqual(expect.arrayContaining(['apply', 'detect', 'env', 'error', 'plan', 'recipes', 'smoke', 'status', 'undo', 'uninstall', 'up']))
  expect(violations('{"command": "plan", "formatVersion": "2.0"}')).not.toEqual([])
  expect(violations('{"command": "smok"}')).toEqual(['there is no schema for the command "smok"'])
})

describe('in a hostile setting', () => {
  const settings: [string, Record<string, string>][] = [
    ['colour demanded', { FORCE_COLOR: '1' }],
    ['colour demanded and refused', { FORCE_COLOR: '1', NO_COLOR: '1' }],
    ['debugging', { DEBUG: '*', NODE_DEBUG: 'module' }],
    ['tracing', { NODE_OPTIONS: '--trace-warnings --trace-deprecation' }],
    ['a narrow terminal', { COLUMNS: '10', TERM: 'dumb' }],
    ['another language', { LANG: 'tr_TR.UTF-8', LC_ALL: 'de_DE.UTF-8' }],
    ['CI', { CI: 'true', GITHUB_ACTIONS: 'true' }],
  ]
  test.each(settings)('%s: stdout is one document', async (_what, env) => {
    const home = newHome()
    for (const args of [['plan', '--profile', 'gb10', '--host', gb10Spark, '--json'], ['recipes', 'docing', '--json']]) {
      const ended = await gb10(args, home, env)
      expect(violations(ended.stdout)).toEqual([])
      // oxlint-disable-next-line no-control-regex
      if (!env['NODE_DEBUG']) expect(ended.stderr).not.toMatch(/\u001B|Warning/)
    }
  })

  test('colour is SGR alone and changes no word', async () => {
    const home = newHome()
    const args = ['plan', '--profile', 'gb10', '--host', gb10Spark]
    const [bare, coloured, forced]: Ended[] = await Promise.all([gb10(args, home), gb10([...args, '--color', 'always'], home), gb10(args, home, { FORCE_COLOR: '1' })])
    expect(coloured!.stdout).toContain('\u001B[')
    expect(forced!.stdout).toBe(coloured!.stdout)
    // oxlint-disable-next-line no-control-regex
    expect(coloured!.stdout.replaceAll(/\u001B\[[\d;]*m/g, '')).toBe(bare!.stdout)
    for (const refused of ['NO_COLOR', 'GB10_NO_COLOR']) expect((await gb10(args, home, { FORCE_COLOR: '1', [refused]: '1' })).stdout).toBe(bare!.stdout)
    expect((await gb10([...args, '--color', 'never'], home, { FORCE_COLOR: '1' })).stdout).toBe(bare!.stdout)
    expect((await gb10([...args, '--color', 'always'], home, { NO_COLOR: '1' })).stdout).toBe(coloured!.stdout)
  })
})

/** Runs a shell line in which "$@" is the command line of gb10. */
function shell(line: string, args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { env } = newHome()
  return spawnSync('/bin/bash', ['-c', line, 'bash', ...commandLine(args)], { env, encoding: 'utf8' })
}

describe('streams', () => {
  test('a reader that goes is no error', () => {
    const ended = shell('"$@" | head -n 1; exit "${PIPESTATUS[0]}"', ['recipes', '--json'])
    expect(ended).toEqual(expect.objectContaining({ status: 0, stdout: '{\n', stderr: '' }))
  })
  test('closed stderr, closed stdout, closed stdin', () => {
    const closed = shell('"$@" 2>&- <&-', ['recipes', '--json'])
    expect(closed.status).toBe(0)
    expect(violations(closed.stdout, 'recipes')).toEqual([])
    expect(shell('"$@" >&-', ['recipes']).status).toBe(0)
  })
  test('a full disk behind stdout is a failure that is named', () => {
    const full = shell('"$@" >/dev/full', ['recipes', '--json'])
    expect(full.status).toBe(1)
    expect(full.stderr).toMatch(/the output could not be written \(ENOSPC\)/)
  })
})

test('a document larger than a pipe arrives whole at a reader that is late', () => {
  const { stdout } = shell('"$@" | (sleep 1; cat)', ['doctor', '--host', gb10Spark, '--json'])
  expect(stdout.length).toBeGreaterThan(65_536)
  expect(violations(stdout, 'doctor')).toEqual([])
})
