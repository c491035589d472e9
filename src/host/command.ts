import { createInterface } from 'node:readline'
import type { Exit, RunOptions } from './machine.ts'

const TAIL_LINES = 30

/**
 * Runs a provisioning command to its end: argument list, no shell, own process group, no time limit (an owner stops it by the signal), and
 * nothing on its input but a folder that is held open, where one is given. Every child carries the variables given, by which survivors of a
 * killed run are found again (see survivors.ts).
 */
export async function command(
  argv: readonly string[], env: Record<string, string>, options: RunOptions, folder: number | null = null,
): Promise<Exit> {
  // Loaded with the first command: `status` and `plan` run none, and it takes longer to load than all else they need.
  const { execa } = await import('execa')
  const tail: string[] = []
  const child = execa(argv[0]!, argv.slice(1), {
    env: { ...env, ...options.env }, extendEnv: false, detached: true, stdin: (folder ?? 'ignore') as 'ignore', stdout: 'pipe', stderr: 'pipe', buffer: false,
    reject: false, cleanup: true, ...(options.cwd ? { cwd: options.cwd } : {}),
  })
  const stop = (): void => {
    if (child.pid) endGroup(child.pid)
  }
  options.signal?.addEventListener('abort', stop, { once: true })
  if (options.signal?.aborted) stop()
  const each = [[child.stdout, options.onOut], [child.stderr, options.onErr]] as const
  const readers = each.map(async ([stream, own]) => {
    for await (const line of createInterface({ input: stream })) {
      const shown = line.split('\r').at(-1)!
      tail.push(shown)
      if (tail.length > TAIL_LINES) tail.shift()
      options.onLine?.(shown)
      own?.(line)
    }
  })
  const result = await child
  await Promise.allSettled(readers)
  options.signal?.removeEventListener('abort', stop)
  if (result.code === 'ENOENT') return { code: 127, signal: null, tail: `${argv[0]}: not found` }
  return { code: result.exitCode ?? null, signal: result.signal ?? null, tail: tail.join('\n') }
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
