import { execFileSync } from 'node:child_process'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { askSource, demandsOf, NO_GIT, type Demand } from '../../src/host/preflight.ts'
import type { Want } from '../../src/model/change.ts'
import { sandbox } from '../support/sandbox.ts'
import { wheel, wheelIndex } from '../support/wheel-index.ts'

const env = { PATH: process.env['PATH']!, HOME: '/nonexistent' }
const ask = (demand: Demand, more: Record<string, string> = {}) => askSource({ ...env, ...more }, demand, new AbortController().signal)

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  onTestFinished(() => void server.close())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const venv = (...packages: string[]): Want =>
  ({ kind: 'venv', path: '/x', steps: [{ packages, index: 'https://wheels.example' }] }) as unknown as Want

test('every pinned package of a step is asked for, once', () => {
  const wants = [venv('torch==2.14.1', 'Docling_Parse[ocr]==1.0 ; python_version > "3"', 'numpy', 'any==1.*'), venv('torch==2.14.1')]
  const index = 'https://wheels.example'
  expect(demandsOf(wants)).toEqual([
    { index, project: 'torch', version: '2.14.1' },
    { index, project: 'docling-parse', version: '1.0' },
  ])
})

test.each([
  ['2.14.1', 'torch-2.14.1+cu130-cp312-cp312-manylinux_2_28_aarch64.whl', true],
  ['2.14.1+cu130', 'torch-2.14.1+cpu-cp312-cp312-linux_x86_64.whl', false],
  ['1.0', 'torch-1.0.1-py3-none-any.whl', false],
  ['1.0', 'torch-1.0.0-py3-none-any.whl', true],
  ['1.0', 'torch-1.0.tar.gz', true],
  ['1.0', 'torch-1.0rc1.tar.gz', false],
])('torch %s in %s: %s', async (version, file, there) => {
  const { url } = await wheelIndex([{ ...wheel('torch', version), file }])
  expect(await ask({ index: url, project: 'torch', version })).toEqual(there ? null : expect.stringMatching(`has no torch ${version.replace('+', '.')}`))
})

test('a host that does not know HEAD is asked for one byte', async () => {
  const asked: string[] = []
  const answer = (known: number): Promise<string> =>
    serve((request, response) => {
      asked.push(`${request.method} ${request.headers.range ?? ''}`)
      response.writeHead(request.method === 'HEAD' ? 405 : known).end('x')
    })
  expect(await ask({ url: `${await answer(206)}/f` })).toBeNull()
  expect(await ask({ url: `${await answer(404)}/f` })).toMatch(/answered 404/)
  expect(asked).toEqual(['HEAD ', 'GET bytes=0-0', 'HEAD ', 'GET bytes=0-0'])
})

test('a repository is asked for before anything is changed, and so is git', async () => {
  const { home } = sandbox()
  execFileSync('git', ['init', '--quiet', '--bare', `${home}/x.git`])
  const clone = (url: string): Want => ({ kind: 'clone', path: '/x', url, revision: 'main' })
  const gone = `${await serve((_request, response) => response.writeHead(404).end())}/x.git`
  expect(demandsOf([clone(gone)])).toEqual([{ repository: gone }])
  expect(await ask({ repository: `file://${home}/x.git` })).toBeNull()
  expect(await ask({ repository: gone })).toMatch(/^git cannot read http:\/\/127.*x\.git: fatal: .*not found/)
  expect(await ask({ repository: gone }, { PATH: '/nonexistent' })).toBe(NO_GIT)
})
