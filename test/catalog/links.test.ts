import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gone, linksIn } from '../../scripts/links.ts'

let server: Server
let base: string
beforeAll(async () => {
  server = createServer(({ url = '', method }, response) => {
    const [, code = '200', only] = url.split('/')
    response.writeHead(only === method ? Number(code) : only === undefined ? Number(code) : 200).end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

test('addresses are found in either style of a reference', () => {
  const text = 'references:\n  - {url: "https://a.example/x", claim: y}\n  - url: https://b.example/#z\n    claim: y\nurls: no\n'
  expect(linksIn(text)).toEqual(['https://a.example/x', 'https://b.example/#z'])
})

test('gone is what answers 404 or 410, or nothing at all', async () => {
  const closed = 'http://127.0.0.1:1/'
  const alive = ['/200', '/403', '/429', '/503', '/405/HEAD', '/404/HEAD'].map((path) => base + path)
  const dead = await gone([...alive, `${base}/404`, `${base}/410`, `${base}/404`, closed])
  expect(dead.map(([url]) => url).toSorted()).toEqual([`${base}/404`, `${base}/410`, closed].toSorted())
  expect(dead.find(([url]) => url === `${base}/410`)?.[1]).toBe('answers 410')
})
