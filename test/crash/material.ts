import { execFileSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { zipSync } from 'fflate'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import type { Material } from './wants.ts'

/** Homes lie in memory where that can be: a killed process loses nothing that the kernel has, so no disk is needed to be right. */
const fast = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/**
 * Stands in for uv: makes the files uv makes, each written into the cache and hard-linked into the environment, as uv does it. With it the
 * suite needs no network and no second for every point.
 */
const UV = `#!/bin/sh
set -eu
if [ "$1" = venv ]; then
  for path; do :; done
  mkdir -p "$path/bin" "$path/lib/python3.12/site-packages"
  ln -sf /usr/bin/python3 "$path/bin/python"
  echo 'home = /usr/bin' >"$path/pyvenv.cfg"
else
  wheel="$UV_CACHE_DIR/archive/demo"
  site="\${4%/bin/python}/lib/python3.12/site-packages"
  mkdir -p "$wheel" "$site/demo" "$site/demo-1.0.dist-info"
  echo 'x = 1' >"$wheel/init.py"
  printf 'Name: demo\\nVersion: 1.0\\n' >"$wheel/METADATA"
  ln -f "$wheel/init.py" "$site/demo/__init__.py"
  ln -f "$wheel/METADATA" "$site/demo-1.0.dist-info/METADATA"
fi
`

export type Workshop = { root: string; fast: string; template: string; driver: string; materialFile: string; material: Material; close(): void }

/** Everything a run of the suite needs, in folders of its own; `close` takes all of it away again. */
export async function workshop(realUv?: { uv: string; python: string; pythonVersion: string }): Promise<Workshop> {
  const root = realpathSync(mkdtempSync(`${tmpdir()}/gb10-crash-`))
  const homes = realpathSync(mkdtempSync(`${fast}/gb10-crash-`))
  writeFileSync(`${root}/uv`, UV)
  chmodSync(`${root}/uv`, 0o755)
  const text = (s: string): Uint8Array => new TextEncoder().encode(s)
  writeFileSync(`${root}/tool-1.0-py3-none-any.whl`, zipSync({ 'tool-1.0.data/scripts/tool': text('#!/bin/sh\n'), 'tool-1.0.data/scripts/tool2': text('#!/bin/sh\n') }))
  writeFileSync(`${root}/demo-1.0-py3-none-any.whl`, demoWheel())
  const server = await serve({ '/small.bin': Buffer.alloc(5000, 'a'), '/deep.bin': Buffer.alloc(300, 'b') })
  const plain = { uv: `${root}/uv`, python: '/usr/bin/python3', pythonVersion: '3.12' }
  const material: Material = {
    http: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tool: `file://${root}/tool-1.0-py3-none-any.whl`,
    wheel: `${root}/demo-1.0-py3-none-any.whl`, ...repository(`${root}/repository`), ...(realUv ?? plain),
  }
  writeFileSync(`${root}/material.json`, JSON.stringify(material))
  furnish(`${root}/template`)
  const driver = await bundled(root)
  const close = (): void => {
    server.close()
    for (const folder of [root, homes]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return { root, fast: homes, template: `${root}/template`, driver, materialFile: `${root}/material.json`, material, close }
}

/** What gb10 reads of its own project at work. */
export function beside(folder: string): void {
  writeFileSync(`${folder}/package.json`, '{"version":"0.0.0","type":"module"}')
  symlinkSync(fileURLToPath(new URL('../../checks', import.meta.url)), `${folder}/checks`)
}

/** The driver in one file: it starts thousands of times. */
async function bundled(root: string): Promise<string> {
  const input = { driver: fileURLToPath(new URL('driver.ts', import.meta.url)) }
  const bundle = await rolldown({ input, platform: 'node', external: [/\/ui\//, 'rolldown'], logLevel: 'silent' })
  await bundle.write({ dir: `${root}/driver`, format: 'esm', entryFileNames: '[name].mjs' })
  await bundle.close()
  beside(`${root}/driver`)
  return `${root}/driver/driver.mjs`
}

/** A wheel that a real installer takes. */
function demoWheel(): Uint8Array {
  const text = (s: string): Uint8Array => new TextEncoder().encode(s)
  const info = 'demo-1.0.dist-info'
  return zipSync({
    'demo/__init__.py': text('x = 1\n'),
    [`${info}/METADATA`]: text('Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n'),
    [`${info}/WHEEL`]: text('Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n'),
    [`${info}/RECORD`]: text(`demo/__init__.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`),
  })
}

function serve(files: Record<string, Buffer>): Promise<Server> {
  const server = createServer((request, response) => {
    const whole = files[request.url ?? '']
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    if (!whole || from >= whole.length) return void response.writeHead(whole ? 416 : 404).end()
    const part = whole.subarray(from)
    const range = from > 0 ? { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` } : {}
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': part.length, etag: `"${whole.length}"`, ...range }).end(part)
  })
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)))
}

function repository(path: string): { repository: string; revision: string } {
  mkdirSync(`${path}/sub`, { recursive: true })
  writeFileSync(`${path}/README`, 'hello\n')
  writeFileSync(`${path}/sub/code.py`, 'x = 1\n')
  const env = { PATH: process.env['PATH']!, HOME: path, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
  const git = (...args: string[]): string => execFileSync('git', ['-C', path, '-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args], { env, encoding: 'utf8' }).trim()
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '-m', 'one')
  return { repository: path, revision: git('rev-parse', 'HEAD') }
}

/** The home before gb10: with files that are replaced, edited and linked, of different modes, times to the nanosecond. */
function furnish(home: string): void {
  mkdirSync(`${home}/documents`, { recursive: true })
  writeFileSync(`${home}/documents/thesis.txt`, 'mine\n')
  writeFileSync(`${home}/old.conf`, 'theirs\n')
  chmodSync(`${home}/old.conf`, 0o644)
  writeFileSync(`${home}/.bashrc`, 'alias ll="ls -l"') // no newline at its end
  symlinkSync('old', `${home}/current`)
  writeFileSync(`${home}/environment`, 'LANG=C\nPATH="/usr/bin"\n')
  chmodSync(`${home}/environment`, 0o664)
  execFileSync('touch', ['-d', '2024-02-03 04:05:06.123456789', `${home}/old.conf`, `${home}/.bashrc`, `${home}/environment`])
}
