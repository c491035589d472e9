import { createHash, type Hash } from 'node:crypto'
import { closeSync, constants, createReadStream, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { FetchProgress } from './machine.ts'

/** An address did not give what was asked for. */
export class FetchFailed extends Error {}

type FetchOptions = { signal?: AbortSignal; onProgress?: (p: FetchProgress) => void }

/**
 * Fetches an http, https or file address into `path`, going on from the bytes that are there already (a server that cannot do ranges starts
 * over). Resolves with the sha256 of the whole file once it is on disk. The proxy variables and the machine's certificates are honoured.
 */
export async function fetchFile(url: string, path: string | Buffer, options: FetchOptions): Promise<string> {
  const hash = createHash('sha256')
  const have = sizeOf(path)
  const response = await open(url, have, options.signal)
  const resumed = response.status === 206
  if (resumed) await feed(hash, path)
  else if (response.status === 416) {
    await feed(hash, path)
    return hash.digest('hex')
  }
  const total = Number(response.headers.get('content-length') ?? Number.NaN) + (resumed ? have : 0)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | (resumed ? constants.O_APPEND : constants.O_TRUNC)
  const fd = openSync(path, flags, 0o600)
  let bytes = resumed ? have : 0
  try {
    for await (const chunk of response.body ?? []) {
      hash.update(chunk)
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
      bytes += chunk.length
      options.onProgress?.({ bytes, total: Number.isNaN(total) ? null : total, url })
    }
    fsyncSync(fd)
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new FetchFailed(`${shown(url)} broke off after ${bytes} bytes: ${reason(error)}`)
  } finally {
    closeSync(fd)
  }
  if (!Number.isNaN(total) && bytes !== total) throw new FetchFailed(`${shown(url)} ended after ${bytes} of ${total} bytes`)
  return hash.digest('hex')
}

/** The text behind an address, at most 16 MiB. */
export async function fetchText(url: string, signal?: AbortSignal, accept = '*/*'): Promise<{ text: string; type: string; url: string }> {
  const response = await open(url, 0, signal, accept)
  const text = await response.text()
  if (text.length > 16 * 1024 * 1024) throw new FetchFailed(`${shown(url)} is larger than 16 MiB`)
  return { text, type: response.headers.get('content-type') ?? '', url: response.url || url }
}

async function open(url: string, from: number, signal: AbortSignal | undefined, accept = '*/*'): Promise<Response> {
  if (url.startsWith('file:')) return fromDisk(url, from)
  await useMachineSettings()
  const { user, address } = splitCredentials(url)
  let response: Response
  try {
    response = await fetch(address, {
      headers: { accept, ...(user ? { authorization: user } : {}), ...(from > 0 ? { range: `bytes=${from}-` } : {}) },
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new FetchFailed(`${shown(url)} cannot be reached: ${reason(error)}`)
  }
  if (!response.ok && response.status !== 416) throw new FetchFailed(`${shown(url)} answered ${response.status} ${response.statusText}`)
  return response
}

let settled = false
/** Node trusts its own list of authorities and ignores proxy variables unless told otherwise; a lab behind either expects both. */
export async function useMachineSettings(): Promise<void> {
  if (settled) return
  settled = true
  const tls = await import('node:tls')
  const extra = process.env['PIP_CERT'] || process.env['SSL_CERT_FILE']
  const own = extra ? [readFileSync(extra, 'utf8')] : []
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ...tls.getCACertificates('system'), ...own])
  const http = (await import('node:http')) as unknown as { setGlobalProxyFromEnv?: () => void }
  http.setGlobalProxyFromEnv?.()
}

async function fromDisk(url: string, from: number): Promise<Response> {
  const { fileURLToPath } = await import('node:url')
  const path = fileURLToPath(url)
  const size = sizeOf(path)
  const stream = createReadStream(path, { start: from })
  try {
    await new Promise((ready, fail) => stream.once('open', ready).once('error', fail))
  } catch (error) {
    throw new FetchFailed(`${url} cannot be read: ${reason(error)}`)
  }
  if (from > 0 && from >= size) return new Response(null, { status: 416 })
  const { Readable } = await import('node:stream')
  const body = Readable.toWeb(stream) as unknown as ReadableStream
  return new Response(body, { status: from > 0 ? 206 : 200, headers: { 'content-length': String(size - from) } })
}

/** Credentials written into an address go into a header, never into a message. */
function splitCredentials(url: string): { user: string | null; address: string } {
  const parsed = new URL(url)
  if (!parsed.username) return { user: null, address: url }
  const pair = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`
  parsed.username = parsed.password = ''
  return { user: `Basic ${Buffer.from(pair).toString('base64')}`, address: parsed.href }
}

/** An address as it may be shown and recorded: without credentials. */
export const shown = (url: string): string => url.replace(/^(\w+:\/\/)[^/@]*@/, '$1')

function reason(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause
  return cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error))
}

function sizeOf(path: string | Buffer): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}

async function feed(hash: Hash, path: string | Buffer): Promise<void> {
  const stream = createReadStream(path)
  stream.on('data', (chunk) => hash.update(chunk))
  await finished(stream)
}
