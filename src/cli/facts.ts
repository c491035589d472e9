import type { Machine } from '../host/machine.ts'
import type { Detection } from '../model/machine.ts'
import type { FoundPython, PlanMachine } from '../model/plan.ts'
import type { App } from './app.ts'

/** Looks at this machine, or at a recorded one. Says on stderr which tool is awaited when one takes longer than a second. */
export async function look(app: App, host: string | undefined): Promise<Detection> {
  const { detect } = await import('../facts/detect.ts')
  const { parseData } = await import('../facts/data.ts')
  const { projectText } = await import('../host/project.ts')
  const data = parseData(projectText('checks/_gpus.yaml'))
  if (host !== undefined) {
    const { readRecording } = await import('../host/recorded.ts')
    return detect(await readRecording(host), data)
  }
  const { probes } = await import('../facts/probes.ts')
  const { gpuGuard } = await import('../facts/kernel-log.ts')
  const { probeLive } = await import('../host/live.ts')
  const onWait = (argv: readonly string[], limit: number): void => app.note(`waiting for ${argv[0]} (at most ${limit / 1000} s)`)
  return detect(await probeLive(probes, { onWait, guard: gpuGuard }), data)
}

/**
 * The same for doctor: more is asked, and a GPU that looks busy at a low clock or at low power is looked at four more times, so that one
 * sample between two clocks decides nothing.
 */
export async function lookForDoctor(app: App, host: string | undefined, deep = false): Promise<Detection> {
  if (host !== undefined) return look(app, host)
  const { detect } = await import('../facts/detect.ts')
  const { parseData } = await import('../facts/data.ts')
  const { projectText } = await import('../host/project.ts')
  const { clockSample, deepProbes, doctorProbes } = await import('../facts/probes-doctor.ts')
  const { gpuGuard } = await import('../facts/kernel-log.ts')
  const { probeLive } = await import('../host/live.ts')
  const data = parseData(projectText('checks/_gpus.yaml'))
  const onWait = (argv: readonly string[], limit: number): void => app.note(`waiting for ${argv[0]} (at most ${limit / 1000} s)`)
  const captures = await probeLive(deep ? deepProbes : doctorProbes, { onWait, guard: gpuGuard })
  const quick = detect(captures, data)
  if (deep) {
    const { enterEnvironments } = await import('./deep.ts')
    captures.push(...(await enterEnvironments(app, quick, quick.gpus.length > 0 && gpuGuard(captures) === null)))
  }
  const first = deep ? detect(captures, data) : quick
  const [gpu] = first.gpus
  const odd = (gpu?.utilizationPercent ?? 0) >= 80 && ((gpu?.clockSmMHz ?? 9999) <= 1400 || (gpu?.powerW ?? 999) <= 28)
  if (!odd) return first
  const { setTimeout: sleep } = await import('node:timers/promises')
  for (let count = 0; count < 4; count += 1) {
    await sleep(200)
    captures.push(...(await probeLive([clockSample], { onWait })))
  }
  return detect(captures, data)
}

/** What the planner needs of a detection. */
export async function planMachine(app: App, detection: Detection, live: boolean, named: readonly string[] = []): Promise<PlanMachine> {
  const { shownBy } = await import('../plan/profile.ts')
  const fact = <T>(id: string): T | null => (detection.facts[id]?.value ?? null) as T | null
  const version = fact<string>('uv.version')
  const { onPath } = await import('../host/probe-files.ts')
  const path = live ? (onPath('uv', process.env['PATH'] ?? '')[0] ?? null) : 'uv'
  const uv = version !== null && path !== null ? { path, version } : detection.facts['uv.version']?.status === 'absent' ? 'none' : null
  const disks = live ? await freeDisks(app, named) : recordedDisks(detection)
  return {
    platform: live ? process.platform : 'linux',
    indexKnown: live ? await indexKnown(fact('python.interpreters')) : true,
    arch: detection.arch, pythons: outside(app.owner.data, fact<FoundPython[]>('python.interpreters') ?? (live ? [] : null)), uv, disks, ...shownBy(detection),
  }
}

async function indexKnown(pythons: { pip: boolean | null; onPath: boolean }[] | null): Promise<boolean> {
  const { pipConfig } = await import('../host/pip-config.ts')
  return pipConfig(process.env).index !== null || (pythons ?? []).some(({ pip, onPath }) => onPath && pip !== false)
}

/** A Python of one of our own environments is none to build another with: it goes when that one goes. */
const outside = (data: string, pythons: FoundPython[] | null): FoundPython[] | null => pythons?.filter(({ path }) => !path.startsWith(`${data}/`)) ?? null

async function freeDisks(app: App, named: readonly string[]): Promise<PlanMachine['disks']> {
  const machine = await app.machine()
  const mounts = new Set(['/', mountOf(machine, app.owner.data), mountOf(machine, app.owner.cache), ...named.map((path) => mountOf(machine, path))])
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
