import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { strToU8, zipSync } from 'fflate'
import { onTestFinished } from 'vitest'

const b64 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url')

/** A real, tiny wheel: one module that knows its version, and files beside it. */
export function wheel(name: string, version: string, beside: Record<string, string> = {}): { file: string; bytes: Uint8Array } {
  const info = `${name}-${version}.dist-info`
  const files: Record<string, string> = {
    [`${name}/__init__.py`]: `__version__ = '${version}'\n`,
    ...Object.fromEntries(Object.entries(beside).map(([file, text]) => [`${name}/${file}`, text])),
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  }
  const record = Object.entries(files).map(([path, text]) => `${path},sha256=${b64(strToU8(text))},${strToU8(text).length}`)
  files[`${info}/RECORD`] = `${[...record, `${info}/RECORD,,`].join('\n')}\n`
  const entries = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)]))
  return { file: `${name}-${version}-py3-none-any.whl`, bytes: zipSync(entries) }
}

export type WheelIndex = { url: string; asked: string[]; stalled: Promise<void>; release(): void; close(): void }

/** A Python index on this machine (PEP 503). With `stall`, the download of that project hangs until `release`. */
export async function wheelIndex(wheels: ReturnType<typeof wheel>[], { stall }: { stall?: string } = {}): Promise<WheelIndex> {
  const asked: string[] = []
  let open = stall === undefined
  const held: (() => void)[] = []
  let reached: () => void = () => undefined
  const stalled = new Promise<void>((done) => (reached = done))
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/')
    asked.push(path)
    const [, kind, name = ''] = path.split('/')
    if (kind === 'simple') {
      const own = wheels.filter(({ file }) => file.toLowerCase().startsWith(`${name.toLowerCase()}-`))
      const links = own.map(({ file, bytes }) => `<a href="/files/${file}#sha256=${createHash('sha256').update(bytes).digest('hex')}">${file}</a>`)
      response.writeHead(own.length > 0 ? 200 : 404, { 'content-type': 'text/html' })
      return response.end(`<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`)
    }
    const found = wheels.find(({ file }) => file === name)
    if (!found) return response.writeHead(404).end()
    const send = (): unknown => response.end(found.bytes.slice(100))
    response.writeHead(200, { 'content-type': 'application/zip', 'content-length': found.bytes.length })
    response.write(found.bytes.slice(0, 100))
    if (open || !found.file.startsWith(`${stall}-`)) return send()
    held.push(send as () => void)
    return reached()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(close)
  const release = (): void => {
    open = true
    for (const send of held.splice(0)) send()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`, asked, stalled, release, close }
}

/** The recipe torch-cu130 with two tiny wheels instead of the real ones: by the real pip in seconds, or by test/bin/uv in no time. */
export const tiny = (url: string, installer: 'pip' | 'uv' = 'uv'): string[] => [
  'torch-cu130', '--source', `torch=${url}`, ...['torch=1.0', 'torchvision=1.0', 'build=any', `installer=${installer}`].flatMap((pair) => ['--set', pair]),
]

export const tinyWheels = (): ReturnType<typeof wheel>[] => [wheel('torch', '1.0'), wheel('torchvision', '1.0')]
