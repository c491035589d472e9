import type { Reading } from './reading.ts'
import { pciIdOf } from './smi-query.ts'
import { indexOfRow, nothing, type GpuPart, type SmiPart } from './smi.ts'
import { capabilityOf, cudaVersionOf, driverVersionOf, isUnsupported, numberOf, pciAddressOf, valueOf } from './text.ts'

/** Where `nvidia-smi -q` shows what, as sections and key (MIG devices repeat sections one level deeper). The key column is 42 or
 * 55 wide; only the colon counts. */
const MEMORY = 'FB Memory Usage/Total'
const POWER = [
  'GPU Power Readings/Power Draw',
  'GPU Power Readings/Instantaneous Power Draw',
  'GPU Power Readings/Average Power Draw',
  'Power Readings/Power Draw',
]
const LIMIT = ['GPU Power Readings/Current Power Limit', 'Power Readings/Power Limit', 'Power Readings/Enforced Power Limit']

/** Reads `nvidia-smi -q`, whole, cut, or only a part of it (`-d …`). One entry for each `GPU <address>` heading. */
export const parseFull = (r: Reading): SmiPart => {
  const part = nothing()
  const gpus: { bus: string | null; values: Map<string, string> }[] = []
  let stack: { indent: number; key: string }[] = []
  for (const line of r.text.split('\n')) {
    const heading = /^GPU\s+(\S+)\s*$/.exec(line)
    if (heading) {
      gpus.push({ bus: pciAddressOf(heading[1]), values: new Map() })
      stack = []
      continue
    }
    const indent = line.length - line.trimStart().length
    const pair = /^(\S.*?)[ \t]*:(?:[ \t]+(.*))?$/.exec(line.trim())
    const key = pair?.[1] ?? line.trim()
    if (key === '') continue
    stack = stack.filter((s) => s.indent < indent)
    if (pair === null) {
      stack.push({ indent, key })
      continue
    }
    const value = pair[2] ?? ''
    if (indent === 0) headerLine(part, key, value)
    else if (key === 'Product Name' && gpus.length === 0) gpus.push({ bus: null, values: new Map([[key, value]]) })
    else setOnce(gpus.at(-1)?.values, [...stack.map((s) => s.key), key].join('/'), value)
  }
  part.gpus = gpus.map((gpu, i) => gpuOf(gpu.bus, gpu.values, indexOfRow(r, i)))
  return part
}

const setOnce = (values: Map<string, string> | undefined, key: string, value: string): void => {
  if (values && !values.has(key)) values.set(key, value)
}

/** 610 and later append `[Deprecated; …]` to the old keys and add the new ones. */
const headerLine = (part: SmiPart, key: string, value: string): void => {
  if (/^(Driver|KMD) Version$/i.test(key)) part.driver ??= driverVersionOf(value)
  if (/^CUDA (UMD )?Version$/i.test(key)) {
    part.cuda ??= cudaVersionOf(value)
    part.cudaError ||= value.startsWith('ERR!')
  }
  if (/^Attached GPUs$/i.test(key)) part.attached = numberOf(value)
}

const gpuOf = (bus: string | null, values: Map<string, string>, index: number | undefined): GpuPart => {
  const gpu: GpuPart = { index, bus }
  const first = (keys: string[]) =>
    keys.map((key) => values.get(key)).find((value) => value !== undefined && valueOf(value) !== null)
  if (values.has('Product Name')) gpu.name = valueOf(values.get('Product Name'))
  if (values.has('Compute Capability')) gpu.capability = capabilityOf(values.get('Compute Capability'))
  if (values.has(MEMORY)) {
    gpu.memoryMiB = numberOf(values.get(MEMORY))
    gpu.memoryUnsupported = isUnsupported(values.get(MEMORY) ?? '')
  }
  if (values.has('PCI/Device Id')) gpu.pciId = pciIdOf(values.get('PCI/Device Id'))
  gpu.powerW = numberOf(first(POWER))
  gpu.powerLimitW = numberOf(first(LIMIT))
  gpu.temperatureC = numberOf(values.get('Temperature/GPU Current Temp'))
  gpu.utilizationPercent = numberOf(values.get('Utilization/Gpu') ?? values.get('Utilization/GPU'))
  gpu.clockSmMHz = numberOf(values.get('Clocks/SM'))
  gpu.pstate = valueOf(values.get('Performance State'))
  gpu.vbios = valueOf(values.get('VBIOS Version'))
  const mig = values.get('MIG Mode/Current')
  gpu.mig = mig === 'Enabled' ? true : mig === 'Disabled' ? false : null
  gpu.thermal = thermalOf(values)
  return gpu
}

