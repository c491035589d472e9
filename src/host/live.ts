import { availableParallelism, userInfo } from 'node:os'
import type { Capture } from '../model/capture.ts'
import type { FactStatus } from '../model/fact.ts'
import { blank, commandOf, firstOf, home, unsure, type Context } from './live-commands.ts'
import { candidates, exists, expand, isClosed, readPlain, spaceAt, target } from './probe-files.ts'
import { isWholeTable, processTable } from './processes.ts'
import { mentionedIn, sitesOf, variablesOf } from './probe-sites.ts'
import type { Probe } from './probe.ts'
import { NO_PATH, programsOn, searchPath } from './programs.ts'
import { mountOf, mountsIn, reachOf } from './reach.ts'
import { createRunner } from './runner.ts'

export type LiveOptions = {
  /** Environment of this process: PATH to look up tools, HOME for `~`. */
  env?: Record<string, string | undefined>
  /** All probes end within this many ms (plus the kill ladder of the last one). */
  deadline?: number
  /** Told when a tool has been awaited for a second. */
  onWait?: (argv: readonly string[], limit: number) => void
  /** Told at the end when there was not time enough for all. */
  onDeadline?: () => void
  /** Ends the run early: what is running is ended, what is left is not asked. */
  signal?: AbortSignal
  /** Looks at all other captures and says why the GPU had better not be asked; null = go on. Absent with `--force`. */
  guard?: (captures: readonly Capture[]) => string | null
}

/** The environment of this process. A service of the system is started without a HOME; its user has one all the same. */
const ownEnvironment = (): Record<string, string | undefined> => {
  const env: Record<string, string | undefined> = { ...process.env, PATH: process.env['PATH'] || NO_PATH }
  if (env['HOME']) return env
  try {
    return { ...env, HOME: userInfo().homedir }
  } catch {
    return env // a user whom no table of users knows
  }
}

/**
 * Asks the machine itself, by a list of probes, and gives their captures in the list's order. Reads and runs only; changes
 * nothing. Never rejects: what fails is a capture with its status. GPU tools start when all other probes have ended.
 */
export const probeLive = async (
  probes: readonly Probe[],
  { env = ownEnvironment(), deadline = 15_000, onWait, onDeadline, guard, signal }: LiveOptions = {},
): Promise<Capture[]> => {
  const runner = createRunner({ concurrency: Math.min(16, 2 * availableParallelism()), deadline, env, signal })
  const mounts = mountsIn(readPlain('/proc/self/mounts').text)
  const reach = reachOf(mounts)
  const programs = programsOn(searchPath(env['PATH']), runner, reach)
  const context: Context = { env, runner, onWait, awaited: new Set(), mounts, reach, programs }
  const gpu = (probe: Probe): boolean => (probe.kind === 'first' ? probe.of : [probe]).some((one) => one.kind === 'run' && one.gpu === true)
  const answers = new Map<Probe, Capture[]>()
  const ask = async (probe: Probe): Promise<void> => {
    answers.set(probe, await oneProbe(probe, context))
  }
  await Promise.all(probes.filter((p) => !gpu(p)).map(ask))
  const reason = guard?.([...answers.values()].flat()) ?? null
  if (reason === null) await Promise.all(probes.filter(gpu).map(ask))
  else for (const probe of probes.filter(gpu)) answers.set(probe, [notAsked(probe, reason)])
  if (runner.late() && signal?.aborted !== true) onDeadline?.()
  return probes.flatMap((probe) => answers.get(probe) ?? [])
}

/** The capture of a GPU tool that was spared because the GPU seems to hang. */
const notAsked = (probe: Probe, reason: string): Capture => ({
  ...blank,
  argv: probe.kind === 'run' ? probe.argv : probe.kind === 'first' ? probe.of[0]!.argv : [],
  status: 'hung',
  stderr: `not run: ${reason}`,
})

const oneProbe = async (probe: Probe, context: Context): Promise<Capture[]> => {
  switch (probe.kind) {
    case 'read':
      return readAll(home(probe.path, context), context)
    case 'readSlow':
      return printed(
        probe.paths.flatMap((path) => expand(home(path, context), context.reach)),
        context,
      )
    case 'which':
      return [await whichOf(probe.name, context)]
    case 'link':
      return linkOf(home(probe.path, context), context)
    case 'names':
      return [namesOf(home(probe.path, context), context)]
    case 'processes':
      return [processesOf(await processTable())]
    case 'space':
      return spaceOf(home(probe.path, context), context)
    case 'first':
      return firstOf(probe.of, context)
    case 'sites':
      return sitesOf(probe.paths.flatMap((path) => named(path, context)), probe.files, context.reach)
    case 'mentioned':
      return mentionedIn(probe.paths, probe.pattern, context.reach)
    case 'variables':
      return [variablesOf(probe.names, context.env)]
    case 'run':
      return commandOf(probe, context)
  }
}

