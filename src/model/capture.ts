import type { FactStatus } from './fact.ts'
import { isLogText } from './kernel-log.ts'

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

/** Characters that are kept of what a command prints. The table of processes is no command's: all of it is kept. */
export const OUTPUT_CAP = 65_536

/**
 * True when the text may not be the whole output: it was cut, `journalctl -n` gave as many lines as it may, or a tool could not read
 * what it was asked for and says so, or shows what this user may see.
 */
export const isCut = ({ argv, text, excerpt }: Pick<Capture, 'argv' | 'text' | 'excerpt'>): boolean =>
  excerpt ||
  (argv !== undefined &&
    ((text.length >= OUTPUT_CAP && argv[0] !== 'ps') || text.trimEnd().split('\n').length >= linesAskedFor(argv) || isHidden(argv, text)))

/** A log of the kernel without a line of one; a table of processes without process 1, unless it is the heading alone, as in a support bundle. */
const isHidden = (argv: readonly string[], text: string): boolean => {
  const tool = argv.find((word) => /(^|\/)(dmesg|journalctl|ps)$/.test(word))?.split('/').at(-1)
  if (tool === undefined || (tool !== 'ps' && text.trim() === '')) return false
  if (tool !== 'ps') return !argv.includes('-1') && !isLogText(argv, text)
  return argv.join(' ').includes('stat') && !/^\s*1\s+[A-Z]/m.test(text) && !/^\s*PID\s+STAT\s+COMMAND\s*$/.test(text)
}

/** N of `journalctl -n N`, `-nN` or `--lines=N`; infinite for all else. */
const linesAskedFor = (argv: readonly string[]): number => {
  if (!argv.some((word) => word.split('/').at(-1) === 'journalctl')) return Infinity
  return Number(/ (?:-[a-zA-Z]*n ?|--lines[= ])\+?(\d+)( |$)/.exec(argv.join(' '))?.[1] ?? Infinity)
}
