import { isCut, type Capture } from '../model/capture.ts'
import { INSTALLERS } from '../model/installers.ts'
import { EVIDENCE, NO_EVIDENCE } from '../model/kernel-log.ts'
import { partOf } from './minimise-files.ts'

/** Lines that may go along when the user asks for logs. */
const LOG_LINE = /NVRM|NVIDIA|nvidia|Xid|oom|Out of memory|thermal|throttl|insufficient power/i
/** Time, host and program at the start of a line of dmesg or the journal. */
const PREFIX =
  /^(?:<\d+>)?(?:\[[ \d.]+\] ?|[A-Z][a-z]{2} [ \d]\d [\d:]{8}(?:\.\d+)? \S+ (?:kernel|systemd)(?:\[\d+\])?: (?:\[[ \d.]+\] ?)?|\d{4}-\d\d-\d\dT\S+ \S+ (?:kernel|systemd)(?:\[\d+\])?: )/
/** The first process of a machine, hung ones of the driver, and those that install packages. */
const PROCESS = new RegExp(String.raw`^\s*(?:1\s+\S+\s+(?:systemd|init)|\d+\s+(?:D\S*\s+\S*nvidia.*|\S+\s+(?:${INSTALLERS})))\s*$`)

const toolOf = ({ argv }: Capture): string => argv?.[0]?.split('/').at(-1) ?? ''
const isLog = (capture: Capture): boolean => ['dmesg', 'journalctl'].includes(toolOf(capture))

/**
 * The captures with no more in them than facts are read from: of logs the lines that say something about the GPU or its driver,
 * without time and host; of processes those of the driver that hang and those that install packages; of files the lines that are
 * read; of Python packages those that are read. `variables`: those of a unit that are known; `known`: whether facts are read from a
 * package of that name.
 */
export const minimised = (
  captures: readonly Capture[],
  variables: ReadonlySet<string>,
  known: (name: string) => boolean,
): Capture[] =>
  captures.map((capture) => {
    if (isLog(capture))
      return lines(
        capture,
        (line) => EVIDENCE.test(line),
        (line) => line.replace(PREFIX, ''),
      )
    if (toolOf(capture) === 'ps')
      return lines(
        capture,
        (line, at) => at === 0 || PROCESS.test(line),
        (line) => line,
      )
    if (toolOf(capture) === 'ls') return packagesOf(partOf(capture, variables), known)
    return partOf(capture, variables)
  })

/** The folders by which packages are known to be installed: what else is installed there may be somebody's own. */
const packagesOf = (capture: Capture, known: (name: string) => boolean): Capture => ({
  ...capture,
  text: capture.text.replaceAll(/^[^\n]*\/(?:site|dist)-packages\/([^/\n]+?)-\d[^/\n]*\.(?:dist|egg)-info\/?\n?/gm, (line, name: string) =>
    known(name) ? line : '',
  ),
})

function lines(capture: Capture, keep: (line: string, at: number) => boolean, shape: (line: string) => string): Capture {
  const all = capture.text.split('\n')
  const kept = all.filter(keep).map(shape)
  return {
    ...capture,
    text:
      kept.length === 0
        ? capture.text.trim() === ''
          ? ''
          : `\n${NO_EVIDENCE}\n`
        : `${kept.join('\n')}\n`,
    excerpt: isCut(capture),
  }
}

/** For `--include-logs`: lines of this boot about GPU, memory and heat, with their times. */
export const logLines = (captures: readonly Capture[]): string =>
  captures
    .filter((capture) => isLog(capture) && capture.status === 'ok' && !capture.argv?.includes('-1'))
    .map(
      ({ argv, text }) =>
        `$ ${argv?.join(' ')}\n${text
          .split('\n')
          .filter((line) => LOG_LINE.test(line))
          .map((line) => `${line}\n`)
          .join('')}`,
    )
    .join('\n')
