import type { Reading } from './reading.ts'
import { indexOfRow, nothing, type GpuPart, type SmiPart } from './smi.ts'
import { capabilityOf, driverVersionOf, isBlank, isUnsupported, numberOf, pciAddressOf, valueOf } from './text.ts'

/** Field names of `--query-gpu` that mean the same. */
const ALIASES: Record<string, string> = {
  gpu_name: 'name',
  gpu_bus_id: 'pci.bus_id',
  gpu_uuid: 'uuid',
  kmd_version: 'driver_version',
  'kmd.version': 'driver_version',
  'power.draw.instant': 'power.draw',
  'power.draw.average': 'power.draw',
  'enforced.power.limit': 'power.limit',
  'clocks.current.sm': 'clocks.sm',
  fan: 'fan.speed',
  'clocks_throttle_reasons.active': 'clocks_event_reasons.active',
}

const fieldName = (word: string): string => {
  const plain = word
    .trim()
    .toLowerCase()
    .replace(/\s*\[[^\]]*\]$/, '')
  return ALIASES[plain] ?? plain
}

/** The fields an argument list asks for: `--query-gpu=a,b` or `--query-gpu a,b`. */
export const queriedFields = (args: readonly string[]): string[] => {
  const at = args.findIndex((arg) => arg === '--query-gpu' || arg.startsWith('--query-gpu='))
  const list = args[at]?.startsWith('--query-gpu=') ? args[at].slice('--query-gpu='.length) : args[at + 1]
  return (list ?? '')
    .split(',')
    .map(fieldName)
    .filter((field) => field !== '')
}

/** A header repeats the field names, whatever the arguments say about `noheader`. */
const isHeader = (cells: readonly string[], fields: readonly string[]): boolean =>
  cells.length > 0 &&
  cells.every((cell) => fields.includes(fieldName(cell)) || /^[a-z][a-z0-9_.]*(\s\[.+\])?$/.test(cell.trim())) &&
  cells.some((cell) => fields.includes(fieldName(cell)) || /[._]/.test(cell))

/** Reads `nvidia-smi --query-gpu=… --format=csv`: any field list, with or without header and units; placeholders become null. */
export const parseQuery = (r: Reading): SmiPart => {
  const part = nothing()
  let fields = queriedFields(r.args)
  if (FAILED.test(r.text)) return part
  for (const line of r.text.split('\n')) {
    const cells = line.split(',').map((cell) => cell.trim())
    if (line.trim() === '') continue
    if (part.gpus.length === 0 && isHeader(cells, fields)) {
      fields = cells.map(fieldName)
      continue
    }
    if (cells.length !== fields.length || fields.length === 0 || isComplaint(line)) continue
    const row = new Map(fields.map((field, i) => [field, cells[i] ?? '']))
    part.driver ??= driverVersionOf(row.get('driver_version'))
    part.attached ??= numberOf(row.get('count'))
    part.gpus.push(gpuOf(row, indexOfRow(r, part.gpus.length)))
  }
  return part
}

/** A call that failed as a whole; what follows explains it and is no row. */
const FAILED =
  /^[ \t]*(Failed to initialize NVML|NVIDIA-SMI (has failed|couldn't)|No devices (were )?found|Field "|Invalid combination|Unknown option|ERROR:)/im

/** Messages that nvidia-smi prints on standard output in place of rows. */
const isComplaint = (line: string): boolean =>
  /^(\[?Insufficient Permissions|Unable to|Unknown Error\s*$|.*not found|WARNING:|Warning:|Option )/i.test(line.trim())

const gpuOf = (row: Map<string, string>, at: number | undefined): GpuPart => {
  const gpu: GpuPart = { index: row.has('index') ? (numberOf(row.get('index')) ?? at) : at }
  const text = (field: string) => valueOf(row.get(field))
  const number = (field: string) => {
    const value = row.get(field)
    return value === undefined || isBlank(value) ? null : numberOf(value)
  }
  if (row.has('name')) gpu.name = text('name')
  if (row.has('pci.bus_id')) gpu.bus = pciAddressOf(row.get('pci.bus_id'))
  if (row.has('compute_cap')) gpu.capability = capabilityOf(row.get('compute_cap'))
  if (row.has('memory.total')) {
    gpu.memoryMiB = number('memory.total')
    gpu.memoryUnsupported = isUnsupported(row.get('memory.total') ?? '')
  }
  if (row.has('pci.device_id')) gpu.pciId = pciIdOf(row.get('pci.device_id'))
  if (row.has('power.draw')) gpu.powerW = number('power.draw')
  if (row.has('power.limit')) gpu.powerLimitW = number('power.limit')
  if (row.has('temperature.gpu')) gpu.temperatureC = number('temperature.gpu')
  if (row.has('utilization.gpu')) gpu.utilizationPercent = number('utilization.gpu')
  if (row.has('clocks.sm')) gpu.clockSmMHz = number('clocks.sm')
  if (row.has('pstate')) gpu.pstate = text('pstate')
  if (row.has('vbios_version')) gpu.vbios = text('vbios_version')
  if (row.has('mig.mode.current'))
    gpu.mig = /enabled/i.test(row.get('mig.mode.current') ?? '')
      ? true
      : /disabled/i.test(row.get('mig.mode.current') ?? '')
        ? false
        : null
  if (row.has('clocks_event_reasons.active')) gpu.thermal = thermalOf(row.get('clocks_event_reasons.active') ?? '')
  return gpu
}

/** NVML's bits for a slowdown for heat: 0x20 by the driver, 0x40 by the hardware. */
const thermalOf = (mask: string): string[] | null => {
  if (!/^0x[0-9a-f]{1,16}$/i.test(mask)) return null
  const bits = BigInt(mask)
  return [...((bits & 0x20n) > 0n ? ['SW'] : []), ...((bits & 0x40n) > 0n ? ['HW'] : [])]
}

/** nvidia-smi joins device and vendor: `0x2E1210DE` → `10de:2e12`. */
export const pciIdOf = (word: string | undefined): string | null => {
  const found = /^\s*0x([0-9a-f]{4})([0-9a-f]{4})\s*$/i.exec(word ?? '')
  return found ? `${found[2]}:${found[1]}`.toLowerCase() : null
}
