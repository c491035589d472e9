import type { Reading } from './reading.ts'
import { nothing, type SmiPart } from './smi.ts'
import { capabilityOf, cudaVersionOf, driverVersionOf, numberOf, pairOf, pciAddressOf, valueOf } from './text.ts'

/** `key : value` lines of a text, the key in lower case; the first of equal keys counts. */
const pairsOf = (text: string): Map<string, string> => {
  const pairs = new Map<string, string>()
  for (const line of text.split('\n')) {
    const found = pairOf(line)
    if (found && !pairs.has(found.label.toLowerCase())) pairs.set(found.label.toLowerCase(), found.value)
  }
  return pairs
}

/** `nvidia-smi -L`: `GPU 0: NAME (UUID: …)`; lines of MIG devices are no GPUs. */
export const parseList = (r: Reading): SmiPart => ({
  ...nothing(),
  gpus: r.text.split('\n').flatMap((line) => {
    const found = /^\s*GPU (\d+): (.*?)(?:\s*\(UUID:.*)?$/.exec(line)
    return found ? [{ index: Number(found[1]), name: valueOf(found[2]) }] : []
  }),
})

/** `nvidia-smi --version`. From 610 the old keys hold a sentence that names the new ones. */
export const parseVersion = (r: Reading): SmiPart => {
  const pairs = pairsOf(r.text)
  const cuda = pairs.get('cuda version')
  return {
    ...nothing(),
    driver: driverVersionOf(pairs.get('driver version')) ?? driverVersionOf(pairs.get('kmd version')),
    cuda: cudaVersionOf(cuda) ?? cudaVersionOf(pairs.get('cuda umd version')),
    cudaError: (cuda ?? '').startsWith('ERR!'),
  }
}

/** `nvidia-smi topo -m`: only the number of GPUs is taken; the matrix names none. */
export const parseTopology = (r: Reading): SmiPart => {
  const rows = new Set(r.text.split('\n').flatMap((line) => /^\s*(GPU\d+)\t/.exec(line)?.[1] ?? []))
  return { ...nothing(), attached: rows.size === 0 ? null : rows.size }
}

/** `nvidia-container-cli info`: driver, CUDA, and a block of lines for each device. */
export const parseContainerCli = (r: Reading): SmiPart => {
  const blocks = r.text.split(/(?=^Device Index:)/m)
  const head = pairsOf(blocks[0] ?? '')
  return {
    ...nothing(),
    driver: driverVersionOf(head.get('nvrm version')),
    cuda: cudaVersionOf(head.get('cuda version')),
    gpus: blocks
      .filter((block) => block.startsWith('Device Index:'))
      .map((block) => {
        const p = pairsOf(block)
        return {
          index: numberOf(p.get('device index')) ?? undefined,
          name: valueOf(p.get('model')),
          bus: pciAddressOf(p.get('bus location')),
          capability: capabilityOf(p.get('architecture')),
        }
      }),
  }
}

/** `/proc/driver/nvidia/gpus/<address>/information`: the module's own view of one GPU. */
export const parseProcGpu = (r: Reading): SmiPart => {
  const pairs = pairsOf(r.text)
  const name = valueOf(pairs.get('model'))
  if (name === null) return nothing()
  const bus = pciAddressOf(pairs.get('bus location')) ?? pciAddressOf(r.path?.split('/').at(-2))
  return { ...nothing(), gpus: [{ name, bus }] }
}

/** NVIDIA's deviceQuery sample: name, capability and versions as the CUDA runtime sees them. */
export const parseDeviceQuery = (r: Reading): SmiPart => ({
  ...nothing(),
  cuda: cudaVersionOf(/CUDA Driver Version \/ Runtime Version\s+(\S+)/.exec(r.text)?.[1]),
  gpus: r.text.split(/(?=^Device \d+: ")/m).flatMap((block) => {
    const found = /^Device (\d+): "([^"]*)"/.exec(block)
    if (!found) return []
    return [
      {
        index: Number(found[1]),
        name: valueOf(found[2]),
        capability: capabilityOf(/Major\/Minor version number:\s*(\S+)/.exec(block)?.[1]),
      },
    ]
  }),
})
