import type { Detection } from '../model/machine.ts'
import { bytesText } from '../model/units.ts'
import { hanging, painter, plain, table } from './text.ts'

/** The answer to the first question, in a sentence. */
export const VERDICT = {
  yes: 'This is a DGX Spark class machine (NVIDIA GB10).',
  no: 'This is not a DGX Spark class machine (NVIDIA GB10).',
  unknown: 'Nothing here shows whether this is a DGX Spark class machine (NVIDIA GB10).',
}

const or = (value: string | number | null | undefined, absent = 'not known'): string =>
  value === null || value === undefined ? absent : plain(String(value))

/** What is said where no GPU was seen: a tool that gave no answer has not seen that there is none. */
export function noGpu({ facts, problems }: Pick<Detection, 'facts' | 'problems'>): string {
  const status = facts['gpu.name']?.status
  if (status === 'timeout' || status === 'hung') return `not known: nvidia-smi gave no answer (${status})`
  return problems.includes('nvidia-smi-missing') ? 'none seen: there is no nvidia-smi' : 'none seen'
}

/** The machine as name and value: product, GPU, driver, CUDA, system. */
export function machineRows(d: Detection): string[][] {
  const gpus = d.gpus.map((g) => {
    const memory =
      g.memoryMiB !== null
        ? `${Math.round(g.memoryMiB / 1024)} GiB`
        : g.memoryStatus === 'unsupported' && d.machine.dgxSpark === 'yes' // a slice of a divided H200 has no number either
          ? 'unified memory'
          : 'memory not known'
    return [
      'GPU',
      `${or(g.name)}, compute capability ${or(g.computeCapability)}${g.computeCapabilityFrom === 'name' ? ' (by its name)' : ''}, ${memory}`,
    ]
  })
  const driver =
    d.driver.version === null ? (d.driver.module === 'not-loaded' ? 'installed, not loaded' : 'not known') : d.driver.version
  const flavour = d.driver.flavour ? `, ${d.driver.flavour} kernel module` : ''
  const toolkits = d.toolkits
    .map((t) => `${t.version}${t.path ? ` in ${plain(t.path)}` : ''}${t.default ? ' (default)' : ''}`)
    .join('; ')
  const os = `${or(d.os.pretty ?? d.os.id)}${d.os.dgxOs ? `, DGX OS ${d.os.dgxOs}` : ''}${d.os.l4t ? `, L4T ${d.os.l4t}` : ''}${d.os.wsl ? ', WSL' : ''}`
  const cpu =
    d.cpu.models.length > 0
      ? `${d.cpu.models.map(plain).join(' + ')}${d.cpu.logical ? `, ${d.cpu.logical} threads` : ''}`
      : or(d.cpu.logical && `${d.cpu.logical} threads`)
  return [
    ...(d.machine.product
      ? [['Product', `${plain(d.machine.product)}${d.machine.vendor ? `, ${plain(d.machine.vendor)}` : ''}`]]
      : []),
    ...(gpus.length > 0 ? gpus : [['GPU', noGpu(d)]]),
    ['Driver', `${driver}${d.driver.cuda ? `, supports CUDA ${d.driver.cuda}` : ''}${flavour}`],
    ['CUDA toolkit', toolkits || (d.facts['cuda.toolkits']?.status === 'absent' ? 'none found' : 'not known')],
    ['System', os],
    ['Kernel', or([d.kernel, d.arch].filter((part) => part !== null).join(', ') || null)],
    ['CPU', cpu],
    ['Memory', d.memTotalKiB === null ? 'not known' : bytesText(d.memTotalKiB * 1024)],
  ]
}

/** A detection for people: the verdict with its evidence first, then the machine. */
export function detectText(d: Detection, width: number, colour: boolean): string {
  const paint = painter(colour)
  const verdict = VERDICT[d.machine.dgxSpark]
  return `${[
    d.machine.dgxSpark === 'yes' ? paint.bold(verdict) : paint.warn(verdict),
    ...d.machine.evidence.flatMap(({ source, text }) => hanging('  - ', `${plain(text)} (${plain(source).replace(/(--query-gpu=)\S+/, '$1...')})`, width)),
    '',
    ...table(machineRows(d), width),
    ...(d.problems.length > 0 ? ['', ...hanging('Problems: ', d.problems.join(', '), width).map(paint.bad)] : []),
  ].join('\n')}\n`
}

/** The same as one JSON document. */
export const detectJson = (d: Detection): object => ({ formatVersion: '1.0', command: 'detect', ...d })
