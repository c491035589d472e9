import { open } from 'node:fs/promises'
import { statSync } from 'node:fs'

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
