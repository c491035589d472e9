import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { open } from 'node:fs/promises'

const SIZE = 1 << 18

/** What a word names: something that is read as a file, a folder, or nothing. */
export function kindOf(path: string): 'file' | 'folder' | 'nothing' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'file' : 'nothing' // in a closed folder: told when it is opened
  }
}

/**
 * The bytes of a file or, without a path, of stdin. Every piece lies in the same memory: it is over with the next one. A signal
 * ends it where it is, so that what was read so far can be told.
 */
export async function* chunks(path: string | null, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (path === null) {
    const abort = (): void => void process.stdin.destroy()
    signal.addEventListener('abort', abort, { once: true })
    try {
      for await (const chunk of process.stdin) yield chunk as Uint8Array
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
    return
  }
  const stat = statSync(path)
  if (!stat.isFile() || stat.size === 0) return yield* printed(path, signal)
  const file = await open(path, 'r')
  const buffer = new Uint8Array(SIZE)
  try {
    while (!signal.aborted) {
      const { bytesRead } = await file.read(buffer, 0, SIZE)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/**
 * What may keep a reader waiting, such as /dev/kmsg, a pipe or what the kernel makes up in /proc, is read by a child: a read of our
 * own that waits could be ended by no signal.
 */
async function* printed(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  accessSync(path, constants.R_OK)
  const open = path === '/dev/stdin' ? '0' : /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1]
  const [from, argv] = open === undefined ? (['ignore', ['--', path]] as const) : ([Number(open), []] as const)
  const child = spawn('cat', argv, { stdio: [from, 'pipe', 'inherit'] })
  const stop = (): void => void child.kill()
  signal.addEventListener('abort', stop, { once: true })
  let started = true
  child.once('error', () => (started = false)) // without `cat`, as in a container of one program
  const ended = new Promise<number | null>((done) => child.once('close', done))
  try {
    for await (const chunk of child.stdout ?? []) yield chunk as Uint8Array
    const code = child.stdout ? await ended : null
    if (!started) throw Object.assign(new Error(`${path} cannot be read without the program cat`), { code: 'ENOTSUP' })
    if (code !== 0 && !signal.aborted) throw Object.assign(new Error(`${path} could not be read to its end`), { code: 'ENOTSUP' })
  } finally {
    signal.removeEventListener('abort', stop)
    child.kill()
  }
}
