import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { commandLine, gb10, newHome } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'

const PASTE = "INFO fine\nptxas fatal   : Value 'sm_121a' is not defined for option 'gpu-name'\n"
type Document = {
  lines: number | null
  matches: { id: string; line: number | null; match: string; fix: string[] }[]
  framework: { name: string } | null
}

/** Runs explain with a text on stdin, in a folder of its own. */
function explain(
  args: string[],
  input: string | Buffer = '',
): { code: number | null; stdout: string; stderr: string; document: Document } {
  const { home, env } = newHome()
  writeFileSync(`${home}/build.log`, PASTE)
  mkdirSync(`${home}/vllm`)
  mkdirSync(`${home}/deep`)
  const [program, ...rest] = commandLine(['explain', ...args])
  const { status, stdout, stderr } = spawnSync(program!, rest, { env, input, cwd: home, encoding: 'utf8' })
  return { code: status, stdout, stderr, document: args.includes('--json') ? (JSON.parse(stdout) as Document) : (null as never) }
}

test.each([
  ['stdin', ['-'], PASTE, 2],
  ['stdin without a dash', [], PASTE, 2],
  ['a file', ['build.log'], '', 2],
  ['text', ["Value 'sm_121a' is not defined for option 'gpu-name'"], '', 1],
  ['text in several words', ['Value', 'sm_121a', 'is', 'not', 'defined', 'for', 'option', 'gpu-name'], '', 1],
  ['one word, longer than a name can be', [`${'so '.repeat(2000)}Value 'sm_121a' is not defined for option 'gpu-name'`], '', 1],
  ['an id', ['triton-ptxas-sm121a'], '', null],
  ['words', ['ptxas', 'sm_121a'], '', null],
])('%s', (_what, args, input, line) => {
  const { code, stdout, document } = explain([...args, '--json'], input)
  expect(violations(stdout, 'explain')).toEqual([])
  expect(document.matches[0]).toMatchObject({ id: 'triton-ptxas-sm121a', line })
  expect(code).toBe(0)
})

test('a framework, also where a folder has its name', () => {
  const { code, stdout, document } = explain(['vllm', '--json'])
  expect(violations(stdout, 'explain')).toEqual([])
  expect(document).toMatchObject({ matches: [], framework: { name: 'vllm', state: 'works' } })
  expect(code).toBe(0)
  expect(explain(['vLLM']).stdout).toMatch(/^vLLM on GB10 .*works\n[^]*Known problems[^]*https:/)
})

test.each([
  ['gzip', gzipSync(PASTE), 'zcat'],
  ['zstd', zstdCompressSync(PASTE), 'zstdcat'],
])('a log that is compressed with %s is not called free of problems', (_what, packed, by) => {
  const ended = explain(['-', '--json'], packed)
  expect(ended.code).toBe(64)
  expect(JSON.parse(ended.stdout)).toMatchObject({ command: 'error', next: `${by} FILE | gb10 explain -` })
})

test('the path of a folder is no question, whatever the examples of problems hold', () => {
  expect(explain(['/tmp', '--json']).document.matches).toEqual([])
})

test.each([
  ['a file that is not there', 'biuld.log', 'there is no file biuld.log here'],
  ['one in a folder', './logs/build', 'there is no file ./logs/build here'],
  ['a folder', 'deep', 'deep is a folder here'],
])('%s is told, as its name says nothing as a text', (_what, word, said) => {
  expect(explain([word])).toMatchObject({ code: 1, stderr: expect.stringContaining(said) as string })
})

test('words that name no file need no remark', () => {
  expect(explain(['no-such-problem'])).toMatchObject({ code: 1, stderr: '' })
})

const asNobody = ['--reuid=65534', '--clear-groups']
/** As root, and where others may read this checkout. */
const mayChange = process.geteuid!() === 0 && spawnSync('setpriv', [...asNobody, 'test', '-r', commandLine([])[1]!]).status === 0

test.skipIf(!mayChange)('a log of somebody else: how to read it all the same', () => {
  const { home, env } = newHome()
  writeFileSync(`${home}/theirs.log`, PASTE, { mode: 0o600 })
  const [program, ...rest] = commandLine(['explain', `${home}/theirs.log`])
  const ended = spawnSync('setpriv', [...asNobody, program!, ...rest], { env, encoding: 'utf8' })
  expect([ended.status, ended.stderr]).toEqual([1, expect.stringMatching(/you may not read \S+\n +Next: sudo cat \S+theirs\.log \| gb10 explain -/)])
})

test('nothing known: exit 1, and what to do next', () => {
  expect(explain(['-', '--json'], 'all is well\n')).toMatchObject({ code: 1, document: { lines: 1, matches: [] } })
  expect(explain(['-'], 'all is well\n').stdout).toBe('No known problem in 1 line.\nTo look at the machine itself: gb10 doctor\n')
  expect(explain(['triton-ptxas-sm999a']).stdout).toContain('Did you mean: gb10 explain triton-ptxas-sm121a')
})

