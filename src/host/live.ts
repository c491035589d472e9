import { availableParallelism } from 'node:os'
import type { Capture } from '../model/capture.ts'
import type { FactStatus } from '../model/fact.ts'
import { expand, mayHang, mountOf, onPath, readPlain, spaceAt, target } from './probe-files.ts'
import { processTable } from './processes.ts'
import { mentionedIn, sitesOf, variablesOf } from './probe-sites.ts'
import type { Probe } from './probe.ts'
import { createRunner, type Answer, type Runner } from './runner.ts'

export type LiveOptions = {
  /** Environment of this process: PATH to look up tools, HOME for `~`. */
  env?: Record<string, string | undefined>
  /** All probes end within this many ms (plus the kill ladder of the last one). */
  deadline?: number
  /** Told when a tool has been awaited for a second. */
  onWait?: (argv: readonly string[], limit: number) => void
  /** Looks at all other captures and says why the GPU had better not be asked; null = go on. Absent with `--force`. */
  guard?: (captures: readonly Capture[]) => string | null
}

/** Folders where administrators' tools live although a user's PATH may lack them. */
const SYSTEM = ['/usr/sbin', '/sbin']

/**
 * Asks the machine itself, by a list of probes, and gives their captures in the list's order. Reads and runs only; changes
 * nothing. Never rejects: what fails is a capture with its status. GPU tools start when all other probes have ended.
 */
export const probeLive = async (
  probes: readonly Probe[],
  { env = process.env, deadline = 15_000, onWait, guard }: LiveOptions = {},
): Promise<Capture[]> => {
  const runner = createRunner({ concurrency: Math.min(16, 2 * availableParallelism()), deadline, env })
  const context: Context = { env, runner, onWait, mounts: readPlain('/proc/self/mounts').text }
  const gpu = (probe: Probe): boolean => probe.kind === 'run' && probe.gpu === true
  const answers = new Map<Probe, Capture[]>()
  const ask = async (probe: Probe): Promise<void> => {
    answers.set(probe, await oneProbe(probe, context))
  }
  await Promise.all(probes.filter((p) => !gpu(p)).map(ask))
  const reason = guard?.([...answers.values()].flat()) ?? null
  if (reason === null) await Promise.all(probes.filter(gpu).map(ask))
  else for (const probe of probes.filter(gpu)) answers.set(probe, [notAsked(probe, reason)])
  return probes.flatMap((probe) => answers.get(probe) ?? [])
}

/** The capture of a GPU tool that was spared because the GPU seems to hang. */
const notAsked = (probe: Probe, reason: string): Capture => ({
  ...blank,
  argv: probe.kind === 'run' ? probe.argv : [],
  status: 'hung',
  stderr: `not run: ${reason}`,
})

type Context = {
  env: Record<string, string | undefined>
  runner: Runner
  mounts: string
  onWait: LiveOptions['onWait'] | undefined
}

const oneProbe = async (probe: Probe, context: Context): Promise<Capture[]> => {
  switch (probe.kind) {
    case 'read':
      return readAll(home(probe.path, context), context)
    case 'readSlow':
      return printed(
        probe.paths.flatMap((path) => expand(home(path, context))),
        context,
      )
    case 'which':
      return [whichOf(probe.name, context)]
    case 'link':
      return linkOf(home(probe.path, context), context)
    case 'names':
      return [namesOf(home(probe.path, context), context)]
    case 'processes':
      return [{ ...blank, argv: ['ps', '-eo', 'pid,stat,comm'], status: 'ok', text: await processTable(), exitCode: 0 }]
    case 'space':
      return spaceOf(home(probe.path, context), context)
    case 'first':
      return firstOf(probe.of, context)
    case 'sites':
      return sitesOf(probe.paths.flatMap((path) => named(path, context)), probe.files, context.mounts)
    case 'mentioned':
      return mentionedIn(probe.paths, probe.pattern)
    case 'variables':
      return [variablesOf(probe.names, context.env)]
    case 'run':
      return commandOf(probe, context)
  }
}

const home = (path: string, { env }: Context): string =>
  path.startsWith('~/') || path === '~' ? `${env['HOME'] ?? '/nonexistent'}${path.slice(1)}` : path

/** A path that starts with `$NAME/` is left out where the variable is not set. */
const named = (path: string, context: Context): string[] => {
  const name = /^\$(\w+)\//.exec(path)?.[1]
  if (name === undefined) return [home(path, context)]
  const value = context.env[name]
  return value?.startsWith('/') ? [`${value.replace(/\/+$/, '')}${path.slice(name.length + 1)}`] : []
}

const blank = { text: '', stderr: '', exitCode: null, excerpt: false, ms: 0 } as const

/** The part of a pattern before its first `*`: where the reading would touch the disk. */
const rootOf = (pattern: string): string => pattern.split('*')[0]?.replace(/\/[^/]*$/, '') || '/'

const readAll = async (pattern: string, context: Context): Promise<Capture[]> => {
  if (mayHang(rootOf(pattern), context.mounts)) return printed(pattern.includes('*') ? [] : [pattern], context)
  const paths = expand(pattern)
  if (paths.length === 0) return [{ ...blank, path: pattern, status: 'absent' }]
  return paths.map((path) => ({ ...blank, path, ...readPlain(path) }))
}

