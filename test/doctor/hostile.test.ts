import { parse as readJunit } from 'junit2json'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import readPrometheus from 'parse-prometheus-text-format'
import { expect, it } from 'vitest'
import { commandLine, newHome } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'

const sick = new URL('../hosts/library-mismatch', import.meta.url).pathname
const FORMATS = ['json', 'junit', 'github', 'prometheus', 'markdown'] as const

/** A shell line around "$@", the command line of gb10, and variables; null takes one away. */
type Setting = { env?: Record<string, string | null>; line?: string }
const settings: Record<string, Setting> = {
  'colour demanded': { env: { FORCE_COLOR: '3', CLICOLOR_FORCE: '1', COLORTERM: 'truecolor' } },
  'colour demanded and refused': { env: { FORCE_COLOR: '1', NO_COLOR: '1' } },
  'debugging of packages': { env: { DEBUG: '*' } },
  'debugging of Node': { env: { NODE_DEBUG: 'module,fs,child_process,esm' } },
  'warnings traced': { env: { NODE_OPTIONS: '--trace-warnings --trace-deprecation --pending-deprecation' } },
  'warnings thrown': { env: { NODE_OPTIONS: '--throw-deprecation --unhandled-rejections=strict' } },
  'a reporter of exits': { env: { NODE_OPTIONS: '--trace-exit' } },
  'development of React': { env: { NODE_ENV: 'development', DEV: 'true' } },
  'no HOME': { env: { HOME: null } },
  'hardly any variable': { env: { HOME: null, PATH: null, LANG: null, TMPDIR: null, PIP_CONFIG_FILE: null } },
  'folders that are no paths': { env: { XDG_CONFIG_HOME: 'relative', XDG_STATE_HOME: '', TMPDIR: '/nowhere' } },
  'a narrow terminal': { env: { COLUMNS: '1', LINES: '1', TERM: 'dumb' } },
  'an unknown terminal': { env: { TERM: 'nonsense-256color' } },
  'another language': { env: { LANG: 'tr_TR.UTF-8', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'fr' } },
  'no language': { env: { LANG: null, LC_ALL: 'C' } },
  'an odd time zone': { env: { TZ: 'Asia/Kathmandu' } },
  'a GitHub job': { env: { CI: 'true', GITHUB_ACTIONS: 'true' } },
  'a debugged GitHub job': { env: { CI: 'true', GITHUB_ACTIONS: 'true', RUNNER_DEBUG: '1', ACTIONS_STEP_DEBUG: 'true' } },
  'closed stderr': { line: '"$@" 2>&-' },
  'a full disk behind stderr': { line: '"$@" 2>/dev/full' },
  'closed stdin': { line: '"$@" <&-' },
  'a folder that is gone': { line: 'mkdir -p "$TMPDIR/gone"; cd "$TMPDIR/gone"; rmdir "$TMPDIR/gone"; "$@"' },
  'a small stack and few files': { line: 'ulimit -n 64; "$@"' },
}

it.each(Object.entries(settings))('machine formats in a hostile setting: %s', async (_what, { env: change, line = '"$@"' }) => {
  const { home, env } = newHome()
  mkdirSync(`${home}/out`)
  const set = Object.entries({ ...env, ...change }).filter((pair): pair is [string, string] => pair[1] !== null)
  const outputs = FORMATS.flatMap((format) => ['--output', `${format}=${home}/out/${format}`])
  const argv = ['-c', line, 'bash', ...commandLine(['doctor', '--json', '--host', sick, ...outputs])]
  const { status, stdout } = spawnSync('/bin/bash', argv, { env: Object.fromEntries(set), encoding: 'utf8', maxBuffer: 64e6 })
  expect([status, violations(stdout, 'doctor')]).toEqual([1, []])
  const text = (format: (typeof FORMATS)[number]): string => readFileSync(`${home}/out/${format}`, 'utf8')
  expect(text('json')).toBe(stdout)
  const { results } = JSON.parse(stdout) as { results: object[] }
  expect(await readJunit(text('junit'))).toMatchObject({ name: 'gb10 doctor', tests: results.length })
  const gauges = readPrometheus(text('prometheus')).find(({ name }) => name === 'gb10_check_status')
  expect(gauges?.metrics).toHaveLength(results.length)
  expect(text('github').trim().split('\n').filter((one) => !/^::(error|warning|notice) title=[^:]*::./.test(one))).toEqual([])
  expect(text('markdown')).toMatch(/^\| FAIL \| .*`driver-library-version-mismatch`/m)
  // oxlint-disable-next-line no-control-regex
  expect(FORMATS.map(text).join('')).not.toMatch(/\u001B/)
})

it.each(FORMATS)('a reader of %s that goes is no error', (format) => {
  const { env } = newHome()
  const line = '"$@" | head -c 1 >/dev/null; exit "${PIPESTATUS[0]}"'
  const argv = ['-c', line, 'bash', ...commandLine(['doctor', '--format', format, '--host', sick])]
  expect(spawnSync('/bin/bash', argv, { env, encoding: 'utf8' })).toMatchObject({ status: 1, stderr: '' })
})
