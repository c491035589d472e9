import type { Capture } from '../model/capture.ts'
import type { Fact, FactStatus } from '../model/fact.ts'
import type { Detection, Driver, Toolkit } from '../model/machine.ts'
import { cdiFacts } from './cdi.ts'
import { cpuFacts } from './cpu.ts'
import { cudaFacts } from './cuda.ts'
import type { FactData } from './data.ts'
import { deepFacts } from './deep.ts'
import { driverFacts } from './driver.ts'
import { environmentFacts } from './environments.ts'
import { firmwareFacts } from './firmware.ts'
import { gpuFacts, gpuReadings, gpusOf } from './gpu.ts'
import { healthFacts } from './health.ts'
import { kernelLogFacts } from './kernel-log.ts'
import { memoryFacts } from './memory.ts'
import { osFacts } from './os.ts'
import { packageFacts } from './packages.ts'
import { pciDevices, pciFacts } from './pci.ts'
import { platformFacts } from './platform.ts'
import { complaintFacts, failuresOf, problemsOf } from './problems.ts'
import { derived, readingsOf, type Reading } from './reading.ts'
import { serviceFacts } from './services.ts'
import { pythonFacts } from './python.ts'
import { storageFacts } from './storage.ts'
import { networkFacts } from './network.ts'
import { verdictOf } from './verdict.ts'
import { workloadFacts } from './workload.ts'

/** How the GPU tool fared when it gave no GPU: what the GPU facts then carry. */
const gpuFailure = (readings: readonly Reading[], problems: readonly string[], failed: boolean): Omit<Fact, 'value'> => {
  const calls = readings.filter((r) => r.tool === 'nvidia-smi')
  const bad = calls.find((r) => r.status !== 'ok')
  const { source, ms } = bad ?? calls[0] ?? { source: '', ms: 0 }
  const status: FactStatus = problems.includes('no-devices')
    ? 'absent'
    : failed || (problems.length > 0 && calls.length > 0)
      ? 'error'
      : 'unrecorded'
  return { status: bad?.status ?? status, source, ms }
}

/**
 * Everything that captures of a machine show: pure, and the same for a live machine, a recording and a support bundle. What was
 * not recorded is null with status `unrecorded`; nothing is assumed. Never throws on any text.
 */
export const detect = (captures: readonly Capture[], data: FactData): Detection => {
  const readings = readingsOf(captures)
  const gpu = gpuReadings(readings)
  const { gpus, count } = gpusOf(gpu, data)
  const problems = problemsOf(readings, gpu)
  const pci = pciDevices(readings)
  const facts: Record<string, Fact> = {
    ...gpuFacts(gpus, count, gpu, gpuFailure(readings, problems, failuresOf(readings, gpu).length > 0)),
    ...driverFacts(readings, gpu, problems.includes('driver-not-loaded')),
    ...platformFacts(readings),
    ...osFacts(readings),
    ...cpuFacts(readings, data),
    ...memoryFacts(readings),
    ...kernelLogFacts(readings),
    ...firmwareFacts(readings),
    ...pciFacts(pci),
    ...cudaFacts(readings),
    ...serviceFacts(readings),
    ...pythonFacts(readings),
    ...storageFacts(readings),
    ...networkFacts(readings),
    ...environmentFacts(readings),
    ...cdiFacts(readings),
    ...packageFacts(readings),
    ...workloadFacts(readings),
    ...healthFacts(readings),
    ...deepFacts(readings),
    ...complaintFacts(readings, gpu),
  }
  const verdict = verdictOf(facts, gpus, pci, data)
  facts['machine.dgxSpark'] = derived(verdict.dgxSpark, verdict.evidence[0]?.source)
  const value = <T>(id: string): T | null => (facts[id]?.value ?? null) as T | null
  return {
    machine: {
      ...verdict,
      product: value('product.name') ?? value('product.deviceTree'),
      vendor: value('product.vendor'),
    },
    gpus,
    driver: {
      version: value('driver.version'),
      cuda: value('driver.cuda'),
      module: value<Driver['module']>('driver.module'),
      flavour: value<Driver['flavour']>('driver.flavour'),
      library: value('driver.library'),
    },
    toolkits: value<Toolkit[]>('cuda.toolkits') ?? [],
    arch: value('platform.arch'),
    kernel: value('kernel.release'),
    os: {
      id: value('os.id'),
      version: value('os.version'),
      pretty: value('os.pretty'),
      dgxOs: value('os.dgxOs'),
      l4t: value('os.l4t'),
      wsl: value('os.wsl'),
    },
    memTotalKiB: value('memory.totalKiB'),
    cpu: { models: value<string[]>('cpu.models') ?? [], logical: value('cpu.logical') },
    problems,
    facts,
  }
}
