import type { Machine } from '../host/machine.ts'
import type { Probe } from '../host/probe.ts'
import { isUnsupported } from '../facts/text.ts'
import type { Capture } from '../model/capture.ts'
import type { FactStatus } from '../model/fact.ts'
import type { Baseline, Held } from '../report/baseline.ts'
import type { BaselineItem } from '../report/baseline-data.ts'
import { writeNew } from '../host/new-file.ts'
import { rmdirEmpty } from '../ledger/remove.ts'
import type { App } from './app.ts'
import { lookForDoctor, silentGpu } from './facts.ts'
import { makeFolder } from './save.ts'

/** Beside the state folder, as the ledger says nothing about it: the user's own record, which uninstall takes along. */
export const baselineFolder = (app: App): string => `${app.owner.state}-baselines`
/** Names the folders that were made on the way to the baselines. */
const MADE = 'made.json'

const probes: Probe[] = [
  { kind: 'read', path: '/sys/devices/system/cpu/cpufreq/policy*/scaling_max_freq' },
  { kind: 'run', argv: ['nvidia-smi', '--query-gpu=clocks.max.sm', '--format=csv,noheader,nounits'], gpu: true, limit: 5000 },
]

/** Everything a baseline holds, of this machine or of a recorded one. A recorded one is not measured. */
export async function takeBaseline(
  app: App,
  name: string,
  items: readonly BaselineItem[],
  host: string | undefined,
): Promise<Baseline> {
  const { projectVersion } = await import('../host/project.ts')
  const detection = await lookForDoctor(app, { host })
  const own = host === undefined ? await ownReadings(app, silentGpu(detection)) : {}
  const held = Object.fromEntries(
    items.map(({ id }): [string, Held] => {
      const { value, status, partial }: Held = own[id] ?? detection.facts[id] ?? { value: null, status: 'unrecorded' }
      return [id, { value, status, ...(partial && { partial }) }]
    }),
  )
  const { dgxSpark, product } = detection.machine
  return {
    formatVersion: '1.0',
    command: 'baseline',
    action: 'save',
    name,
    at: new Date().toISOString(),
    gb10: projectVersion(),
    machine: { dgxSpark, product },
    items: held,
  }
}

/** An answer without a number: the platform has none, or the GPU is in trouble. */
const saidNothing = (text: string): FactStatus => (text.trim().split('\n').every(isUnsupported) ? 'unsupported' : 'error')

/** What only a baseline asks of this machine: clocks, packages, bandwidth. `silent`: why the GPU is left alone, or null. */
async function ownReadings(app: App, silent: string | null): Promise<Record<string, Held>> {
  const { probeLive } = await import('../host/live.ts')
  const { copyBandwidth } = await import('../host/memory-copy.ts')
  const captures = await probeLive(probes, { guard: () => silent, signal: app.signal })
  const numbers = (wanted: (capture: Capture) => boolean): Held => {
    const found = captures.filter(wanted)
    const values = [
      ...new Set(
        found
          .filter(({ status }) => status === 'ok')
          .flatMap(({ text }) => text.match(/^\s*\d+/gm) ?? [])
          .map(Number),
      ),
    ].sort((a, b) => a - b)
    return values.length > 0
      ? { value: values, status: 'ok' }
      : { value: null, status: found[0]?.status === 'ok' ? saidNothing(found[0].text) : (found[0]?.status ?? 'unrecorded') }
  }
  const { wheels, gpu } = await environments(app, silent)
  const copy = copyBandwidth()
  const cpu = numbers(({ path }) => path !== undefined)
  return {
    wheels,
    'clocks.cpuMaxMHz': { ...cpu, value: (cpu.value as number[] | null)?.map((kHz) => Math.round(kHz / 1000)) ?? null },
    'clocks.gpuMaxSmMHz': numbers(({ argv }) => argv !== undefined),
    'benchmark.cpuCopyGBps': { value: copy, status: copy === null ? 'unrecorded' : 'ok' },
    'benchmark.gpuCopyGBps': gpu,
  }
}

/** Every package of every environment that gb10 set up, and the GPU's copy bandwidth through one of them. */
async function environments(app: App, silent: string | null): Promise<{ wheels: Held; gpu: Held }> {
  const machine = await app.machine()
  const { setUp } = await import('./records.ts')
  try {
    const all = (await setUp(app)).flatMap(({ recipe, device, environment }) =>
      environment === null ? [] : [{ name: recipe.name, device, folder: machine.canonical(environment, true) }],
    )
    const packages = Object.fromEntries(all.map(({ name, folder }) => [name, packagesIn(machine, folder)]))
    const cuda = all.find(({ name, device }) => device === 'cuda' && packages[name]?.['torch'] !== undefined)
    return {
      wheels: { value: packages, status: 'ok' },
      gpu: silent !== null || !cuda ? { value: null, status: 'unrecorded' } : await gpuCopy(`${cuda.folder}/bin/python`, app.signal),
    }
  } catch (error) {
    app.note(`environments could not be read: ${(error as Error).message}`)
    return { wheels: { value: null, status: 'error' }, gpu: { value: null, status: 'error' } }
  }
}

