import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { OUTPUT_CAP } from '../model/capture.ts'

/** How a child ended. `timeout` = it had to be killed; `hung` = not even SIGKILL ended it (it waits inside the kernel). */
export type End = 'exited' | 'timeout' | 'hung' | 'absent' | 'denied' | 'error'

/** A child's record; a failure has the same shape as a success. `wchan` = the kernel function a hung child waits in. */
export type Ran = { end: End; code: number | null; pid: number; wchan: string; out: string; err: string; ms: number }

export type RunOptions = { limit?: number; cap?: number; env?: Record<string, string | undefined>; signal?: AbortSignal | undefined }

const TERM_GRACE = 150
const KILL_GRACE = 200
/** A grandchild may hold the pipes after the child is gone: this long its last output is waited for. */
const DRAIN = 50

/** What ends the children that run now, for where this process itself ends before them. */
const running = new Set<() => void>()
process.on('exit', () => {
  for (const end of running) end()
})

/** The environment of every probe: one locale, no colours. */
export const probeEnv = (env: Record<string, string | undefined>): Record<string, string | undefined> => {
  const { FORCE_COLOR: _colour, LANGUAGE: _language, ...rest } = env
  return { ...rest, LC_ALL: 'C.UTF-8', NO_COLOR: '1' }
}

/**
 * Runs one program and always returns: at the latest 350 ms after `limit` or the signal, whatever the child does. The child gets its own process
 * group, no input, and output of at most `cap` characters a stream (more is drained and dropped). Never rejects.
 */
export const run = (
  argv: readonly [string, ...string[]],
  { limit = 2000, cap = OUTPUT_CAP, env = process.env, signal }: RunOptions = {},
): Promise<Ran> =>
  new Promise((done) => {
    const started = performance.now()
    const text = { out: '', err: '' }
    const ended = (end: End, code: number | null, pid: number, wchan = ''): void =>
      done({ end, code, pid, wchan, ...text, ms: Math.round(performance.now() - started) })
    let child
    try {
      child = spawn(argv[0], argv.slice(1), { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: probeEnv(env) })
    } catch {
      return ended('error', null, 0)
    }
    const { stdout, stderr, pid = 0 } = child
    if (stdout === undefined) {
      // Where no file may be opened any more, Node makes no pipes, and tells the error later.
      child.once('error', () => ended('error', null, 0))
      return
    }
    for (const [key, stream] of [
      ['out', stdout],
      ['err', stderr],
    ] as const) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        if (text[key].length < cap) text[key] = (text[key] + piece).slice(0, cap)
      })
      stream.on('error', () => {
        /* the pipe may break when the group is killed */
      })
    }
    const kill = (signal: NodeJS.Signals): void => {
      if (pid > 0)
        try {
          process.kill(-pid, signal)
        } catch {
          /* the group is gone */
        }
    }
    const killNow = (): void => kill('SIGKILL')
    running.add(killNow)
    let settled = false
    let expired = false
    let exited = false
    const settle = (end: End, code: number | null = null, wchan = ''): void => {
      if (settled) return
      settled = true
      running.delete(killNow)
      clearTimeout(timer)
      signal?.removeEventListener('abort', expire)
      stdout.destroy()
      stderr.destroy()
      child.unref() // a child that waits inside the kernel must not keep this process alive
      ended(end, code, pid, wchan)
    }
    child.once('error', (problem: NodeJS.ErrnoException) =>
      settle(problem.code === 'ENOENT' ? 'absent' : problem.code === 'EACCES' ? 'denied' : 'error'),
    )
    child.once('close', (code) => {
      if (settled) return
      kill('SIGKILL')
      settle(expired ? 'timeout' : 'exited', code)
    })
    child.once('exit', async (code) => {
      exited = true
      if (!expired) {
        await sleep(DRAIN, undefined, { ref: false }) // where the pipes close before, nothing has to wait for this
        await turn() // when this process itself was held up meanwhile, the output is still in the pipes
      }
      if (settled) return // its group went with it, and the number may be another's by now
      kill('SIGKILL') // whatever the child left behind in its group
      settle(expired ? 'timeout' : 'exited', code)
    })
    const expire = async (): Promise<void> => {
      await turn() // when this process itself was held up, the child's end may be waiting to be told
      if (settled || exited || expired) return
      expired = true
      kill('SIGTERM')
      await sleep(TERM_GRACE)
      if (settled) return
      kill('SIGKILL')
      await sleep(KILL_GRACE)
      if (!settled) settle('hung', null, waitsIn(pid))
    }
    const timer = setTimeout(expire, limit)
    signal?.addEventListener('abort', expire, { once: true })
  })

const waitsIn = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/wchan`, 'utf8').trim()
  } catch {
    return ''
  }
}
