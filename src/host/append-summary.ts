import { appendFileSync } from 'node:fs'

/** Adds a text to a file of the job that called us. A file that cannot be written loses the summary, not the verdict. */
export function appendSummary(file: string, text: string): void {
  try {
    appendFileSync(file, text)
  } catch {
    // The verdict itself is on stdout.
  }
}
