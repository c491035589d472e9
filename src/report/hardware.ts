import type { FactStatus } from '../model/fact.ts'
import type { Detection, Verdict3 } from '../model/machine.ts'
import type { RdmaPort } from '../facts/network.ts'

export type Topology = { status: FactStatus; text: string }
export type Check = { component: string; expected: string; actual: string | null; status: 'confirmed' | 'differs' | 'unknown' }

/** The hardware of a machine as one document; null = not known, never a default. */
export type Hardware = {
  formatVersion: string
  command: 'hardware'
  at: string
  gb10: string
  machine: Detection['machine'] & { statement: string; means: string[] }
  gpus: Detection['gpus']
  memory: { totalKiB: number | null; unified: boolean | null }
  cpu: Detection['cpu'] & { arch: string | null }
  driver: Detection['driver']
  toolkits: Detection['toolkits']
  os: Detection['os'] & { kernel: string | null }
  firmware: { version: string | null; date: string | null; gpu: string | null }
  containers: { docker: string | null; toolkit: string | null }
  storage: { mount: string; device: string | null; sizeBytes: number; availableBytes: number | null }[]
  network: { rdmaPorts: RdmaPort[] | null }
  topology: { file: string; status: FactStatus }
  checks: Check[]
  verify: string[]
}

/** What checks/_hardware.yaml says: a sentence for each verdict, what follows where it is a GB10, and commands that show the same. */
export type HardwareData = { statement: Record<Verdict3, string>; means: string[]; verify: string[] }

/** Reads the parsed checks/_hardware.yaml. Throws where a sentence or a dated reference is missing. */
export function readHardwareData(document: unknown): HardwareData {
  const { statement, means, verify } = (document ?? {}) as { statement?: Record<string, unknown>; means?: unknown; verify?: unknown }
  const said = (verdict: string): string => {
    const text = statement?.[verdict]
    if (typeof text !== 'string') throw new Error(`checks/_hardware.yaml: statement.${verdict} is missing`)
    return text
  }
  if (!Array.isArray(means)) throw new Error('checks/_hardware.yaml: means must be a list')
  const texts = means.map((one: { text?: unknown; reference?: { url?: unknown; checked?: unknown } }) => {
    if (typeof one.text !== 'string' || typeof one.reference?.url !== 'string' || one.reference.checked === undefined)
      throw new Error('checks/_hardware.yaml: every text needs a dated reference')
    return `${one.text} (${one.reference.url})`
  })
  if (!Array.isArray(verify)) throw new Error('checks/_hardware.yaml: verify must be a list')
  return { verify: verify.map(String), statement: { yes: said('yes'), no: said('no'), unknown: said('unknown') }, means: texts }
}

/** Everything about a machine's hardware that its facts show, and what it means. */
export function hardwareOf(
  d: Detection,
  topology: Topology,
  { at, version, data }: { at: string; version: string; data: HardwareData },
): Hardware {
  const fact = <T>(id: string): T | null => (d.facts[id]?.status === 'ok' ? (d.facts[id].value as T) : null)
  const storage = ['root', 'home'].flatMap((name) => {
    const [mount, sizeBytes] = [fact<string>(`disk.${name}.mount`), fact<number>(`disk.${name}.sizeBytes`)]
    return mount === null || sizeBytes === null
      ? []
      : [
          {
            mount,
            sizeBytes,
            device: fact<string>(`disk.${name}.device`),
            availableBytes: fact<number>(`disk.${name}.availableBytes`),
          },
        ]
  })
  const separate = d.gpus.some(({ memoryMiB }) => memoryMiB !== null)
  const unified = d.machine.dgxSpark === 'yes' ? true : separate ? false : null
  const rdmaPorts = fact<RdmaPort[]>('rdma.ports')
  return {
    formatVersion: '1.0',
    command: 'hardware',
    at,
    gb10: version,
    machine: {
      ...d.machine,
      statement: data.statement[d.machine.dgxSpark],
      means: d.machine.dgxSpark === 'yes' ? data.means : meansOf(d, unified),
    },
    gpus: d.gpus,
    memory: { totalKiB: d.memTotalKiB, unified },
    cpu: { ...d.cpu, arch: d.arch },
    driver: d.driver,
    toolkits: d.toolkits,
    os: { ...d.os, kernel: d.kernel },
    firmware: { version: fact('firmware.version'), date: fact('firmware.date'), gpu: fact('gpu.vbios') },
    containers: { docker: fact('docker.server'), toolkit: fact('containerToolkit.version') },
    storage: storage.filter(({ mount }, at_) => storage.findIndex((one) => one.mount === mount) === at_),
    network: { rdmaPorts },
    topology: { file: 'topology.txt', status: topology.status },
    checks: d.machine.dgxSpark === 'no' ? [] : checksOf(d, rdmaPorts),
    verify: data.verify,
  }
}

