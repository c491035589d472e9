import type { LiveOptions } from '../host/live.ts'
import type { Machine } from '../host/machine.ts'
import type { Probe } from '../host/probe.ts'
import type { Capture } from '../model/capture.ts'
import type { Detection } from '../model/machine.ts'
import type { FoundPython, PlanMachine } from '../model/plan.ts'
import type { App } from './app.ts'

/** How to look. `force`: the GPU is asked even where that may hang. `onDeadline` is told when there was not time enough for all. */
export type Looking = {
  host?: string | undefined
  deep?: boolean
  force?: boolean
  onDeadline?: (seconds: number) => void
  signal?: AbortSignal
}

/** What bounds a look at this machine, and what is said on stderr meanwhile. A person waits less long than a CI job. */
async function bounds(app: App, { force, onDeadline, signal }: Looking): Promise<LiveOptions & { deadline: number }> {
  const { gpuGuard } = await import('../facts/kernel-log.ts')
  const deadline = app.terminal.ci ? 60_000 : 15_000
  const guard = (captures: readonly Capture[]): string | null => {
    const reason = gpuGuard(captures)
    if (reason !== null) app.note(`the GPU is not asked, as that may hang: ${reason}; gb10 detect --force asks it all the same`)
    return reason
  }
  return {
    deadline,
    signal: signal === undefined ? app.signal : AbortSignal.any([app.signal, signal]),
    onWait: (argv, limit) => app.note(`waiting for ${argv[0]} (at most ${limit / 1000} s)`),
    onDeadline: () => onDeadline?.(deadline / 1000),
    ...(force === true ? {} : { guard }),
  }
}

/** Makes facts of captures. */
type Detector = (captures: Capture[]) => Detection

/** Loads what makes facts of captures. The first turn goes to the tools: while they answer, the loading costs nothing. */
async function detector(): Promise<Detector> {
  await new Promise(setImmediate)
  const { detect } = await import('../facts/detect.ts')
  const { parseData } = await import('../facts/data.ts')
  const { projectText } = await import('../host/project.ts')
  const data = parseData(projectText('checks/_gpus.yaml'))
  return (captures) => detect(captures, data)
}

/** Looks at this machine, or at a recorded one. Says on stderr which tool is awaited when one takes longer than a second. */
export async function look(app: App, host: string | undefined, looking: Looking = {}): Promise<Detection> {
  if (host !== undefined) {
    const { readRecording } = await import('../host/recorded.ts')
    const recording = await readRecording(host)
    return (await detector())(recording)
  }
  const { probes } = await import('../facts/probes.ts')
  const { probeLive } = await import('../host/live.ts')
  const [captures, detect] = await Promise.all([probeLive(probes, await bounds(app, looking)), detector()])
  return detect(captures)
}

/**
 * The same for doctor: more is asked, and a GPU that looks busy at a low clock or at low power is looked at four more times, so that one
 * sample between two clocks decides nothing.
 */
export async function lookForDoctor(app: App, looking: Looking): Promise<Detection> {
  const { host, deep = false, force = false } = looking
  if (host !== undefined) return look(app, host)
  const { deepProbes, doctorProbes } = await import('../facts/probes-doctor.ts')
  const { gpuGuard } = await import('../facts/kernel-log.ts')
  const { probeLive } = await import('../host/live.ts')
  const live = await bounds(app, looking)
  const end = performance.now() + live.deadline
  const [captures, detect] = await Promise.all([probeLive(deep ? deepProbes : doctorProbes, live), detector()])
  const quick = detect(captures)
  if (deep) {
    const { enterEnvironments } = await import('./deep.ts')
    const answers = gpuGuard(captures) === null && !captures.some(isSilentSmi)
    captures.push(...(await enterEnvironments(app, quick, quick.gpus.length > 0 && (force || answers))))
  }
  const first = deep ? detect(captures) : quick
  if (!odd(first)) return first
  const left = (): number => (deep ? live.deadline : end - performance.now())
  captures.push(...(await clockSamples((probes) => probeLive(probes, { ...live, deadline: left() }))))
  return detect(captures)
}

/** A question that nvidia-smi did not answer, whatever it told before. */
const isSilentSmi = ({ argv, status }: Capture): boolean => argv?.[0] === 'nvidia-smi' && (status === 'hung' || status === 'timeout')

