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
  storage: { mount: string; device: string | null; sizeBytes: number; availableBytes: number | null }[]
  network: { rdmaPorts: RdmaPort[] | null }
  topology: { file: string; status: FactStatus }
  checks: Check[]
}

export const STATEMENT: Record<Verdict3, string> = {
  yes: 'This machine is a DGX Spark class machine: one NVIDIA GB10 Grace Blackwell superchip. It is not a DGX B200 or another data-centre system.',
  no: 'This machine is not a DGX Spark class machine: what is said anywhere about GB10 does not hold for it.',
  unknown:
    'Nothing that could be read shows whether this machine is a DGX Spark class machine. Nothing below is assumed from that name.',
}

const MEANS_YES = [
  'One GPU: there is nothing to scale over inside the machine. NCCL bandwidth tests over 2, 4 or 8 GPUs, NVSwitch topology and multi-GPU strategies do not apply.',
  'Unified memory: CPU and GPU share one coherent pool of 128 GB, of which the system shows about 119 to 122 GiB. nvidia-smi reports no GPU memory; available system memory is the number that counts.',
  'Because the pool is shared, the page cache, every program and every model compete for it; running out of it can stop the whole machine, not one job.',
  'Images and tensors need no copy between host and device where a framework uses that; limits on host-to-device transfer of other machines say nothing here.',
  'Arm CPU (aarch64, 10 Cortex-X925 and 10 Cortex-A725 cores): packages and containers must be built for arm64; x86-only libraries need another choice.',
  'Compute capability 12.1 (sm_121): code built for sm_120 runs, code for sm_100 (B200) does not. Toolkits before CUDA 13.0 and wheels for CUDA 12 are the usual trouble.',
  'A single node: Docker Compose and plain services are enough. Slurm and heavy Kubernetes orchestration bring nothing here. Two machines can be joined over the ConnectX-7 ports.',
  'Performance targets, batch sizes and advice written for a DGX B200 (eight GPUs with memory of their own, x86 CPUs, NVSwitch) do not hold.',
]

/** Everything about a machine's hardware that its facts show, and what it means. */
export function hardwareOf(d: Detection, topology: Topology, { at, version }: { at: string; version: string }): Hardware {
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
    machine: { ...d.machine, statement: STATEMENT[d.machine.dgxSpark], means: meansOf(d, unified) },
    gpus: d.gpus,
    memory: { totalKiB: d.memTotalKiB, unified },
    cpu: { ...d.cpu, arch: d.arch },
    driver: d.driver,
    toolkits: d.toolkits,
    os: { ...d.os, kernel: d.kernel },
    firmware: { version: fact('firmware.version'), date: fact('firmware.date'), gpu: fact('gpu.vbios') },
    storage: storage.filter(({ mount }, at_) => storage.findIndex((one) => one.mount === mount) === at_),
    network: { rdmaPorts },
    topology: { file: 'topology.txt', status: topology.status },
    checks: d.machine.dgxSpark === 'no' ? [] : checksOf(d, rdmaPorts),
  }
}

function meansOf({ machine, gpus, facts }: Detection, unified: boolean | null): string[] {
  if (machine.dgxSpark === 'yes') return MEANS_YES
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