function meansOf({ machine, gpus, facts }: Detection, unified: boolean | null): string[] {
  if (machine.dgxSpark === 'unknown')
    return ['Ask again where nvidia-smi, /sys/class/dmi/id and lspci can be read, or look at the evidence above.']
  const count = gpus.length > 0 ? gpus.length : (facts['gpu.count']?.value as number | null)
  return [
    ...(count === null || count === undefined
      ? []
      : [
          count > 1
            ? `${count} GPUs: scaling over GPUs, NCCL and the topology between them matter here.`
            : 'One GPU, which is no GB10.',
        ]),
    ...(unified === false
      ? ['The GPU has memory of its own: data is copied between host and device, and nvidia-smi shows how much is used.']
      : []),
    'Recipes and proofs for gb10 are not for this machine; gb10 up picks the profile cuda13 or cpu.',
  ]
}

/** What a DGX Spark has, against what this one shows. */
function checksOf(d: Detection, ports: RdmaPort[] | null): Check[] {
  const check = (component: string, expected: string, actual: string | null, good: boolean): Check => ({
    component,
    expected,
    actual,
    status: actual === null ? 'unknown' : good ? 'confirmed' : 'differs',
  })
  const [gpu] = d.gpus
  const gib = d.memTotalKiB === null ? null : Math.round(d.memTotalKiB / 1048576)
  const count = d.gpus.length > 0 ? d.gpus.length : ((d.facts['gpu.count']?.value as number | null | undefined) ?? null)
  const cards = ports === null ? null : new Set(ports.map(({ device }) => device)).size
  const models = [...d.cpu.models].sort().join(' + ')
  return [
    check('GPU', 'NVIDIA GB10', gpu?.name ?? null, /\bGB10\b/.test(gpu?.name ?? '')),
    check('GPU count', '1', count === null ? null : String(count), count === 1),
    check('Compute capability', '12.1', gpu?.computeCapability ?? null, gpu?.computeCapability === '12.1'),
    check(
      'Memory',
      '119 to 122 GiB of 128 GB, shared',
      gib === null ? null : `${gib} GiB`,
      gib !== null && gib >= 118 && gib <= 123,
    ),
    check('CPU', 'Cortex-A725 + Cortex-X925', models === '' ? null : models, models === 'Cortex-A725 + Cortex-X925'),
    check('CPU cores', '20', d.cpu.logical === null ? null : String(d.cpu.logical), d.cpu.logical === 20),
    check('Architecture', 'aarch64', d.arch, d.arch === 'aarch64'),
    check('Driver', '580 or newer', d.driver.version, Number.parseInt(d.driver.version ?? '0', 10) >= 580),
    {
      component: 'ConnectX-7 functions',
      expected: '4 (fewer may show while no cable is in)',
      actual: cards === null ? null : String(cards),
      status: cards === 4 ? 'confirmed' : 'unknown',
    },
  ]
}
