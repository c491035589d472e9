import type { Fact, FactStatus } from '../model/fact.ts'
import type { Gpu } from '../model/machine.ts'
import { capabilityOfName, type FactData } from './data.ts'
import { derived, file, tool, type Reading } from './reading.ts'
import { parseContainerCli, parseDeviceQuery, parseList, parseProcGpu, parseTopology, parseVersion } from './smi-other.ts'
import { parseFull, parseXml } from './smi-full.ts'
import { parseQuery } from './smi-query.ts'
import { parseTable } from './smi-table.ts'
import { smiForm, type GpuPart, type SmiForm, type SmiPart } from './smi.ts'

/** One capture of a GPU tool, read. */
export type GpuReading = { reading: Reading; form: SmiForm | 'container-cli' | 'proc' | 'device-query'; part: SmiPart }

const PARSERS: Record<GpuReading['form'], (r: Reading) => SmiPart> = {
  query: parseQuery,
  full: parseFull,
  xml: parseXml,
  table: parseTable,
  list: parseList,
  version: parseVersion,
  topology: parseTopology,
  'container-cli': parseContainerCli,
  'device-query': parseDeviceQuery,
  proc: parseProcGpu,
}
/** Which form is believed first where several show the same value: whole names before cut ones, the tool before the module. */
const PREFERENCE = Object.keys(PARSERS) as GpuReading['form'][]

const formOf = (r: Reading): GpuReading['form'] | null => {
  if (tool('nvidia-smi')(r)) return smiForm(r.args)
  if (tool('nvidia-container-cli', (args) => args.includes('info'))(r)) return 'container-cli'
  if (tool('deviceQuery')(r)) return 'device-query'
  return file(/^\/proc\/driver\/nvidia\/gpus\/[^/]+\/information$/)(r) ? 'proc' : null
}

/** All captures that tell about driver and GPUs, read, in order of preference. */
export const gpuReadings = (readings: readonly Reading[]): GpuReading[] =>
  readings
    .flatMap((reading) => {
      const form = reading.status === 'ok' ? formOf(reading) : null
      return form === null ? [] : [{ reading, form, part: PARSERS[form](reading) }]
    })
    .sort((a, b) => PREFERENCE.indexOf(a.form) - PREFERENCE.indexOf(b.form))

/** GPUs of all captures, joined by PCI address, else by number. A placeholder never replaces a value. */
const join = (all: readonly GpuReading[]): GpuPart[] => {
  const gpus: GpuPart[] = []
  for (const { part } of all) {
    for (const seen of part.gpus) {
      const known =
        gpus.find((g) => (seen.bus && g.bus ? g.bus === seen.bus : g.index !== undefined && g.index === seen.index)) ??
        (seen.index === undefined && !seen.bus && gpus.length === 1 ? gpus[0] : undefined)
      if (known) fill(known, seen)
      else gpus.push({ ...seen })
    }
  }
  return gpus.sort((a, b) => (a.index ?? 99) - (b.index ?? 99))
}

const fill = (known: GpuPart, seen: GpuPart): void => {
  if (seen.name && known.name?.endsWith('...') && !seen.name.endsWith('...')) known.name = seen.name
  for (const [key, value] of Object.entries(seen)) {
    const slot = known as Record<string, unknown>
    if (value !== null && value !== undefined && (slot[key] === null || slot[key] === undefined)) slot[key] = value
  }
  if (seen.memoryUnsupported) known.memoryUnsupported = true
}

const asGpu = (g: GpuPart, at: number, data: FactData): Gpu => {
  const byName = g.name ? capabilityOfName(g.name, data) : null
  const capability = g.capability ?? byName
  const memoryStatus: FactStatus = g.memoryMiB != null ? 'ok' : g.memoryUnsupported ? 'unsupported' : 'unrecorded'
  return {
    index: g.index ?? at,
    name: g.name ?? null,
    computeCapability: capability,
    computeCapabilityFrom: g.capability ? 'file' : byName === null ? null : 'name',
    memoryMiB: g.memoryMiB ?? null,
    memoryStatus,
    pciBusId: g.bus ?? null,
    pciId: g.pciId ?? null,
    powerW: g.powerW ?? null,
    powerLimitW: g.powerLimitW ?? null,
    temperatureC: g.temperatureC ?? null,
    utilizationPercent: g.utilizationPercent ?? null,
    clockSmMHz: g.clockSmMHz ?? null,
    pstate: g.pstate ?? null,
    vbios: g.vbios ?? null,
    mig: g.mig ?? null,
  }
}

/** The GPUs of a machine and how many the tools count (which may be more than an excerpt shows). */
export const gpusOf = (all: readonly GpuReading[], data: FactData): { gpus: Gpu[]; count: number | null } => {
  const gpus = join(all).map((g, at) => asGpu(g, at, data))
  const counts = all.map(({ part }) => part.attached ?? 0)
  const count = Math.max(gpus.length, ...counts)
  return { gpus, count: count === 0 ? null : count }
}

/**
 * Facts `gpu.*`, of the first GPU where they are single: `devices count name names computeCapability sm memoryTotalMiB (unsupported on
 * unified memory) powerW powerLimitW temperatureC utilizationPercent clockSmMHz pstate pciBusId pciId vbios mig`, and
 * `thermalSlowdown`, the slowdowns for heat that any GPU shows as active.
 */
export const gpuFacts = (
  gpus: Gpu[],
  count: number | null,
  all: readonly GpuReading[],
  failed: Omit<Fact, 'value'>,
): Record<string, Fact> => {
  const { source, ms } = all.find(({ part }) => part.gpus.length > 0)?.reading ?? failed
  const [first] = gpus
  const one = <T>(value: T | null | undefined, status: FactStatus = first ? 'unrecorded' : failed.status) => ({
    ...derived(value ?? null, source, status),
    ms,
  })
  const heat = all.flatMap(({ part }) => part.gpus.flatMap(({ thermal }) => (thermal ? [thermal] : [])))
  const cc = first?.computeCapability ?? null
  return {
    'gpu.devices': one(gpus.length > 0 ? gpus : null),
    'gpu.count': one(count),
    'gpu.name': one(first?.name),
    'gpu.names': one(gpus.length > 0 ? gpus.map((g) => g.name) : null),
    'gpu.computeCapability': one(cc),
    'gpu.sm': one(cc === null ? null : `sm_${cc.replace('.', '')}`),
    'gpu.memoryTotalMiB': one(first?.memoryMiB, first?.memoryStatus ?? failed.status),
    'gpu.powerW': one(first?.powerW),
    'gpu.powerLimitW': one(first?.powerLimitW),
    'gpu.temperatureC': one(first?.temperatureC),
    'gpu.utilizationPercent': one(first?.utilizationPercent),
    'gpu.clockSmMHz': one(first?.clockSmMHz),
    'gpu.pstate': one(first?.pstate),
    'gpu.pciBusId': one(first?.pciBusId),
    'gpu.pciId': one(first?.pciId),
    'gpu.vbios': one(first?.vbios),
    'gpu.mig': one(first?.mig),
    'gpu.thermalSlowdown': one(heat.length > 0 ? [...new Set(heat.flat())] : null),
  }
}