/** Busy, and yet at a low clock or at low power. */
const odd = ({ gpus: [gpu] }: Detection): boolean =>
  (gpu?.utilizationPercent ?? 0) >= 80 && ((gpu?.clockSmMHz ?? 9999) <= 1400 || (gpu?.powerW ?? 999) <= 28)

/** Four more looks; none after one that got no answer. */
async function clockSamples(ask: (probes: Probe[]) => Promise<Capture[]>): Promise<Capture[]> {
  const { setTimeout: sleep } = await import('node:timers/promises')
  const { clockSample } = await import('../facts/probes-doctor.ts')
  const samples: Capture[] = []
  do {
    await sleep(200)
    samples.push(...(await ask([clockSample])))
  } while (samples.length < 4 && samples.at(-1)?.status === 'ok')
  return samples
}

/** Why the GPU is not asked again after a look: it was spared, or did not answer. Null = it may be. */
export function silentGpu({ facts }: Detection): string | null {
  const status = facts['gpu.name']?.status
  return status === 'hung' || status === 'timeout' ? 'the GPU was spared, or did not answer before' : null
}

/** What the planner needs of a detection. */
export async function planMachine(app: App, detection: Detection, live: boolean, named: readonly string[] = []): Promise<PlanMachine> {
  const { shownBy } = await import('../plan/profile.ts')
  const fact = <T>(id: string): T | null => (detection.facts[id]?.value ?? null) as T | null
  const version = fact<string>('uv.version')
  const { onPath } = await import('../host/probe-files.ts')
  const { searchPath } = await import('../host/programs.ts')
  const path = live ? (onPath('uv', searchPath(process.env['PATH']))[0] ?? null) : 'uv'
  const uv = version !== null && path !== null ? { path, version } : detection.facts['uv.version']?.status === 'absent' ? 'none' : null
  const machine = await app.machine()
  const real = (found: string): string => (live ? machine.canonical(found) : found)
  const disks = live ? await freeDisks(app, named) : recordedDisks(detection)
  return {
    platform: live ? process.platform : 'linux',
    indexKnown: live ? await indexKnown(fact('python.interpreters')) : true,
    arch: detection.arch, pythons: outside(app.owner.data, fact<FoundPython[]>('python.interpreters') ?? (live ? [] : null), real), uv, disks, ...shownBy(detection),
  }
}

async function indexKnown(pythons: { pip: boolean | null; onPath: boolean }[] | null): Promise<boolean> {
  const { pipConfig } = await import('../host/pip-config.ts')
  return pipConfig(process.env).index !== null || (pythons ?? []).some(({ pip, onPath }) => onPath && pip !== false)
}

/** A Python of one of our own environments is none to build another with: it goes when that one goes. */
const outside = (data: string, pythons: FoundPython[] | null, real: (path: string) => string): FoundPython[] | null =>
  pythons?.filter(({ path }) => !real(path).startsWith(`${data}/`)) ?? null

async function freeDisks(app: App, named: readonly string[]): Promise<PlanMachine['disks']> {
  const machine = await app.machine()
  const { data, cache } = app.owner
  // A folder of ours may be a link to another disk: the user's way of making room.
  const places = [data, `${data}/envs`, `${data}/tools`, cache, ...named].map((path) => machine.canonical(path, true))
  const mounts = new Set(['/', ...places.map((path) => mountOf(machine, path))])
  return [...mounts].map((mount) => ({ mount, freeBytes: machine.freeBytes(mount) }))
}

/** The folder at which the file system that holds a path begins. */
function mountOf(machine: Machine, path: string): string {
  let at = path
  while (at !== '/' && machine.lstat(at) === null) at = parentOf(at)
  const device = machine.lstat(at)!.dev
  while (at !== '/' && machine.lstat(parentOf(at))!.dev === device) at = parentOf(at)
  return at
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

function recordedDisks({ facts }: Detection): PlanMachine['disks'] {
  const disks = ['root', 'home'].flatMap((name) => {
    const mount = facts[`disk.${name}.mount`]?.value
    const freeBytes = facts[`disk.${name}.availableBytes`]?.value
    return typeof mount === 'string' && typeof freeBytes === 'number' ? [{ mount, freeBytes }] : []
  })
  return disks.length > 0 ? disks : null
}
