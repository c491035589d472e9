import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'

// What CI labs do: npm pack, npm install -g, gb10 detect. Once with the bundle, once without, and under the machine's own, older Node.
const project = join(import.meta.dirname, '../..')
const work = mkdtempSync(join(tmpdir(), 'gb10-package-'))
const clone = join(work, 'clone')
const data = ['recipes', 'checks', 'smoke', 'schema'].filter(folder => existsSync(join(project, folder)))
// Without node_modules/.bin, so that npm and node are the machine's.
const machinePath = (process.env['PATH'] ?? '').split(':').filter(folder => !folder.includes('node_modules')).join(':') // prettier-ignore

const run = (file: string, args: string[], cwd = clone, path = machinePath) =>
  execFileSync(file, args, { cwd, encoding: 'utf8', env: { ...process.env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] })

beforeAll(() => {
  const files = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], project)
  for (const file of files.split('\0').filter(name => name && existsSync(join(project, name)))) {
    mkdirSync(join(clone, dirname(file)), { recursive: true })
    cpSync(join(project, file), join(clone, file))
  }
})
afterAll(() => rmSync(work, { recursive: true }))

function packAndInstall(prefix: string): { gb10: string; root: string; size: number } {
  const [packed] = JSON.parse(run('npm', ['pack', '--json'])) as { filename: string; size: number }[]
  if (!packed) throw new Error('npm pack made nothing')
  run('npm', ['install', '-g', '--prefix', prefix, '--loglevel=error', `./${packed.filename}`])
  return { gb10: join(prefix, 'bin/gb10'), root: join(prefix, 'lib/node_modules/gb10'), size: packed.size }
}

test('with the bundle: small, fast to load, whole', () => {
  symlinkSync(join(project, 'node_modules'), join(clone, 'node_modules'))
  run('npm', ['run', 'build'])
  rmSync(join(clone, 'node_modules'))
  const { gb10, root, size } = packAndInstall(join(work, 'with bundle'))
  expect(run(gb10, ['--version'])).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(JSON.parse(run(gb10, ['detect', '--json']))).toMatchObject({ command: 'detect', machine: { dgxSpark: expect.any(String) } })
  expect(readdirSync(root)).toEqual(expect.arrayContaining(['bin', 'dist', ...data]))
  expect(size).toBeLessThan(2_000_000)
  // Nothing that draws may be in what every command loads.
  const main = run('cat', [join(root, 'dist/main.js')])
  expect(main).not.toMatch(/yoga|react-reconciler|from\s*["'](?:ink|react|listr2)["']/)
})

test('a bare `npm pack` without the bundle works too', () => {
  rmSync(join(clone, 'dist'), { recursive: true, force: true })
  const { gb10, root } = packAndInstall(join(work, 'without bundle'))
  expect(existsSync(join(root, 'dist'))).toBe(false)
  expect(JSON.parse(run(gb10, ['detect', '--json']))).toMatchObject({ command: 'detect' })
})

test('under the pinned Node it does not start a second one', () => {
  const { gb10 } = { gb10: join(work, 'with bundle/bin/gb10') }
  const out = run(process.execPath, [gb10, 'detect', '--json'])
  expect(JSON.parse(out)).toMatchObject({ command: 'detect' })
})