/** One `grep -Hs ''` prints all files with their names, so that a reading that blocks costs one child and one limit. */
const printed = async (paths: readonly string[], context: Context): Promise<Capture[]> =>
  paths.length === 0 ? [] : commandOf({ kind: 'run', argv: ['grep', '-Hs', '', ...paths] }, context)

const whichOf = (name: string, { env }: Context): Capture => {
  const found = onPath(name, env['PATH'] ?? '')
  return {
    ...blank,
    argv: ['which', '-a', name],
    text: found.map((p) => `${p}\n`).join(''),
    status: found.length > 0 ? 'ok' : 'absent',
    exitCode: found.length > 0 ? 0 : 1,
  }
}

const linkOf = (pattern: string, context: Context): Capture[] =>
  mayHang(rootOf(pattern), context.mounts)
    ? []
    : expand(pattern).flatMap((path) => {
        const to = target(path)
        return to === null || to === path
          ? []
          : [{ ...blank, argv: ['readlink', '-f', path], text: `${to}\n`, status: 'ok' as const, exitCode: 0 }]
      })

const namesOf = (pattern: string, context: Context): Capture => {
  const found = mayHang(rootOf(pattern), context.mounts) ? null : expand(pattern)
  const status: FactStatus = found === null ? 'unrecorded' : found.length > 0 ? 'ok' : 'absent'
  return {
    ...blank,
    argv: ['ls', '-d', pattern],
    text: (found ?? []).map((p) => `${p}\n`).join(''),
    status,
    exitCode: status === 'ok' ? 0 : null,
  }
}

/** Asks the kernel itself where that cannot hang, else a child. */
const spaceOf = async (path: string, context: Context): Promise<Capture[]> => {
  const argv = ['df', '-kP', path] as const
  if (mayHang(path, context.mounts)) return commandOf({ kind: 'run', argv }, context)
  const space = spaceAt(path)
  if (space === null) return [{ ...blank, argv, status: 'absent' }]
  const { device, folder } = mountOf(path, context.mounts)
  const { sizeKiB, usedKiB, freeKiB } = space
  const text = `Filesystem 1024-blocks Used Available Capacity Mounted on\n${device} ${sizeKiB} ${usedKiB} ${freeKiB} ${Math.ceil((usedKiB * 100) / Math.max(1, usedKiB + freeKiB))}% ${folder}\n`
  return [{ ...blank, argv, text, status: 'ok', exitCode: 0 }]
}

const commandOf = async (probe: Extract<Probe, { kind: 'run' }>, context: Context): Promise<Capture[]> => {
  const [first, ...rest] = probe.argv.map((word) => home(word, context)) as [string, ...string[]]
  const programs = first.includes('*') ? different(expand(first)) : [first]
  return Promise.all(programs.map((program) => oneCommand([program, ...rest], probe, context)))
}

/** An answer this long was cut, so the next command may know more. */
const CUT = 65_536

/** Asks one command after the other, until one gave something and was not cut. */
const firstOf = async (commands: readonly Extract<Probe, { kind: 'run' }>[], context: Context): Promise<Capture[]> => {
  const asked: Capture[] = []
  for (const command of commands) {
    const captures = await commandOf(command, context)
    asked.push(...captures)
    if (captures.some(({ status, exitCode, text }) => status === 'ok' && exitCode === 0 && text !== '' && text.length < CUT)) break
  }
  return asked
}

/** Programs without those that are links to another one of them. */
const different = (programs: readonly string[]): string[] => [...new Set(programs.map((p) => target(p) ?? p))]

const oneCommand = async (
  argv: [string, ...string[]],
  probe: Extract<Probe, { kind: 'run' }>,
  context: Context,
): Promise<Capture> => {
  const [name, ...rest] = argv
  const program = name.includes('/') ? name : onPath(name, [context.env['PATH'] ?? '', ...SYSTEM].join(':'))[0]
  if (program === undefined) return { ...blank, argv, status: 'absent', exitCode: 127 }
  const limit = probe.limit ?? 2000
  const notice = setTimeout(() => context.onWait?.(argv, limit), 1000)
  notice.unref()
  const ran = await context.runner.run([program, ...rest], { limit, gpu: probe.gpu === true })
  clearTimeout(notice)
  return captureOf(argv, ran)
}

const STATUS: Record<Exclude<Answer['end'], 'blocked'>, FactStatus> = {
  exited: 'ok',
  timeout: 'timeout',
  hung: 'hung',
  absent: 'absent',
  denied: 'denied',
  error: 'error',
}

/** The capture of a call. After a tool hung, its later calls carry the pid and wait channel of the first. */
const captureOf = (argv: readonly string[], ran: Answer): Capture => {
  if (ran.end === 'blocked') {
    const status: FactStatus = ran.by === 'deadline' ? 'timeout' : ran.hung?.end === 'hung' ? 'hung' : 'timeout'
    return {
      ...blank,
      argv,
      status,
      stderr: ran.by === 'deadline' ? 'not run: the time for all probes was over' : 'not run: the tool did not answer before',
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