const processesOf = (text: string): Capture => ({
  ...blank, argv: ['ps', '-eo', 'pid,stat,comm'], status: 'ok', text, exitCode: 0, excerpt: !isWholeTable(text),
})

/** A path that starts with `$NAME/` is left out where the variable is not set; `$PATH/` stands for what holds the Pythons of PATH. */
const named = (path: string, context: Context): string[] => {
  const name = /^\$(\w+)\//.exec(path)?.[1]
  if (name === undefined) return [home(path, context)]
  const value = context.env[name] ?? ''
  const folders = name === 'PATH' ? pythonHomes(value, context) : [value]
  return folders.filter((folder) => folder.startsWith('/')).map((folder) => `${folder.replace(/\/+$/, '')}${path.slice(name.length + 1)}`)
}

/** Above the folders of a PATH in which there is a Python, or may be one. */
const pythonHomes = (value: string, { reach }: Context): string[] =>
  candidates('python3', value)
    .filter((program) => !reach(program) || exists(program))
    .map((program) => program.replace(/\/(bin\/)?python3$/, ''))

const readAll = async (pattern: string, context: Context): Promise<Capture[]> => {
  const { reach } = context
  if (!pattern.includes('*') && !reach(pattern)) return printed([pattern], context)
  const paths = expand(pattern, reach)
  if (paths.length === 0) return [{ ...blank, path: pattern, status: isClosed(pattern, reach) ? 'denied' : 'absent' }]
  const near = paths.filter(reach)
  const far = paths.filter((path) => !near.includes(path))
  return [...near.map((path) => ({ ...blank, path, ...readPlain(path) })), ...(await printed(far, context))]
}

/** One `grep -Hs ''` prints all files with their names, so that a reading that blocks costs one child and one limit. */
const printed = async (paths: readonly string[], context: Context): Promise<Capture[]> =>
  paths.length === 0 ? [] : commandOf({ kind: 'run', argv: ['grep', '-Hs', '', ...paths] }, context)

const whichOf = async (name: string, { env, programs }: Context): Promise<Capture> => {
  const { found, sure } = await programs(name)
  const own = candidates(name, env['PATH'] ?? '')
  const there = found.filter((path) => own.includes(path))
  const argv = ['which', '-a', name]
  if (there.length === 0) return sure ? { ...blank, argv, status: 'absent', exitCode: 1 } : { ...blank, argv, ...unsure }
  return { ...blank, argv, text: there.map((p) => `${p}\n`).join(''), status: 'ok', exitCode: 0 }
}

const linkOf = async (pattern: string, context: Context): Promise<Capture[]> => {
  const links = expand(pattern, context.reach).map(async (path): Promise<Capture[]> => {
    const argv = ['readlink', '-f', path] as const
    if (!context.reach(path)) return commandOf({ kind: 'run', argv }, context)
    const to = target(path)
    return to === null ? [] : [{ ...blank, argv, text: `${to}\n`, status: 'ok', exitCode: 0 }]
  })
  return (await Promise.all(links)).flat()
}

const namesOf = (pattern: string, { reach }: Context): Capture => {
  const before = reach.missed
  const found = expand(pattern, reach)
  const none: FactStatus = reach.missed > before ? 'unrecorded' : isClosed(pattern, reach) ? 'denied' : 'absent'
  const status = found.length > 0 ? 'ok' : none
  const text = found.map((p) => `${p}\n`).join('')
  return { ...blank, argv: ['ls', '-d', pattern], text, status, exitCode: status === 'ok' ? 0 : null }
}

/** Asks the kernel itself where that cannot hang, else a child. */
const spaceOf = async (path: string, context: Context): Promise<Capture[]> => {
  const argv = ['df', '-kP', path] as const
  if (!context.reach(path)) return commandOf({ kind: 'run', argv }, context)
  const space = spaceAt(path)
  if (space === null) return [{ ...blank, argv, status: 'absent' }]
  const { device, folder } = mountOf(path, context.mounts)
  const { sizeKiB, usedKiB, freeKiB } = space
  const text = `Filesystem 1024-blocks Used Available Capacity Mounted on\n${device} ${sizeKiB} ${usedKiB} ${freeKiB} ${Math.ceil((usedKiB * 100) / Math.max(1, usedKiB + freeKiB))}% ${folder}\n`
  return [{ ...blank, argv, text, status: 'ok', exitCode: 0 }]
}
