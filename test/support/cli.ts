import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const node = `${root}node_modules/node-linux-${process.arch}/bin/node`

/** test/bin/uv and nothing else of the fake tools. */
const tools = mkdtempSync(join(tmpdir(), 'gb10-bin-'))
symlinkSync(`${root}test/bin/uv`, `${tools}/uv`)
process.on('exit', () => rmSync(tools, { recursive: true, force: true }))

export type Ended = { code: number | null; signal: string | null; stdout: string; stderr: string }
export type Spawned = { child: ChildProcess; ended: Promise<Ended>; stderrHas(text: string | RegExp): Promise<void> }
export type Home = { home: string; env: Record<string, string> }

/** A home of the test's own and the environment that leads gb10 there; nothing of the caller's environment but what is named here. */
export function newHome(): Home {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'gb10-cli-')))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 3 }))
  const home = `${base}/user`
  mkdirSync(home)
  const env = { HOME: home, PATH: `${tools}:/usr/bin:/bin`, PIP_CONFIG_FILE: '/dev/null', TMPDIR: base, LANG: 'C.UTF-8' }
  return { home, env }
}

/** The real command line, run by the pinned Node. */
export const commandLine = (args: string[]): string[] => [node, `${root}bin/gb10.cjs`, ...args]

/** Starts it. */
export function start(args: string[], { env }: Pick<Home, 'env'>, more: Record<string, string> = {}): Spawned {
  const child = spawn(node, commandLine(args).slice(1), { env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (piece: string) => {
      text[name] += piece
      for (const look of waiting) look()
    })
  }
  const ended = new Promise<Ended>((done) => child.on('close', (code, signal) => done({ code, signal, ...text })))
  const stderrHas = (wanted: string | RegExp): Promise<void> =>
    new Promise((done, fail) => {
      const look = (): void => {
        if (typeof wanted === 'string' ? text.stderr.includes(wanted) : wanted.test(text.stderr)) done(void waiting.delete(look))
      }
      waiting.add(look)
      void ended.then(() => fail(new Error(`gb10 ended before it said ${wanted}:\n${text.stderr}\n${text.stdout}`)))
      look()
    })
  return { child, ended, stderrHas }
}

/** Runs the real command line to its end. */
export const gb10 = (args: string[], home: Pick<Home, 'env'>, more: Record<string, string> = {}): Promise<Ended> => start(args, home, more).ended
