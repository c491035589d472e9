import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
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
  })
  it('tells a missing program from one that may not be run', async () => {
    expect(await run(['/nonexistent/tool'])).toMatchObject({ end: 'absent' })
    expect(await run([fileURLToPath(import.meta.url)])).toMatchObject({ end: 'denied' })
  })
  it('sets one locale and no colours', async () => {
    const env = { PATH: process.env['PATH'], FORCE_COLOR: '1', LANGUAGE: 'fr', LC_ALL: 'fr_FR.UTF-8' }
    expect((await run([bin('locale')], { env })).out).toBe('C.UTF-8 1 unset unset\n')
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
