import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const pin = '24.21.0'
export const archive = `node-v${pin}-linux-${process.arch}.tar.gz`

/** Lays a release out as nodejs.org does: v1.2.3/node-v1.2.3-linux-ARCH.tar.gz and SHASUMS256.txt. */
export function makeRelease(folder: string, put: (tree: string) => void): void {
  const work = mkdtempSync(join(tmpdir(), 'gb10-release-'))
  const tree = join(work, `node-v${pin}-linux-${process.arch}`)
  mkdirSync(join(tree, 'bin'), { recursive: true })
  mkdirSync(join(tree, 'lib/node_modules'), { recursive: true })
  put(tree)
  mkdirSync(join(folder, `v${pin}`), { recursive: true })
  const file = join(folder, `v${pin}`, archive)
  execFileSync('tar', ['-I', 'gzip -1', '-cf', file, '-C', work, `node-v${pin}-linux-${process.arch}`])
  const sum = createHash('sha256').update(readFileSync(file)).digest('hex')
  writeFileSync(join(folder, `v${pin}/SHASUMS256.txt`), `${'0'.repeat(64)}  node-v${pin}.tar.gz\n${sum}  ${archive}\n`)
  rmSync(work, { recursive: true })
}

/** The release with this machine's pinned Node and npm in it. */
export function realRelease(folder: string, nodeBinary: string, npmFolder: string): void {
  makeRelease(folder, tree => {
    cpSync(nodeBinary, join(tree, 'bin/node'))
    cpSync(npmFolder, join(tree, 'lib/node_modules/npm'), { recursive: true })
  })
}

export interface NodeSource {
  url: string
  /** "GET /path" or "GET /path bytes=5-" for each request so far. */
  requests: string[]
  /** Ends the connection after so many bytes of the archive, once. */
  cutOnceAfter: number
  /** Sends half of the archive and then nothing, so that a test can interrupt. */
  slow: boolean
  close: () => Promise<void>
}

export async function serve(folder: string): Promise<NodeSource> {
  const source: NodeSource = { url: '', requests: [], cutOnceAfter: 0, slow: false, close: async () => {} }
  const server = createServer((request, response) => answer(folder, source, request, response))
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  source.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dist`
  source.close = () =>
    new Promise(resolve => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return source
}

function answer(folder: string, source: NodeSource, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '').replace(/^\/dist/, '')
  const range = request.headers.range
  source.requests.push([request.method, path, range].filter(Boolean).join(' '))
  let body: Buffer
  try {
    body = readFileSync(join(folder, path))
  } catch {
    response.writeHead(404).end()
    return
  }
  const from = Number(range?.match(/bytes=(\d+)-/)?.[1] ?? 0)
  if (from > 0 && from >= body.length) {
    response.writeHead(416).end()
    return
  }
  const headers: Record<string, string | number> = { 'content-length': body.length - from }
  if (from > 0) headers['content-range'] = `bytes ${from}-${body.length - 1}/${body.length}`
  response.writeHead(from > 0 ? 206 : 200, headers)
  if (request.method === 'HEAD') response.end()
  else if (source.cutOnceAfter > 0 && path.endsWith('.gz')) {
    response.write(body.subarray(from, source.cutOnceAfter), () => response.destroy())
    source.cutOnceAfter = 0
  } else if (source.slow && path.endsWith('.gz')) {
    response.write(body.subarray(from, body.length / 2))
  } else response.end(body.subarray(from))
}
