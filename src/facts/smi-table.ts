import type { Reading } from './reading.ts'
import { nothing, type GpuPart, type SmiPart } from './smi.ts'
import { cudaVersionOf, driverVersionOf, isUnsupported, numberOf, pciAddressOf, valueOf } from './text.ts'

const GPU_ROW = /^\s*(\d{1,3})\s+(\S.*?)\s+(\S+)\s*$/
const BUS = /^\s*((?:[0-9A-Fa-f]{4,8}:)?[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-7]|N\/A)\s+\S+\s*$/

/**
 * Reads the boxes that plain `nvidia-smi` draws: 89 or 91 columns, any separator, cut anywhere, banner with `Driver Version` or
 * (610 and later) `KMD Version`. Other text around the table is ignored.
 */
export const parseTable = (r: Reading): SmiPart => {
  const part = bannerOf(r.text)
  let current: { gpu: GpuPart; line: number } | null = null
  for (const line of r.text.split('\n')) {
    const cells = line
      .replace(/^\s*\|/, '')
      .replace(/\|\s*$/, '')
      .split('|')
    const row = GPU_ROW.exec(cells[0] ?? '')
    if (cells.length >= 2 && row && BUS.test(cells[1] ?? '') && /[A-Za-z]/.test(row[2] ?? '')) {
      if (part.gpus.some((gpu) => gpu.index === Number(row[1]))) {
        current = null
        continue
      }
      const gpu: GpuPart = { index: Number(row[1]), name: valueOf(row[2]), bus: pciAddressOf(BUS.exec(cells[1] ?? '')?.[1]) }
      part.gpus.push(gpu)
      current = { gpu, line: 0 }
    } else if (current && cells.length >= 2) {
      current.line++
      if (current.line === 1) secondLine(current.gpu, cells)
      if (current.line === 2 && cells.length >= 3) current.gpu.mig = migOf(cells[2] ?? '')
      if (current.line >= 2) current = null
    } else current = null
  }
  return part
}

const bannerOf = (text: string): SmiPart => {
  const cuda = /CUDA (?:UMD )?Version:\s*([^|\n]*)/.exec(text)?.[1]
  return {
    ...nothing(),
    driver: driverVersionOf(/(?:Driver|KMD) Version:\s*([^|\n]*)/.exec(text)?.[1]),
    cuda: cudaVersionOf(cuda),
    cudaError: cuda !== undefined && cuda.startsWith('ERR!'),
  }
}

/** Fan, temperature, state, power | memory | utilisation. */
const secondLine = (gpu: GpuPart, cells: readonly string[]): void => {
  const [left = '', memory = '', use = ''] = cells
  gpu.temperatureC = numberOf(/(\d+)\s*C\b/.exec(left)?.[1])
  gpu.pstate = /\b(P\d{1,2})\b/.exec(left)?.[1] ?? null
  const power = /([\d.,]+)\s*W\s*\/\s*(?:([\d.,]+)\s*W|N\/A)/.exec(left) ?? /N\/A\s*\/\s*([\d.,]+)\s*W/.exec(left)
  const whole = power !== null && !power[0].startsWith('N/A')
  gpu.powerW = whole ? numberOf(power[1]) : null
  gpu.powerLimitW = numberOf(whole ? power[2] : power?.[1])
  gpu.memoryMiB = numberOf(/\/\s*(\d+)\s*MiB/.exec(memory)?.[1])
  gpu.memoryUnsupported = gpu.memoryMiB === null && isUnsupported(memory)
  gpu.utilizationPercent = numberOf(/(\d+)\s*%/.exec(use)?.[1])
}

const migOf = (cell: string): boolean | null => (/Enabled/.test(cell) ? true : /Disabled/.test(cell) ? false : null)