/** The reasons section is named for events since driver 535, for throttling before. */
const thermalOf = (values: Map<string, string>): string[] | null =>
  slowdowns((kind) => {
    const key = `${kind} Thermal Slowdown`
    return values.get(`Clocks Event Reasons/${key}`) ?? values.get(`Clocks Throttle Reasons/${key}`)
  })

/** Which slowdowns for heat are active, by what is said of each kind; null where nothing is. */
const slowdowns = (said: (kind: string) => string | undefined): string[] | null => {
  const both = ['SW', 'HW'].map((kind) => [kind, said(kind)] as const)
  if (!both.some(([, value]) => value === 'Active' || value === 'Not Active')) return null
  return both.flatMap(([kind, value]) => (value === 'Active' ? [kind] : []))
}

/** One section of a document, up to where it was cut. */
const part = (xml: string, name: string): string => new RegExp(`<${name}>[\\s\\S]*?(</${name}>|$)`).exec(xml)?.[0] ?? ''

const tag = (xml: string, name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]

/** Reads `nvidia-smi -q -x`. The few tags needed are picked out; a cut document gives what stands before the cut. */
export const parseXml = (r: Reading): SmiPart => {
  const [head = '', ...bodies] = r.text.replace(/<mig_devices>[\s\S]*?(<\/mig_devices>|$)/g, '').split(/(?=<gpu id=")/)
  return {
    ...nothing(),
    driver: driverVersionOf(tag(head, 'driver_version')) ?? driverVersionOf(tag(head, 'kmd_version')),
    cuda: cudaVersionOf(tag(head, 'cuda_version')) ?? cudaVersionOf(tag(head, 'cuda_umd_version')),
    attached: numberOf(tag(head, 'attached_gpus')),
    gpus: bodies.map((body, i) => {
      const memory = tag(part(body, 'fb_memory_usage'), 'total')
      const power = [part(body, 'gpu_power_readings'), part(body, 'power_readings')]
      const first = (names: string[]) =>
        power.flatMap((one) => names.map((name) => tag(one, name))).find((value) => valueOf(value) !== null)
      const mig = tag(part(body, 'mig_mode'), 'current_mig')
      return {
        index: indexOfRow(r, i),
        bus: pciAddressOf(/<gpu id="([^"]*)"/.exec(body)?.[1]),
        name: valueOf(tag(body, 'product_name')),
        memoryMiB: numberOf(memory),
        memoryUnsupported: memory !== undefined && isUnsupported(memory),
        vbios: valueOf(tag(body, 'vbios_version')),
        pstate: valueOf(tag(body, 'performance_state')),
        pciId: pciIdOf(`0x${tag(body, 'pci_device_id') ?? ''}`),
        powerW: numberOf(first(['power_draw', 'instant_power_draw', 'average_power_draw'])),
        powerLimitW: numberOf(first(['current_power_limit', 'power_limit', 'enforced_power_limit'])),
        temperatureC: numberOf(tag(body, 'gpu_temp')),
        utilizationPercent: numberOf(tag(body, 'gpu_util')),
        clockSmMHz: numberOf(tag(part(body, 'clocks'), 'sm_clock')),
        mig: mig === 'Enabled' ? true : mig === 'Disabled' ? false : null,
        thermal: slowdowns((kind) =>
          ['event', 'throttle']
            .map((word) => tag(body, `clocks_${word}_reason_${kind.toLowerCase()}_thermal_slowdown`))
            .find((value) => value !== undefined),
        ),
      }
    }),
  }
}
