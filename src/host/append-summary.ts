import { appendFileSync, closeSync, constants, openSync, statSync } from 'node:fs'

/**
 * Adds a text to a file of the job that called us, unless that made it larger than `most` bytes. A file that cannot be written
 * loses the summary, not the verdict.
 */
export function appendSummary(file: string, text: string, most: number): void {
  try {
    const before = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    if (before + Buffer.byteLength(text) <= most) appendFileSync(file, text)
  } catch {
    // The verdict itself is on stdout.
  }
}

/** Names of what is open in this process already. */
const OPEN = /^\/(?:dev|proc\/self)\/fd\/(\d+)$|^\/dev\/(stdout|stderr)$/

/**
 * Writes into what takes texts and is no file, such as /dev/null or the pipe of `>(…)`, or is open for us, as /dev/stdout is: it
 * must not be replaced. False where there is a file, a folder, or nothing yet. A reader that has gone is no error.
 */
export function wroteInto(file: string, text: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false })
  const [name, number, stream] = OPEN.exec(file) ?? []
  if (stat === undefined || stat.isDirectory() || (stat.isFile() && name === undefined)) return false
  const open = stream === undefined ? Number(number) : stream === 'stdout' ? 1 : 2
  if (open === 1 || open === 2) {
    // Behind what stands there already; a socket, such as the journal's, cannot be opened once more.
    const out = open === 1 ? process.stdout : process.stderr
    out.write(text)
    return true
  }
  const reader = stat.isFIFO() ? readerOf(file) : null
  try {
    appendFileSync(stat.isFile() ? open : file, text)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  } finally {
    if (reader !== null) closeSync(reader)
  }
  return true
}

/** The end of a pipe that somebody reads. To open one that nobody reads would wait for ever, deaf to every signal. */
function readerOf(pipe: string): number {
  for (let tries = 50; ; tries -= 1) {
    try {
      return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
      if (tries === 0) throw Object.assign(new Error(`nobody reads the pipe ${pipe}`), { code: 'ENOTSUP' })
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
  }
}
