import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Exit, RunOptions } from './machine.ts'

const TAIL_LINES = 30
/** What a child leaves at work may hold its output open for ever. Once the child is gone, a silence this long ends the listening, */
const SILENCE = 50
/** and what never falls silent is listened to no longer than this. */
const DRAIN = 2000

/**
 * Runs a provisioning command to its end: argument list, no shell, own process group, no time limit (an owner stops it by the signal), and
 * nothing on its input but a folder that is held open, where one is given. Every child carries the variables given, by which survivors of a
 * killed run are found again (see survivors.ts). What it leaves at work goes on, and is not waited for.
 */
export async function command(
  argv: readonly string[], env: Record<string, string>, options: RunOptions, folder: number | null = null,
): Promise<Exit> {
  // Loaded with the first command: `status` and `plan` run none, and it takes longer to load than all else they need.
  const { execa } = await import('execa')
  const tail: string[] = []
  const child = execa(argv[0]!, argv.slice(1), {
    env: { ...env, ...options.env }, extendEnv: false, detached: true, buffer: false, reject: false, cleanup: true,
    // A number is as good for execa as a word is, but not for its types.
    stdin: (folder ?? 'ignore') as 'ignore', stdout: 'pipe', stderr: 'pipe', ...(options.cwd ? { cwd: options.cwd } : {}),
  })
  const stop = (): void => {
    if (child.pid) endGroup(child.pid)
  }
  options.signal?.addEventListener('abort', stop, { once: true })
  if (options.signal?.aborted) stop()
  const each = [[child.stdout, options.onOut], [child.stderr, options.onErr]] as const
  const readers = each.map(async ([stream, own]) => {
    const lines = createInterface({ input: stream })
    stream.once('close', () => lines.close())
    for await (const line of lines) {
      const shown = line.split('\r').at(-1)!
      tail.push(shown)
      if (tail.length > TAIL_LINES) tail.shift()
      options.onLine?.(shown)
      own?.(line)
    }
  })
  child.nodeChildProcess.once('exit', () => letGo([child.stdout, child.stderr]))
  const result = await child
  await Promise.allSettled(readers)
  options.signal?.removeEventListener('abort', stop)
  if (result.code === 'ENOENT') return { code: 127, signal: null, tail: `${argv[0]}: not found` }
  if (result.code && result.exitCode === undefined && !result.signal) return { code: 126, signal: null, tail: `${argv[0]}: ${result.code}` }
  return { code: result.exitCode ?? null, signal: result.signal ?? null, tail: tail.join('\n') }
}

/** Closes streams from which nothing comes any more. Each look lets the event loop turn first: what was written may lie there unread. */
function letGo(streams: readonly Readable[]): void {
  const last = performance.now() + DRAIN
  let heard = false
  for (const stream of streams) stream.on('data', () => (heard = true))
  const look = (): void => {
    if (streams.every((stream) => stream.closed)) return
    if (!heard || performance.now() > last) return streams.forEach((stream) => stream.destroy())
    heard = false
    later()
  }
  const later = (): unknown => setTimeout(() => setImmediate(look), SILENCE)
  later()
}

/** TERM to the whole group, KILL two seconds later for what trapped it. */
function endGroup(pid: number): void {
  const kill = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal)
    } catch {
      // the group is gone already
    }
  }
  kill('SIGTERM')
  setTimeout(() => kill('SIGKILL'), 2000).unref()
}
