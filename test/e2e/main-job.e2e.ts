import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { box, canBox } from '../box/box.ts'

/** The plain user of the box. */
const SPARK = 1000
const root = resolve(import.meta.dirname, '../..')
const work = mkdtempSync(join(tmpdir(), 'gb10-main-job-'))
const folder = (name: string): string => join(work, name)
const text = (name: string): string => readFileSync(join(folder('out'), name), 'utf8')
const json = (name: string): any => JSON.parse(text(name))

/** The pinned uv's wheel on an index of its own: the machine in the box has no pip that could be asked for it. */
async function uvIndex(): Promise<{ url: string; close: () => void }> {
  const [tool] = (parse(readFileSync(join(root, 'recipes/_tools.yaml'), 'utf8')) as { tools: { version: string }[] }).tools
  execFileSync('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder('uv'), `uv==${tool!.version}`])
  const wheel = readdirSync(folder('uv'))[0]!
  const server = createServer((request, response) => {
    if (request.url === '/simple/uv/') response.setHeader('content-type', 'text/html').end(`<a href="/${wheel}">${wheel}</a>`)
    else if (request.url === `/${wheel}`) response.end(readFileSync(join(folder('uv'), wheel)))
    else response.writeHead(404).end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`, close: () => server.close() }
}

describe.skipIf(!canBox)('the main job with the real PyTorch and the real Docling', () => {
  beforeAll(async () => {
    for (const name of ['home', 'models', 'out', 'uv']) mkdirSync(folder(name))
    for (const name of ['home', 'models', 'out']) chownSync(folder(name), SPARK, SPARK)
    chmodSync(work, 0o755)
    const index = await uvIndex()
    const bindWritable = { [folder('home')]: '/home/me', [folder('models')]: '/models', [folder('out')]: '/out' }
    const options = { packages: ['python3', 'faketime', 'procps'], user: 'spark' as const, bind: { [root]: '/gb10' }, bindWritable, timeoutMs: 1_500_000 }
    const { code, stdout, stderr } = await box({ ...options, env: { HOME: '/home/me', UV_WHEELS: index.url } }, ['sh', '/gb10/test/e2e/main-job.sh'])
    index.close()
    expect(code, `${stdout}\n${stderr}`).toBe(0)
  }, 1_600_000)
  afterAll(() => rmSync(work, { recursive: true, force: true }))

  test('a run that was killed is seen, and goes on', () => {
    expect(json('stopped.json')).toMatchObject({ resume: { command: 'up' }, recipes: [{ name: 'docling' }] })
    expect(json('stopped.json').recipes[0].unfinished).toHaveLength(1)
    expect(json('resume.json')).toMatchObject({ command: 'apply', status: 'done' })
  })

  test('without models the proof is blocked and says how to get them', () => {
    expect(text('no-models.code').trim()).toBe('2')
    expect(json('no-models.json').results[0]).toMatchObject({ verdict: 'blocked', reason: expect.stringMatching(/Get them: gb10 run docling/) })
  })

  test('the text of both pages comes out right, and stand-in models are not called proof', () => {
    expect(text('up.code').trim()).toBe('2')
    const [smoke] = json('up.json').smoke
    expect(smoke).toMatchObject({ name: 'docling', verdict: 'blocked', model: 'stand-in', device: 'cpu', metrics: { path: 'pass' } })
    expect(text('up.log')).not.toMatch(/It works/)
  })

  test('uninstall leaves nothing, a week and ten Python runs later', () => {
    expect(Number(text('size'))).toBeGreaterThan(1_000_000)
    expect(json('uninstall.json')).toMatchObject({ status: 'done', kept: [], failed: [], verified: { differences: [] } })
    for (const what of ['home', 'tmp', 'du']) expect(text(`after-first.${what}`)).toBe(text(`before.${what}`))
  })

  test('after kill -9 in the middle, uninstall leaves nothing', () => {
    expect(text('second.killed').trim()).toBe('137')
    expect(json('uninstall-killed.json')).toMatchObject({ status: 'done', kept: [], failed: [], verified: { differences: [] } })
    expect(text('survivors')).toBe('')
    for (const what of ['home', 'tmp', 'du']) expect(text(`after-second.${what}`)).toBe(text(`before.${what}`))
  })
})
