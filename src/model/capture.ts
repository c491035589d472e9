import type { FactStatus } from './fact.ts'

/**
 * What one probe of a machine gave: a command's output, a file's text or a folder's names. Facts are read from captures alone,
 * so a live machine, a recording and a support bundle go through the same parsers.
 */
export type Capture = {
  /** The argument list that was run; absent for files. */
  argv?: readonly string[]
  /** The program that ran, as an absolute path, where that is known. */
  program?: string
  /** The file or folder that was read; absent for commands. */
  path?: string
  status: FactStatus
  /** Standard output, or the text of the file. */
  text: string
  stderr: string
  exitCode: number | null
  /** True when the text is not the whole output: a line that is missing proves nothing. */
  excerpt: boolean
  ms: number
  /** Of a hung tool: its process id and the kernel function it waits in. */
  pid?: number
  wchan?: string
}
