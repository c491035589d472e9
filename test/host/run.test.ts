import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { run } from '../../src/host/run.ts'

const bin = (name: string): string => fileURLToPath(new URL(`../bin/${name}`, import.meta.url))
const folder = mkdtempSync(`${tmpdir()}/gb10-run-`)
afterAll(() => rmSync(folder, { recursive: true }))

/** Processes whose command line holds a marker; zombies have none. */
const survivors = (marker: string): string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(marker)
      } catch {
        return false
      }
    })
let marks = 0
/** A number of seconds that no other process sleeps for. */
const mark = (): string => `${70_000 + marks++}.${process.pid}`

/** Blocks this process. */
const hold = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

describe('run', () => {
  it('gives output and exit code of a program that ends', async () => {
    expect(await run(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toMatchObject({
      end: 'exited',
      code: 3,
      out: 'out\n',
      err: 'err\n',
    })
  })
  it('ends a program that never answers', async () => {
    const marker = mark()
    expect(await run([bin('sleeper'), marker], { limit: 100 })).toMatchObject({ end: 'timeout' })
    await expect.poll(() => survivors(marker)).toEqual([])
  })
  it('ends a program that traps TERM, with its child', async () => {
    const marker = mark()
    expect(await run([bin('stubborn'), marker], { limit: 200 })).toMatchObject({ end: 'timeout', out: 'started\n' })
    await expect.poll(() => survivors(marker)).toEqual([])
  })
  it('does not wait for a grandchild that holds the output open, and ends it', async () => {
    const marker = mark()
    expect(await run([bin('leaver'), marker], { limit: 10_000 })).toMatchObject({ end: 'exited', code: 0, out: 'left\n' })
    await expect.poll(() => survivors(marker)).toEqual([])
  })
  it('ends a program that opens a FIFO', async () => {
    const fifo = `${folder}/fifo`
    execFileSync('mkfifo', [fifo])
    expect(await run([bin('fifo-reader'), fifo], { limit: 100 })).toMatchObject({ end: 'timeout' })
    await expect.poll(() => survivors(fifo)).toEqual([])
  })
  it('keeps the first part of a flood and drains the rest', async () => {
    const ran = await run([bin('flood')], { limit: 20_000, cap: 1000 })
    expect(ran).toMatchObject({ end: 'exited', err: 'flooded\n' })
    expect(ran.out).toBe('x'.repeat(1000))
    expect((await run([bin('flood')], { limit: 20_000 })).out.length).toBe(65_536)
  })
  it('gives no input', async () => {
    expect(await run(['cat'])).toMatchObject({ end: 'exited', code: 0, out: '' })
  })
  it('does not wait for a grandchild that left the group and holds the output open', async () => {
    const marker = mark()
    const ran = await run(['setsid', '--fork', 'sleep', marker], { limit: 10_000 })
    expect(ran).toMatchObject({ end: 'exited', code: 0 })
    const [pid] = survivors(marker)
    process.kill(Number(pid), 'SIGKILL')
  })
  it('asks first, then kills, then gives up and names what it left: process and wait channel', async () => {
    const marker = mark()
    const signals: [number, string, number][] = []
    const really = process.kill.bind(process)
    // No signal arrives, as for a process that waits inside the kernel.
    const kill = vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
      signals.push([pid, String(signal), performance.now()])
      return true
    })
    const ran = await run([bin('sleeper'), marker], { limit: 100 })
    const ended = performance.now()
    kill.mockRestore()
    onTestFinished(() => void really(-ran.pid, 'SIGKILL'))
    expect(ran).toMatchObject({ end: 'hung', code: null, wchan: readFileSync(`/proc/${ran.pid}/wchan`, 'utf8').trim() })
    expect(survivors(marker)).toEqual([String(ran.pid)])
    expect(signals.map(([pid, signal]) => [pid, signal])).toEqual([[-ran.pid, 'SIGTERM'], [-ran.pid, 'SIGKILL']])
    const [term, killed] = signals.map(([, , at]) => at) as [number, number]
    // Timers may be early by a millisecond; the ladder is 150 and 200 ms.
    expect([killed - term >= 149, ended - killed >= 199]).toEqual([true, true])
  })
  it('gives a record where no file may be opened for the output', () => {
    const script = `import { run } from ${JSON.stringify(new URL('../../src/host/run.ts', import.meta.url))}
      import { openSync } from 'node:fs'
      try { for (;;) openSync('/', 'r') } catch {}
      console.log((await run(['true'])).end)`
    const argv = ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, script]
    expect(execFileSync('/bin/bash', argv, { encoding: 'utf8' })).toBe('error\n')
  })
  it('tells a missing program from one that may not be run', async () => {
    expect(await run(['/nonexistent/tool'])).toMatchObject({ end: 'absent' })
    expect(await run([fileURLToPath(import.meta.url)])).toMatchObject({ end: 'denied' })
  })
  it('sets one locale and no colours', async () => {
    const env = { PATH: process.env['PATH'], FORCE_COLOR: '1', LANGUAGE: 'fr', LC_ALL: 'fr_FR.UTF-8' }
    expect((await run([bin('locale')], { env })).out).toBe('C.UTF-8 1 unset unset\n')
  })
  it('loses no output of a program that ended while this process was held up', async () => {
    // The end of the one below is told together with the end of this one, before its output is read; then the loop is held up again.
    const other = spawn('echo', ['x'], { stdio: ['ignore', 'pipe', 'inherit'] })
    other.stdout.on('data', () => {
      hold(500)
      setImmediate(hold, 100)
    })
    const ran = run(['sh', '-c', 'sleep 0.3; echo out'])
    hold(150)
    expect(await ran).toMatchObject({ end: 'exited', code: 0, out: 'out\n' })
  })
  it('does not take a held-up event loop for a hung program', async () => {
    const ran = run(['true'], { limit: 20 })
    const until = performance.now() + 200
    while (performance.now() < until) {
      /* hold the loop up */
    }
    expect(await ran).toMatchObject({ end: 'exited', code: 0 })
  })
})
