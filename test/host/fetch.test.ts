import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../../src/ledger/chain.ts'
import { machine, sandbox } from '../support/sandbox.ts'

const SIZE = 300_000
const content = (letter: string, size = SIZE): Buffer => Buffer.alloc(size, letter)

type Version = { body: Buffer; headers: Record<string, string> }

/** A server of one file that breaks off in the middle of its first answer, and of another version of it from then on. */
async function serve(first: Version, then: Version, ranges = true) {
  const asked: (string | undefined)[] = []
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { range, 'if-range': condition } = request.headers
    asked.push(range && `${range} ${String(condition)}`)
    const { body, headers } = asked.length === 1 ? first : then
    const from = ranges ? Number(/\d+/.exec(range ?? '')?.[0] ?? 0) : 0
    if (from >= body.length) return void response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end()
    const whole = from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length - from, ...headers, ...whole })
    if (asked.length > 1) return void response.end(body.subarray(from))
    response.write(body.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 50))
  }
  const server = createServer(answer)
  onTestFinished(() => void server.close())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/f`, asked }
}

/** Fetches once, which breaks off, and again. */
async function twice(first: Version, then: Version, ranges = true) {
  const { home } = sandbox()
  const { url, asked } = await serve(first, then, ranges)
  await expect(machine.fetch(url, `${home}/f.part`, {})).rejects.toThrow(/broke off after/)
  const hash = await machine.fetch(url, `${home}/f.part`, {})
  const bytes = readFileSync(`${home}/f.part`)
  expect([hash, readdirSync(home)]).toEqual([sha256(bytes), ['f.part']])
  return { bytes, asked }
}

const TIME = 'Tue, 03 Nov 2026 10:00:00 GMT'

describe('a download that was stopped', () => {
  test.each<[string, Record<string, string>, string]>([
    ['a strong tag', { etag: '"a"', 'last-modified': TIME }, '"a"'],
    ['the time of the last change, where the tag is weak', { etag: 'W/"a"', 'last-modified': TIME }, TIME],
  ])('goes on from where it was, on the condition of %s', async (_name, headers, condition) => {
    const file = { body: content('a'), headers }
    const { bytes, asked } = await twice(file, file)
    expect(bytes.equals(file.body)).toBe(true)
    expect(asked).toEqual([undefined, `bytes=100000- ${condition}`])
  })

  test.each<[string, Version, Version, boolean]>([
    ['and the server tells by the tag alone', { body: content('a'), headers: { etag: '"a"' } }, { body: content('b'), headers: { etag: '"b"' } }, true],
    ['and the server starts over', { body: content('a'), headers: { etag: '"a"' } }, { body: content('b'), headers: { etag: '"b"' } }, false],
    ['to another size', { body: content('a'), headers: { etag: '"a"' } }, { body: content('b', SIZE + 1), headers: { etag: '"a"' } }, true],
    ['to less than what came', { body: content('a'), headers: { etag: '"a"' } }, { body: content('b', 9), headers: { etag: '"b"' } }, true],
    ['and the server tells nothing', { body: content('a'), headers: {} }, { body: content('b'), headers: {} }, true],
  ])('is not joined with another file that came since, %s', async (_name, first, then, ranges) => {
    const { bytes } = await twice(first, then, ranges)
    expect(bytes.equals(then.body)).toBe(true)
  })

  test('starts over where nothing tells what the part is of', async () => {
    const { home } = sandbox()
    writeFileSync(`${home}/source`, 'whole')
    writeFileSync(`${home}/f.part`, 'xxx')
    await machine.fetch(`file://${home}/source`, `${home}/f.part`, {})
    expect(readFileSync(`${home}/f.part`, 'utf8')).toBe('whole')
  })
})

test('an answer that could be compressed is asked for as it is', async () => {
  const { home } = sandbox()
  const text = content('t', 5000)
  const server = createServer((request, response) => {
    const packed = /gzip/.test(request.headers['accept-encoding'] ?? '') || request.url === '/always'
    const body = packed ? gzipSync(text) : text
    response.writeHead(200, { 'content-length': body.length, ...(packed ? { 'content-encoding': 'gzip' } : {}) }).end(body)
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  for (const path of ['asked', 'always']) {
    await machine.fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`, `${home}/${path}`, {})
    expect([path, readFileSync(`${home}/${path}`).equals(text), existsSync(`${home}/${path}.from`)]).toEqual([path, true, false])
  }
})