test('for people: words for the severity, the line, the fix; foreign text cannot move the cursor', () => {
  const { stdout, code } = explain(['-'], `\u001B]0;title\u0007\u001B[2J${PASTE}`)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^BROKEN {4}Triton/)
  expect(stdout).toContain("Line 2   ptxas fatal : Value 'sm_121a'")
  expect(stdout).toMatch(/1 known problem in 2 lines: 1 broken\.\n$/)
  expect(stdout).not.toMatch(/[^\P{Cc}\n]/u)
  expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes('$ '))).toEqual([])
  expect(explain(['-'], 'NVIDIA GB10, [N/A], 12.1\n').stdout).toMatch(/^BENIGN[^]*Nothing here needs repair\.\n$/)
})

test('the page of a problem', () => {
  const { stdout } = explain(['triton-ptxas-sm121a'])
  for (const part of ['What and why', 'How it is judged', 'Remedy', 'Sample', 'References', 'confidence A', '(2026-11-20)'])
    expect(stdout).toContain(part)
})

test('several logs at once, and bytes that are no text', () => {
  expect(explain(['build.log', 'build.log'])).toMatchObject({ code: 64, stderr: expect.stringContaining('one log at a time') })
  expect(explain(['-', '--json'], Buffer.from([0xff, 0xfe, 0, 0x80, 0x0a, 0xc3])).code).toBe(1)
})

test.skipIf(!existsSync('/usr/bin/script'))('a page longer than the screen goes through the pager that the user named (needs script)', () => {
  const { home, env } = newHome()
  const onTerminal = (args: string[], pager = 'cat >"$HOME/paged"'): string => {
    const line = ['stty rows 20 cols 80;', ...commandLine(['explain', ...args]), '; echo "code $?"'].join(' ')
    return spawnSync('script', ['-qec', line, '/dev/null'], { env: { ...env, TERM: 'xterm', PAGER: pager }, encoding: 'utf8' }).stdout
  }
  expect(onTerminal(['nothing-known'])).toContain('No known problem')
  expect(onTerminal(['--plain', 'triton-ptxas-sm121a'])).toContain('What and why')
  expect(existsSync(`${home}/paged`)).toBe(false)
  expect(onTerminal(['triton-ptxas-sm121a'])).toBe('code 0\r\n')
  expect(readFileSync(`${home}/paged`, 'utf8')).toContain('What and why')
  // Ctrl-C belongs to the pager, and what a failing one has not shown is shown without it.
  const twice = 'trap "" INT; kill -INT $PPID; sleep 0.2; kill -INT $PPID; sleep 0.2; cat >"$HOME/interrupted"'
  expect(onTerminal(['triton-ptxas-sm121a'], twice)).toBe('code 0\r\n')
  expect(readFileSync(`${home}/interrupted`, 'utf8')).toContain('What and why')
  expect(onTerminal(['triton-ptxas-sm121a'], 'false')).toContain('What and why')
})

test('words about a problem are no sighting of it', () => {
  expect(explain(['ptxas', 'sm_121a']).stdout).toMatch(/No message was recognised; \d known problems? with these words\.\n$/)
})

test('help names it among the first', async () => {
  const { stdout } = await gb10(['--help'], newHome())
  expect(stdout).toMatch(/Commands:[^]*explain[^]*More:/)
})

test('Ctrl-C ends the reading and tells what was found so far', async () => {
  const [program, ...rest] = commandLine(['explain', '-', '--json'])
  const child = spawn(program!, rest, { env: newHome().env, stdio: ['pipe', 'pipe', 'ignore'] })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece))
  // More than a pipe holds: when the second half is taken, the first was read, and so the command listens.
  child.stdin.write(PASTE)
  await new Promise((done) => child.stdin.write('INFO fine\n'.repeat(60_000), done))
  child.kill('SIGINT')
  const [code] = (await once(child, 'close')) as [number]
  expect(violations(stdout, 'explain')).toEqual([])
  expect(JSON.parse(stdout)).toMatchObject({ matches: [{ id: 'triton-ptxas-sm121a', line: 2 }] })
  expect(code).toBe(130)
})

test('Ctrl-C ends the reading of a pipe with a name, too, that says no more', async () => {
  const { home, env } = newHome()
  const words = commandLine(['explain', `${home}/pipe`, '--json'])
  const open = 'mkfifo "$HOME/pipe"; exec 3<>"$HOME/pipe"; cat >&3' // and holds it open, so that it does not end
  const line = `${open}; timeout --preserve-status -k 8 -s INT 1 "$@"`
  const { status, stdout } = spawnSync('bash', ['-c', line, 'bash', ...words], { env, encoding: 'utf8', input: PASTE })
  expect(violations(stdout, 'explain')).toEqual([])
  expect([status, JSON.parse(stdout)]).toEqual([130, expect.objectContaining({ matches: [expect.objectContaining({ id: 'triton-ptxas-sm121a' })] })])
})

test('where there is no cat, as in a container of one program, it says so', async () => {
  const ended = await gb10(['explain', '/proc/version'], newHome(), { PATH: '/nowhere' })
  expect(ended.stderr).toBe('gb10: /proc/version cannot be read without the program cat\n      Next: mend what is named above, then try again\n')
  expect(ended.code).toBe(1)
})

test('the number of a late line stands apart from the line', () => {
  expect(explain(['-'], '\n'.repeat(123_456) + PASTE).stdout).toMatch(/^ {2}Line 123458 ptxas fatal/m)
})
