import { isCut, type Capture } from '../model/capture.ts'
import type { FactStatus } from '../model/fact.ts'
import { expand, target } from './probe-files.ts'
import type { Probe } from './probe.ts'
import { startOf, type Programs } from './programs.ts'
import type { Mount, Reach } from './reach.ts'
import type { Answer, Runner } from './runner.ts'

/** What all probes of one look share. */
export type Context = {
  env: Record<string, string | undefined>
  runner: Runner
  mounts: readonly Mount[]
  reach: Reach
  programs: Programs
  onWait: ((argv: readonly string[], limit: number) => void) | undefined
  /** Programs of which `onWait` was told: its calls that stand in line are not told again. */
  awaited: Set<string>
}

export const blank = { text: '', stderr: '', exitCode: null, excerpt: false, ms: 0 } as const

/** A path with the home folder put in for `~`. */
export const home = (path: string, { env }: Context): string =>
  path.startsWith('~/') || path === '~' ? `${env['HOME'] ?? '/nonexistent'}${path.slice(1)}` : path

/** Runs a command for each program that its first word names. */
export const commandOf = async (probe: Extract<Probe, { kind: 'run' }>, context: Context): Promise<Capture[]> => {
  const [first, ...rest] = probe.argv.map((word) => home(word, context)) as [string, ...string[]]
  const programs = first.includes('*') ? different(expand(first, context.reach), context.reach) : [first]
  return Promise.all(programs.map((program) => oneCommand([program, ...rest], probe, context)))
}

/** Asks one command after the other, until one gave something and was not cut. */
export const firstOf = async (commands: readonly Extract<Probe, { kind: 'run' }>[], context: Context): Promise<Capture[]> => {
  const asked: Capture[] = []
  for (const command of commands) {
    const captures = await commandOf(command, context)
    asked.push(...captures)
    // A GPU tool is asked once more only in words that it knows, and what it did not understand says nothing of the GPU.
    if (command.gpu) {
      if (captures.some((c) => misheard(command, c))) continue
      return captures
    }
    if (captures.some((c) => c.status === 'ok' && c.exitCode === 0 && c.text !== '' && !isCut(c))) break
  }
  return asked
}

/** Whether a tool did not know the words of its call: it says so (nvidia-smi by exit code 2, as its manual says), or answers something else. */
function misheard({ shows }: Extract<Probe, { kind: 'run' }>, { status, exitCode, text, stderr }: Capture): boolean {
  if (status !== 'ok') return false
  if (exitCode === 2 || /not a valid field|not recognized|invalid (combination|option)/i.test(`${text}${stderr}`)) return true
  return exitCode === 0 && shows?.test(text) === false
}

/** Programs without those that are links to another one of them. */
const different = (programs: readonly string[], reach: Reach): string[] => [
  ...new Set(programs.map((p) => (reach(p) ? target(p) : null) ?? p)),
]

/** These read what they are told to: when one does not come back, its file is at fault, not the tool. */
const READERS = new Set(['grep', 'df', 'readlink'])

const oneCommand = async (
  argv: [string, ...string[]],
  probe: Extract<Probe, { kind: 'run' }>,
  context: Context,
): Promise<Capture> => {
  const [name, ...rest] = argv
  const { found, sure } = name.includes('/') ? { found: [name], sure: true } : await context.programs(name)
  const [program] = found
  if (program === undefined) return sure ? { ...blank, argv, status: 'absent', exitCode: 127 } : { ...blank, argv, ...unsure }
  const limit = probe.limit ?? 2000
  const notice = setTimeout(() => {
    if (!context.awaited.has(program)) context.onWait?.(argv, limit)
    context.awaited.add(program)
  }, 1000)
  notice.unref()
  const key = READERS.has(name) ? argv.join(' ') : program.split('/').at(-1)!
  const ran = await context.runner.run(startOf(program, rest, context.reach), { limit, gpu: probe.gpu === true, key })
  clearTimeout(notice)
  const capture = { ...captureOf(argv, ran), program }
  if (name === 'dmesg' && beginsLate(capture.text)) return { ...capture, excerpt: true }
  // It was there a moment ago: what is absent is the interpreter that its first line names.
  return ran.end === 'absent' ? { ...capture, status: 'error', stderr: `${program}: its interpreter is missing` } : capture
}

/** The kernel's buffer is a ring, and `dmesg -C` empties it: one whose first line is not of the first second does not show the whole boot. */
const beginsLate = (text: string): boolean => /^\[ *[1-9]\d*\./.test(text)

/** A program that may or may not be in a folder of PATH that does not answer. */
export const unsure = { status: 'error', stderr: 'not looked for: a folder of PATH does not answer' } as const

const STATUS: Record<Exclude<Answer['end'], 'blocked'>, FactStatus> = {
  exited: 'ok',
  timeout: 'timeout',
  hung: 'hung',
  absent: 'absent',
  denied: 'denied',
  error: 'error',
}

/** The capture of a call. One for which there was no time proves nothing of its tool. After a tool hung, its later calls carry the pid and wait channel of the first. */
const captureOf = (argv: readonly string[], ran: Answer): Capture => {
  if (ran.end === 'blocked') {
    const status: FactStatus = ran.by === 'deadline' ? 'error' : ran.hung?.end === 'hung' ? 'hung' : 'timeout'
    return {
      ...blank,
      argv,
      status,
      stderr: ran.by === 'deadline' ? 'no answer within the time for all probes' : 'not run: the tool did not answer before',
      ...waiting(ran.hung),
    }
  }
  return {
    argv,
    status: STATUS[ran.end],
    text: ran.out,
    stderr: ran.err,
    exitCode: ran.code,
    excerpt: ran.end !== 'exited',
    ms: ran.ms,
    ...waiting(ran),
  }
}

const waiting = (ran: Exclude<Answer, { end: 'blocked' }> | null): { pid?: number; wchan?: string } =>
  ran === null || ran.end !== 'hung' ? {} : { pid: ran.pid, ...(ran.wchan === '' ? {} : { wchan: ran.wchan }) }
