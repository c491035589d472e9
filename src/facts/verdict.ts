import type { Fact } from '../model/fact.ts'
import type { Evidence, Gpu, Verdict3 } from '../model/machine.ts'
import { isGb10Name, productOf, type FactData } from './data.ts'
import { nvidiaGpus, type PciDevice } from './pci.ts'

/**
 * What the verdict rests on. `decisive` evidence for a GB10 is its GPU; evidence against that a GB10 can also show is `soft`: another GPU
 * beside its own.
 */
type Sign = Evidence & { decisive?: boolean; soft?: boolean }
type Facts = Record<string, Fact>

const text = (facts: Facts, id: string): string | null => {
  const value = facts[id]?.value
  return typeof value === 'string' ? value : null
}
const sign = (facts: Facts, id: string, words: string, more: { decisive?: boolean; soft?: boolean } = {}): Sign => ({
  source: facts[id]?.source ?? id,
  text: words,
  ...more,
})

/** A name that a driver gives to a chip it does not know says nothing. */
const isNamed = (name: string): boolean => !/^(NVIDIA )?(Graphics Device|GPU|Device)\b/i.test(name)

/** A PCI device with an id of the GB10's GPU. */
const listedGpu = (pci: readonly PciDevice[], data: FactData): PciDevice | undefined =>
  nvidiaGpus(pci).find((d) => d.id !== null && data.gb10.pciIds.includes(d.id))
const isSpark = (dgxName: string | null): boolean => dgxName !== null && /dgx[ _-]?spark/i.test(dgxName)

const forGb10 = (facts: Facts, gpus: readonly Gpu[], pci: readonly PciDevice[], data: FactData): Sign[] => {
  const gpu = gpus.find((g) => g.name !== null && isGb10Name(g.name, data))
  const capable = gpus.find((g) => g.computeCapabilityFrom === 'file' && g.computeCapability === data.gb10.computeCapability)
  const named = nvidiaGpus(pci).find(
    (d) => d.name !== null && data.gb10.pciNames.some((n) => new RegExp(`\\b${n}\\b`).test(d.name ?? '')),
  )
  const listed = listedGpu(pci, data)
  const twin = productOf(
    PRODUCT.map((id) => text(facts, id)),
    data,
  )
  const dgx = text(facts, 'os.dgxName')
  const signs: Sign[] = []
  if (gpu) signs.push(sign(facts, 'gpu.name', `GPU ${gpu.name}`, { decisive: true }))
  if (capable)
    signs.push(sign(facts, 'gpu.computeCapability', `compute capability ${capable.computeCapability}`, { decisive: true }))
  if (named) signs.push({ source: named.source, text: `PCI device ${named.name}`, decisive: true })
  if (isSpark(dgx)) signs.push(sign(facts, 'os.dgxName', `DGX_NAME ${dgx}`))
  if (twin !== null && listed)
    signs.push({
      source: `${facts['product.name']?.source}, ${listed.source}`,
      text: `${twin} with PCI device ${listed.id}`,
      decisive: true,
    })
  return signs
}

const PRODUCT = ['product.name', 'product.version', 'product.family', 'product.board']

const againstGb10 = (facts: Facts, gpus: readonly Gpu[], pci: readonly PciDevice[], data: FactData): Sign[] => {
  const signs: Sign[] = []
  const isGb10 = (g: Gpu) => (g.name !== null && isGb10Name(g.name, data)) || g.computeCapability === data.gb10.computeCapability
  /** Whether a GB10 stands beside that GPU: its own name does not excuse its own capability. */
  const beside = (gpu: Gpu) => gpus.some((g) => g !== gpu && isGb10(g))
  const other = gpus.find((g) => g.name !== null && isNamed(g.name) && !isGb10Name(g.name, data))
  const capable = gpus.find((g) => g.computeCapability !== null && g.computeCapability !== data.gb10.computeCapability)
  if (other) signs.push(sign(facts, 'gpu.name', `GPU ${other.name}`, { soft: beside(other) }))
  if (capable)
    signs.push(sign(facts, 'gpu.computeCapability', `compute capability ${capable.computeCapability}`, { soft: beside(capable) }))
  const count = facts['gpu.count']?.value
  if (typeof count === 'number' && count > 1) signs.push(sign(facts, 'gpu.count', `${count} GPUs`, { soft: true }))
  const foreign = nvidiaGpus(pci).find(
    (d) =>
      !(d.id !== null && data.gb10.pciIds.includes(d.id)) &&
      !data.gb10.pciNames.some((n) => new RegExp(`\\b${n}\\b`).test(d.name ?? '')) &&
      (d.id !== null || d.name !== null),
  )
  if (foreign) signs.push({ source: foreign.source, text: `PCI device ${foreign.name ?? foreign.id}`, soft: true })
  const arch = text(facts, 'platform.arch')
  if (arch !== null && arch !== 'aarch64') signs.push(sign(facts, 'platform.arch', `architecture ${arch}`))
  const l4t = text(facts, 'os.l4t')
  if (l4t !== null) signs.push(sign(facts, 'os.l4t', `Jetson Linux ${l4t}`))
  const tree = text(facts, 'product.deviceTree')
  if (tree !== null) signs.push(sign(facts, 'product.deviceTree', `device tree of ${tree}`))
  const dgx = text(facts, 'os.dgxName')
  if (dgx !== null && !isSpark(dgx)) signs.push(sign(facts, 'os.dgxName', `DGX_NAME ${dgx}`))
  const product = text(facts, 'product.name')
  // No list of products is ever whole: a name that is not on it says nothing against the machine's own release file or GPU.
  if (
    product !== null &&
    !isSpark(dgx) &&
    !listedGpu(pci, data) &&
    productOf(
      PRODUCT.map((id) => text(facts, id)),
      data,
    ) === null
  )
    signs.push(sign(facts, 'product.name', `product ${product}`, { soft: true }))
  const models = facts['cpu.models']?.value
  if (Array.isArray(models) && !models.some((m) => data.gb10.cpus.includes(String(m)) || /^(ARMv\d|0x)/.test(String(m)))) {
    signs.push(sign(facts, 'cpu.models', `CPU ${models.join(', ')}`))
  }
  const driver = text(facts, 'driver.version')
  if (driver !== null && Number(driver.split('.')[0]) < Number(data.gb10.firstDriver))
    signs.push(sign(facts, 'driver.version', `driver ${driver}`))
  return signs
}

/**
 * Is this a GB10 machine? `yes` needs a GPU named GB10, its compute capability as printed, DGX_NAME "DGX Spark", or a known product
 * together with the PCI id. `no` needs something that excludes it. Architecture, kernel flavour, host name and a driver of branch
 * 580 or later prove nothing. Where the two contradict each other the answer is `unknown` with both.
 */
export const verdictOf = (
  facts: Facts,
  gpus: readonly Gpu[],
  pci: readonly PciDevice[],
  data: FactData,
): { dgxSpark: Verdict3; evidence: Evidence[] } => {
  const yes = forGb10(facts, gpus, pci, data)
  const no = againstGb10(facts, gpus, pci, data)
  const decisive = yes.some((s) => s.decisive)
  const hard = decisive ? no.filter((s) => !s.soft) : no
  const dgxSpark =
    yes.length === 0 ? (no.length === 0 ? 'unknown' : 'no') : hard.length === 0 ? 'yes' : decisive ? 'unknown' : 'no'
  const shown = dgxSpark === 'yes' ? yes : dgxSpark === 'no' ? no : [...yes, ...hard]
  return { dgxSpark, evidence: shown.map(({ source, text: words }) => ({ source, text: words })) }
}
