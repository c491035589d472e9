import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Clone, fakeNode, fakeNpm, launch, makeClone, project, removeClone, start, tree } from './clone.ts'

let clone: Clone
let npmLog: string
const unreachable = { GB10_SOURCE_NODE: 'http://127.0.0.1:9' }

beforeEach(() => {
  clone = makeClone()
  npmLog = join(clone.folder, 'npm')
})
afterEach(() => removeClone(clone))

const machine = (node: string | undefined, npm: string | undefined) => {
  if (node) fakeNode(join(clone.bin, 'node'), node)
  if (npm) fakeNpm(join(clone.bin, 'npm'), npm, npmLog)
}

test('--version needs no Node and makes nothing', async () => {
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string }
  const before = tree(clone.folder)
  expect(await launch(clone, ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
  expect(tree(clone.folder)).toEqual(before)
})

test('Node 20 with npm: npm brings the pinned Node and the packages', async () => {
  machine('20.20.2', '10.8.2')
  const first = await launch(clone, ['up', '--yes'])
  expect(first).toMatchObject({ code: 0, stdout: '{"args":["up","--yes"],"node":"24.21.0"}\n' })
  expect(first.stderr).toContain('found: v20.20.2')
  expect(readFileSync(npmLog, 'utf8')).toMatch(/^ci --omit=dev --include=optional /)
  expect(await launch(clone, ['status'])).toMatchObject({ code: 0, stderr: '' })
  expect(readFileSync(npmLog, 'utf8').trim().split('\n')).toHaveLength(1)
})

test('Node 24 with npm: brings the packages only', async () => {
  machine('24.12.0', '11.0.0')
  expect(await launch(clone, ['up'])).toMatchObject({ code: 0, stdout: '{"args":["up"],"node":"24.12.0"}\n' })
  expect(readFileSync(npmLog, 'utf8')).toContain('--omit=optional')
})

test('a Node below engines is never used, even where all packages are there', async () => {
  machine('24.11.1', undefined)
  mkdirSync(join(clone.root, 'node_modules/one'), { recursive: true })
  writeFileSync(join(clone.root, 'node_modules/one/package.json'), '{"version":"1.0.0"}')
  writeFileSync(join(clone.root, 'node_modules/.package-lock.json'), '{}')
  const { code, stdout, stderr } = await launch(clone, ['detect'], unreachable)
  expect({ code, stdout }).toEqual({ code: 69, stdout: '' })
  expect(stderr).toContain('found: v24.11.1')
})

test.each([0, 2])('package.json may be on one line or laid out as npm does: %i', async indent => {
  machine('24.11.1', '11.0.0')
  const file = join(clone.root, 'package.json')
  writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, 'utf8')), null, indent))
  expect(await launch(clone, ['detect'])).toMatchObject({ code: 0, stderr: expect.stringContaining('found: v24.11.1') })
})

test('npm 9 is too old to be used', async () => {
  machine('24.12.0', '9.9.9')
  expect(await launch(clone, ['detect'], unreachable)).toMatchObject({ code: 69 })
  expect(existsSync(npmLog)).toBe(false)
})

test('the pinned Node without the packages: npm brings them', async () => {
  machine('20.20.2', '11.0.0')
  fakeNode(join(clone.root, `node_modules/node-linux-${process.arch}/bin/node`), '24.21.0')
  expect(await launch(clone, ['detect'])).toMatchObject({ code: 0 })
  expect(existsSync(join(clone.root, 'node_modules/one'))).toBe(true)
})

test('npm fails: says so, changes nothing', async () => {
  machine('20.20.2', '11.0.0')
  writeFileSync(`${npmLog}.fail`, '')
  const { code, stderr } = await launch(clone, ['up'])
  expect(code).toBe(69)
  expect(stderr).toMatch(/npm error network[^]*nothing was changed[^]*Next:.*npm ci --omit=dev/)
  expect(readdirSync(clone.root)).not.toContain('node_modules')
  expect(readdirSync(clone.home)).toEqual([])
})

test('SIGTERM while npm works leaves nothing', async () => {
  machine('20.20.2', '11.0.0')
  const slow = readFileSync(join(clone.bin, 'npm'), 'utf8').replace('mkdir -p', 'exec sleep 30; mkdir -p')
  writeFileSync(join(clone.bin, 'npm'), slow)
  const { child, ended } = start(clone, ['up'])
  while (!existsSync(npmLog)) await new Promise(done => setTimeout(done, 20))
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ signal: 'SIGTERM' })
  expect(readdirSync(clone.root).filter(name => /gb10-install|node_modules/.test(name))).toEqual([])
})

test('what a killed run left in the clone is removed by the next', async () => {
  machine('20.20.2', '11.0.0')
  mkdirSync(join(clone.root, '.gb10-install.999999999/node_modules'), { recursive: true })
  expect(await launch(clone, ['up'])).toMatchObject({ code: 0 })
  expect(readdirSync(clone.root).filter(name => name.startsWith('.gb10'))).toEqual([])
})

test('a lock file that is younger but asks for nothing else brings nothing', async () => {
  machine('20.20.2', '11.0.0')
  await launch(clone, ['up'])
  utimesSync(join(clone.root, 'package-lock.json'), new Date(), new Date(Date.now() + 60_000))
  expect(await launch(clone, ['up'])).toMatchObject({ code: 0, stderr: '' })
  utimesSync(join(clone.root, 'package-lock.json'), new Date(), new Date(Date.now() - 60_000))
  expect(await launch(clone, ['up'])).toMatchObject({ code: 0, stderr: '' })
  expect(existsSync(join(clone.root, 'node_modules/.gb10-compared'))).toBe(true)
  expect(readFileSync(npmLog, 'utf8').trim().split('\n')).toHaveLength(1)
})

test("a contributor's node_modules is not replaced", async () => {
  machine('20.20.2', '11.0.0')
  mkdirSync(join(clone.root, 'node_modules/vitest'), { recursive: true })
  const { code, stderr } = await launch(clone, ['up'])
  expect(code).toBe(69)
  expect(stderr).toContain('&& npm ci')
  expect(existsSync(npmLog)).toBe(false)
})

test('found through a chain of links', async () => {
  machine('24.12.0', '11.0.0')
  symlinkSync('../clone of gb10/gb10', join(clone.home, 'first'))
  symlinkSync('first', join(clone.home, 'second'))
  const linked = { ...clone, root: clone.home }
  symlinkSync('second', join(clone.home, 'gb10'))
  expect(await launch(linked, ['detect'])).toMatchObject({ code: 0 })
})
