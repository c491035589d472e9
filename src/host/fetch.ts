import { createHash, type Hash } from 'node:crypto'
import { closeSync, constants, createReadStream, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { FetchProgress } from './machine.ts'
import { forgetOrigin, judgeRest, lengthOf, originOf, readOrigin, sizeOf, writeOrigin } from './part.ts'

/** An address did not give what was asked for. */
export class FetchFailed extends Error {}

type FetchOptions = { signal?: AbortSignal; onProgress?: (p: FetchProgress) => void }

/**
 * Fetches an http, https or file address into `path`, going on from the bytes that are there already, where they are of the very file that
 * the address gives now. Resolves with the sha256 of the whole file once it is on disk. The proxy variables and the machine's certificates are
 * honoured.
 */
export async function fetchFile(url: string, path: string | Buffer, options: FetchOptions): Promise<string> {
  const hash = createHash('sha256')
  const { response, have } = await openRest(url, path, options.signal)
  if (have > 0) await feed(hash, path)
  if (response === null) {
    forgetOrigin(path)
    return hash.digest('hex')
  }
  const total = lengthOf(response.headers)
  if (have === 0) forgetOrigin(path)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | (have > 0 ? constants.O_APPEND : constants.O_TRUNC)
  const fd = openSync(path, flags, 0o600)
  let bytes = have
  try {
    const origin = originOf(response)
    if (have === 0 && origin) writeOrigin(path, origin)
    for await (const chunk of response.body ?? []) {
      hash.update(chunk)
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
      bytes += chunk.length
      options.onProgress?.({ bytes, total, url })
    }
    fsyncSync(fd)
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new FetchFailed(`${shown(url)} broke off after ${bytes} bytes: ${reason(error)}`)
  } finally {
    closeSync(fd)
  }
  if (total !== null && bytes !== total) throw new FetchFailed(`${shown(url)} ended after ${bytes} of ${total} bytes`)
  forgetOrigin(path)
  return hash.digest('hex')
}

/** The rest of a file of which `have` bytes are there (null: nothing is missing), or all of it, where what is there is of no use. */
async function openRest(url: string, path: string | Buffer, signal?: AbortSignal): Promise<{ response: Response | null; have: number }> {
  const origin = readOrigin(path)
  const have = origin ? sizeOf(path) : 0
  if (!origin || have === 0) return { response: await open(url, { signal }), have: 0 }
  const response = await open(url, { signal, rest: { from: have, version: origin.version } })
  const judged = judgeRest(response, origin, have)
  if (judged === 'rest') return { response, have }
  if (judged === 'whole') return { response, have: 0 }
  await response.body?.cancel()
  return judged === 'nothing more' ? { response: null, have } : { response: await open(url, { signal }), have: 0 }
}

/** The text behind an address, at most 16 MiB. */
export async function fetchText(url: string, signal?: AbortSignal, accept = '*/*'): Promise<{ text: string; type: string; url: string }> {
  const response = await open(url, { signal, accept })
  const text = await response.text()
  if (text.length > 16 * 1024 * 1024) throw new FetchFailed(`${shown(url)} is larger than 16 MiB`)
  return { text, type: response.headers.get('content-type') ?? '', url: response.url || url }
}

type Asking = { signal?: AbortSignal | undefined; accept?: string; rest?: { from: number; version: string } }

async function open(url: string, { signal, accept = '*/*', rest }: Asking): Promise<Response> {
  if (url.startsWith('file:')) return fromDisk(url, rest)
  await useMachineSettings()
  const { user, address } = splitCredentials(url)
  const part = rest ? { range: `bytes=${rest.from}-`, 'if-range': rest.version } : {}
  let response: Response
  try {
    response = await fetch(address, {
      // Packed on the way, it would have another length than the file, and a rest of it could not be asked for.
      headers: { accept, 'accept-encoding': 'identity', ...(user ? { authorization: user } : {}), ...part },
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new FetchFailed(`${shown(url)} cannot be reached: ${reason(error)}`)
  }
  if (!response.ok && !(rest && response.status === 416)) throw new FetchFailed(`${shown(url)} answered ${response.status} ${response.statusText}`)
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

async function fromDisk(url: string, rest?: { from: number; version: string }): Promise<Response> {
  const { fileURLToPath } = await import('node:url')
  const path = fileURLToPath(url)
  const file = statSync(path, { bigint: true, throwIfNoEntry: false })
  const etag = `"${file?.ino}-${file?.size}-${file?.mtimeNs}"`
  const from = rest?.version === etag ? rest.from : 0
  const stream = createReadStream(path, { start: from })
  try {
    await new Promise((ready, fail) => stream.once('open', ready).once('error', fail))
  } catch (error) {
    throw new FetchFailed(`${url} cannot be read: ${reason(error)}`)
  }
  const size = Number(file?.size)
  if (from > 0 && from >= size) {
    stream.destroy()
    return new Response(null, { status: 416 })
  }
  const { Readable } = await import('node:stream')
  const body = Readable.toWeb(stream) as unknown as ReadableStream
  const range = from > 0 ? { 'content-range': `bytes ${from}-${size - 1}/${size}` } : {}
  return new Response(body, { status: from > 0 ? 206 : 200, headers: { 'content-length': String(size - from), etag, ...range } })
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

async function feed(hash: Hash, path: string | Buffer): Promise<void> {
  const stream = createReadStream(path)
  stream.on('data', (chunk) => hash.update(chunk))
  await finished(stream)
}