function packagesIn(machine: Machine, folder: string): Record<string, string> {
  const sites =
    machine.lstat(`${folder}/lib`) === null
      ? []
      : machine
          .list(`${folder}/lib`)
          .filter((name) => name.startsWith('python3'))
          .map((name) => `${folder}/lib/${name}/site-packages`)
  const found = sites.filter((site) => machine.lstat(site) !== null).flatMap((site) => machine.list(site))
  return Object.fromEntries(
    found.flatMap((name) => {
      const [, one, version] = /^(.+?)-(\d[^/]*)\.dist-info$/.exec(name) ?? []
      return one === undefined || version === undefined ? [] : [[one.toLowerCase().replaceAll(/[._-]+/g, '-'), version] as const]
    }),
  )
}

/**
 * What the GPU copies of its own memory in a second, in GB, through the torch of an interpreter. As bounded as every other look: a
 * driver that hangs takes the child with it, not this process.
 */
export async function gpuCopy(python: string, signal?: AbortSignal): Promise<Held> {
  const { probeLive } = await import('../host/live.ts')
  const { projectPath } = await import('../host/project.ts')
  const argv = [python, '-E', '-B', projectPath('smoke/_bandwidth.py')] as const
  const [ran] = await probeLive([{ kind: 'run', argv, gpu: true, limit: 60_000 }], { deadline: 60_000, ...(signal && { signal }) })
  const value = /"gpuCopyGBps": ([\d.]+)/.exec(ran?.text ?? '')?.[1]
  if (ran?.status !== 'ok') return { value: null, status: ran?.status ?? 'error' }
  if (ran.exitCode === 0 && value !== undefined) return { value: Number(value), status: 'ok' }
  return { value: null, status: ran.exitCode === 0 ? 'absent' : 'error' }
}

/**
 * Puts a baseline in its place, whole or not at all. One of the same name, be it of a run at the same time, is kept under another:
 * returns its path, or null.
 */
export function storeBaseline(machine: Machine, folder: string, baseline: Baseline): { path: string; earlier: string | null } {
  const made = missingOf(machine, folder).filter((path) => makeFolder(machine, path, 0o700))
  const bytesOf = (value: object): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
  if (made.length > 0)
    machine.write(`${folder}/${MADE}`, bytesOf({ made }), {
      mode: 0o600,
      uid: machine.uid,
      gid: machine.gid,
      temp: `.${machine.newId()}.tmp`,
    })
  const path = `${folder}/${baseline.name}.json`
  for (;;) {
    const earlier = moveAside(machine, path, `${folder}/${baseline.name}.until-${baseline.at.replaceAll(/[-:.]/g, '')}`)
    try {
      writeNew([{ path, bytes: bytesOf(baseline) }])
      return { path, earlier }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      if (earlier !== null && machine.lstat(path) === null) machine.rename(earlier, path)
      throw error
    }
  }
}

/** Gives what has a name a longer one that is free. Returns that, or null where nothing had the name. */
function moveAside(machine: Machine, path: string, as: string): string | null {
  let aside = `${as}.json`
  for (let count = 2; machine.lstat(aside) !== null; count += 1) aside = `${as}-${count}.json`
  try {
    machine.rename(path, aside)
    return aside
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

const missingOf = (machine: Machine, folder: string): string[] => {
  const missing: string[] = []
  for (let at = folder; at !== '' && machine.lstat(at) === null; at = at.slice(0, at.lastIndexOf('/'))) missing.unshift(at)
  return missing
}

/** Names of the baselines that are there. */
export const baselineNames = (machine: Machine, folder: string): string[] =>
  machine.lstat(folder)?.type === 'directory'
    ? machine
        .list(folder)
        .filter((name) => name.endsWith('.json') && name !== MADE)
        .map((name) => name.slice(0, -5))
    : []

const TEMPORARY = /^\.(?:[0-9a-f]+\.tmp|gb10-[0-9a-f-]+\.part)$/

/** Of whatever version: a file that only lies there is the user's. */
function isBaseline(machine: Machine, path: string): boolean {
  try {
    return (JSON.parse(machine.read(path).toString()) as { command?: unknown } | null)?.command === 'baseline'
  } catch {
    return false
  }
}

/**
 * Takes all baselines away; `stays` hears of their folder when there is something else in it. Returns the folders that were made for
 * them and may go as well, once they are empty.
 */
export function removeBaselines(machine: Machine, folder: string, stays: (path: string) => void): string[] {
  if (machine.lstat(folder)?.type !== 'directory') return []
  let made: string[] = []
  if (machine.lstat(`${folder}/${MADE}`)?.type === 'file') {
    try {
      made = (JSON.parse(machine.read(`${folder}/${MADE}`).toString()) as { made: string[] }).made.filter((path) =>
        folder.startsWith(`${path}/`),
      )
    } catch {
      made = [] // an edited record: the folders on the way stay
    }
  }
  for (const name of machine.list(folder)) {
    const path = `${folder}/${name}`
    if (machine.lstat(path)?.type === 'file' && (name === MADE || TEMPORARY.test(name) || isBaseline(machine, path))) machine.unlink(path)
  }
  if (!rmdirEmpty(machine, folder)) stays(folder)
  return made.toReversed()
}

/** Removes those of the folders that are empty, the innermost first. */
export function removeEmpty(machine: Machine, folders: readonly string[]): void {
  for (const path of folders) if (machine.lstat(path)?.type === 'directory') rmdirEmpty(machine, path)
}
