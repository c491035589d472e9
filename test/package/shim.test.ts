import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')
let root: string
let shim: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gb10-shim-'))
  shim = join(root, 'bin/gb10.cjs')
  mkdirSync(join(root, 'src/cli'), { recursive: true })
  mkdirSync(join(root, 'node_modules'))
  cpSync(join(project, 'bin'), join(root, 'bin'), { recursive: true })
  cpSync(join(project, 'package.json'), join(root, 'package.json'))
  writeFileSync(join(root, 'package-lock.json'), '{}')
  writeFileSync(join(root, 'src/cli/main.ts'), `const args: string[] = process.argv.slice(2)
console.log(args.join('|'), process.env['GB10_REEXEC'] ?? 'first')
if (args[0] === 'wait') setTimeout(() => {}, 60_000)
process.exitCode = Number(args.at(-1)) || 0`) // prettier-ignore
})
afterEach(() => rmSync(root, { recursive: true }))

/** Makes a Node that says it is old, by a preloaded file, as the machine's Node might be. */
function oldNode(): string[] {
  const file = join(root, 'old.cjs')
  writeFileSync(file, `if (!process.env.GB10_REEXEC) Object.defineProperty(process.versions, 'node', { value: '20.1.0' })`)
  return ['--require', file]
}

function pinned(): void {
  const file = join(root, `node_modules/node-linux-${process.arch}/bin/node`)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(join(file, '../../package.json'), '{}')
  writeFileSync(file, `#!/bin/sh\nexec ${process.execPath} "$@"\n`)
  chmodSync(file, 0o755)
}

const run = (args: string[], node: string[] = []) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, shim, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('the version that counts as usable is the one of engines', () => {
  const { engines } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { engines: { node: string } }
  const text = readFileSync(join(project, 'bin/gb10.cjs'), 'utf8')
  expect(`>=${/major > (\d+)/.exec(text)?.[1]}.${/\[1\]\) >= (\d+)/.exec(text)?.[1]}`).toBe(engines.node)
})

test('runs the sources of a clone, with the arguments and the exit code', () => {
  expect(run(['a b', '', '3'])).toEqual({ status: 3, stdout: 'a b||3 first\n', stderr: '' })
})

test('keeps compiled code in its own node_modules, and does without where that cannot be written', () => {
  run(['x'])
  expect(existsSync(join(root, 'node_modules/.cache/gb10'))).toBe(true)
  rmSync(join(root, 'node_modules'), { recursive: true })
  expect(run(['x'])).toMatchObject({ status: 0 })
  expect(existsSync(join(root, 'node_modules'))).toBe(false)
})

test('an installed package runs its bundle', () => {
  rmSync(join(root, 'package-lock.json'))
  mkdirSync(join(root, 'dist'))
  writeFileSync(join(root, 'dist/main.js'), `console.log('bundle')`)
  expect(run([]).stdout).toBe('bundle\n')
})

test('an old Node starts the pinned one', () => {
  pinned()
  expect(run(['a b', '4'], oldNode())).toEqual({ status: 4, stdout: 'a b|4 first\n', stderr: '' })
})

test('an old Node with no other says what to do', () => {
  const { status, stderr } = run(['x'], oldNode())
  expect(status).toBe(69)
  expect(stderr).toMatch(/needs Node.js 24.12[^]*Next:/)
  expect(run(['--version'], oldNode()).status).toBe(0)
})

test.each(['SIGTERM', 'SIGHUP'] as const)('%s reaches the started one, and both end by it', async signal => {
  pinned()
  const child = spawn(process.execPath, [...oldNode(), shim, 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise(done => child.stdout.once('data', done))
  child.kill(signal)
  expect(await new Promise(done => child.on('exit', (_code, by) => done(by)))).toBe(signal)
})
