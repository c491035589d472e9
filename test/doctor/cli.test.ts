import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { commandLine, gb10, newHome } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'
import { root } from './machine.ts'

const healthy = `${root}test/hosts/gb10-healthy`
const mismatch = `${root}test/hosts/library-mismatch`
const hung = `${root}test/hosts/gb10-hung-smi`
const nothing = `${root}test/hosts/no-gpu-german`

describe('gb10 doctor', () => {
  it('calls a healthy GB10 healthy', async () => {
    const { code, stdout, stderr } = await gb10(['doctor', '--host', healthy], newHome())
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Health of NVIDIA_DGX_Spark \(GB10\)/)
    expect(stdout).toMatch(/\d+ passed, \d+ not for this machine\./)
  })
  it.each([
    [['--host', mismatch], 1],
    [['--host', mismatch, '--fail-on', 'never'], 2],
    [['--host', mismatch, '--area', 'memory'], 0],
    [['--host', mismatch, 'cdi-spec-stale'], 0],
    [['--host', nothing], 2],
    [['--host', hung, 'driver-not-responding'], 1],
    [['--host', hung, '--area', 'driver'], 1],
    [['--host', healthy, '--strict'], 0],
    [['--host', healthy, 'triton-ptxas-sm121a'], 0],
    [['--host', healthy, '--area', 'container'], 0],
    [['--host', healthy, 'triton-ptxas'], 78],
    [['--host', healthy, 'candle-cuda-on-gb10'], 78],
    [['--host', healthy, '--area', 'rust'], 78],
    [['--host', healthy, '--output', 'junit'], 64],
    [['--host', healthy, '--output', 'junit=/nowhere/x', '--output', 'json=/nowhere/./x'], 64],
    [['--host', healthy, '--format', 'yaml'], 64],
    [['--host', mismatch, '--host', healthy], 64],
    [['--host', mismatch, '--area', 'driver', '--area', 'memory'], 64],
    [['--host', healthy, '--format', 'json', '--json', 'gpu-lost'], 0],
    [['--host', `${root}nowhere`], 78],
  ])('%j ends with %i', async (args, code) => {
    const ended = await gb10(['doctor', ...args], newHome())
    expect(`${ended.code} ${code === 0 ? ended.stderr : ''}`).toBe(`${code} `)
    if (code >= 64) expect([ended.stdout, ended.stderr]).toEqual(['', expect.stringContaining('Next: ')])
  })
  it('gives one document that keeps its schema', async () => {
    for (const host of [healthy, mismatch, nothing]) {
      const { stdout } = await gb10(['doctor', '--json', '--host', host], newHome())
      expect(violations(stdout)).toEqual([])
    }
  })
  it('writes several formats at once', async () => {
    const home = newHome()
    const files = ['junit', 'prometheus', 'markdown', 'github', 'json'].map((format) => `${format}=${home.home}/${format}.out`)
    const { code, stdout } = await gb10(['doctor', '--host', mismatch, ...files.flatMap((file) => ['--output', file])], home)
    expect(code).toBe(1)
    expect(stdout).toContain('FAIL')
    const text = (format: string): string => readFileSync(`${home.home}/${format}.out`, 'utf8')
    expect(text('junit')).toContain('<failure ')
    expect(text('prometheus')).toContain('gb10_check_status{id="driver-library-version-mismatch"')
    expect(text('markdown')).toContain('driver-library-version-mismatch')
    expect(text('github')).toMatch(/^::error title=driver-library-version-mismatch::/m)
    expect(violations(text('json'))).toEqual([])
  })
  it.each([
    ["no 'such' folder/gb10.xml", /cannot be written: there is no such folder\n +Next: mkdir -p '\S+\/no '\\''such'\\'' folder'\n/],
    ['', /is a folder, not a file/],
    ['round/x', /ELOOP.*\n +Next: look where the links/],
  ])('gives the report, and one document, where --output %j cannot be written', async (name, why) => {
    const home = newHome()
    symlinkSync('round', `${home.home}/round`)
    const { code, stdout, stderr } = await gb10(
      ['doctor', '--json', '--host', healthy, '--output', `junit=${home.home}/${name}`, '--output', `junit=${home.home}/other`],
      home,
      { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: `${home.home}/summary` },
    )
    expect([code, violations(stdout, 'doctor')]).toEqual([1, []])
    expect(stderr).toMatch(why)
    expect(readdirSync(home.home)).toEqual(['other', 'round', 'summary'])
  })
  it('refuses two reports for one file, though it has two names', async () => {
    const home = newHome()
    symlinkSync('real.xml', `${home.home}/link.xml`)
    const outputs = ['junit=real.xml', 'json=link.xml'].flatMap((one) => ['--output', one.replace('=', `=${home.home}/`)])
    const { code, stdout } = await gb10(['doctor', '--host', healthy, ...outputs], home)
    expect([code, stdout, readdirSync(home.home)]).toEqual([64, '', ['link.xml']])
  })
  it('writes into a pipe, and replaces none', () => {
    const { home, env } = newHome()
    const words = [...commandLine(['doctor', '--json', '--host', healthy, '--output']), `junit=${home}/pipe`]
    const line = 'mkfifo "$HOME/pipe"; timeout 20 cat "$HOME/pipe" >"$HOME/read" & "$@"; wait'
    const { stdout } = spawnSync('bash', ['-c', line, 'bash', ...words], { env, encoding: 'utf8' })
    expect(violations(stdout, 'doctor')).toEqual([])
    expect(statSync(`${home}/pipe`).isFIFO()).toBe(true)
    expect(readFileSync(`${home}/read`, 'utf8')).toMatch(/^<\?xml[^]*<\/testsuites>\n$/)
    expect(readdirSync(home).sort()).toEqual(['pipe', 'read'])
  })
  it('waits 5 s for somebody to read a pipe, not for ever', () => {
    const { home, env } = newHome()
    const words = commandLine(['doctor', '--json', '--host', healthy, '--output', `junit=${home}/pipe`])
    const line = 'mkfifo "$HOME/pipe"; timeout -s KILL 20 "$@"'
    const { status, stdout, stderr } = spawnSync('bash', ['-c', line, 'bash', ...words], { env, encoding: 'utf8' })
    expect([status, violations(stdout, 'doctor')]).toEqual([1, []])
    expect(stderr).toMatch(/^gb10: nobody reads the pipe .*\n +Next: /)
  })
  it('writes to /dev/stdout where that is a socket, such as that of the journal', async () => {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const read = once(server, 'connection').then(async ([socket]) => text(socket as Socket))
    const words = commandLine(['doctor', '--host', healthy, '--output', 'junit=/dev/stdout'])
    const child = spawn('bash', ['-c', `"$@" >/dev/tcp/127.0.0.1/${port}`, 'bash', ...words], { env: newHome().env })
    expect(await once(child, 'close')).toEqual([0, null])
    expect(await read).toMatch(/^Health of [^]*\n<\?xml[^]*<\/testsuites>\n$/)
  })
  it.each([
    ['/dev/stdout', '>>"$HOME/log"', /^before\nHealth of [^]*\n<\?xml[^]*<\/testsuites>\n$/],
    ['/dev/stderr', '2>>"$HOME/log"', /^before\n<\?xml[^]*<\/testsuites>\n$/],
    ['/dev/fd/3', '3>>"$HOME/log"', /^before\n<\?xml[^]*<\/testsuites>\n$/],
  ])('%s that the shell leads into a file is written into, and what stands there stays', (name, redirection, wanted) => {
    const { home, env } = newHome()
    writeFileSync(`${home}/log`, 'before\n')
    const words = commandLine(['doctor', '--host', healthy, '--output', `junit=${name}`])
    spawnSync('bash', ['-c', `"$@" ${redirection}`, 'bash', ...words], { env })
    expect(readFileSync(`${home}/log`, 'utf8')).toMatch(wanted)
    expect(readdirSync(home)).toEqual(['log'])
  })
  it('honours a waiver, and refuses one that is not whole', async () => {
    const home = newHome()
    mkdirSync(`${home.home}/.config/gb10`, { recursive: true })
    const write = (text: string): void => writeFileSync(`${home.home}/.config/gb10/waivers.yaml`, text)
    write('waivers:\n  - {id: driver-library-version-mismatch, reason: restart tonight, expires: "2099-01-01"}\n')
    const waived = await gb10(['doctor', '--host', mismatch], home)
    expect(waived.stdout).toMatch(/WAIVED {2}NVIDIA user-space libraries[\s\S]*restart tonight/)
    expect(waived.code).toBe(2)
    write('waivers:\n  - {id: kernel-xid-this-boot, reason: known, expires: "2099-01-01"}\n')
    expect((await gb10(['doctor', '--host', hung], home)).code).toBe(1)
    write('waivers:\n  - {id: driver-library-version-mismatch, expires: "2099-01-01"}\n')
    const refused = await gb10(['doctor', '--host', mismatch], home)
    expect(refused.code).toBe(78)
    expect(refused.stderr).toMatch(/waivers\.yaml:2:\d+: waivers\[0\]: expected the key reason/)
  })
  it('refuses waivers that cannot be read, and says so', async () => {
    const home = newHome()
    const file = `${home.home}/.config/gb10/waivers.yaml`
    mkdirSync(file, { recursive: true })
    const { code, stdout, stderr } = await gb10(['doctor', '--host', healthy], home)
    expect([code, stdout]).toEqual([78, ''])
    expect(stderr).toBe(`gb10: ${file} cannot be read (error)\n      Next: ls -ld ${file}\n`)
  })
  it('in a GitHub job adds annotations and a summary', async () => {
    const home = newHome()
    const file = `${home.home}/summary.md`
    const { stdout, stderr } = await gb10(['doctor', '--json', '--host', mismatch], home, {
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: file,
    })
    expect(violations(stdout)).toEqual([])
    expect(stderr).toMatch(/^::error title=driver-library-version-mismatch::/m)
    expect(readFileSync(file, 'utf8')).toContain('### gb10 doctor')
  })
  it('leaves a summary alone that it would make 1 MiB and larger: GitHub drops such a one with all that others wrote', async () => {
    const home = newHome()
    const file = `${home.home}/summary.md`
    writeFileSync(file, 'x'.repeat(1_048_000))
    await gb10(['doctor', '--json', '--host', mismatch], home, { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: file })
    expect(statSync(file).size).toBe(1_048_000)
  })
})
