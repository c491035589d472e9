import { appendFileSync, statSync } from 'node:fs'

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
  try {
    appendFileSync(stat.isFile() ? open : file, text)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
  return true
}
