import type { Reading } from './reading.ts'

/** What one GPU looks like in one capture; undefined = this form does not show it, null = shown as a placeholder. */
export type GpuPart = {
  index?: number | undefined
  bus?: string | null
  name?: string | null
  capability?: string | null
  memoryMiB?: number | null
  /** True when the tool says that the platform has no memory size to show. */
  memoryUnsupported?: boolean
  pciId?: string | null
  powerW?: number | null
  powerLimitW?: number | null
  temperatureC?: number | null
  utilizationPercent?: number | null
  clockSmMHz?: number | null
  pstate?: string | null
  vbios?: string | null
  mig?: boolean | null
  /** Which slowdown for heat is active, `SW` or `HW`; none where the tool says that none is. */
  thermal?: string[] | null
}

/** What one capture of a GPU tool shows about driver and GPUs. */
export type SmiPart = {
  driver: string | null
  cuda: string | null
  /** The banner says `CUDA Version: ERR!`. */
  cudaError: boolean
  /** Number of GPUs the tool states, where it does. */
  attached: number | null
  gpus: GpuPart[]
}

export const nothing = (): SmiPart => ({ driver: null, cuda: null, cudaError: false, attached: null, gpus: [] })

/** The form of an nvidia-smi call, read from its arguments; null for forms that say nothing about GPUs as a whole. */
export type SmiForm = 'table' | 'query' | 'full' | 'xml' | 'list' | 'version' | 'topology'

const has = (args: readonly string[], ...names: string[]): boolean =>
  args.some((arg) => names.some((name) => arg === name || arg.startsWith(`${name}=`)))

/** Which output format an nvidia-smi argument list asks for. */
export const smiForm = (args: readonly string[]): SmiForm | null => {
  if (args.some((a) => /^--(query|help|list)-(?!gpus$|gpu\b)/.test(a)) || has(args, '--help-query-gpu', '-h', '--help'))
    return null
  if (has(args, '--query-gpu')) return 'query'
  if (has(args, '--version')) return 'version'
  if (has(args, '-L', '--list-gpus')) return 'list'
  if (args[0] === 'topo') return 'topology'
  if (args[0] !== undefined && /^[a-z]/.test(args[0]) && args[0] !== 'static') return null
  if (has(args, '-x', '--xml-format')) return 'xml'
  if (has(args, '-q', '--query', '-a')) return 'full'
  return 'table'
}

/** The single GPU number an `-i N` or `--id=N` argument chooses, so that row numbers are not taken for GPU numbers. */
export const chosenIndex = (args: readonly string[]): number | 'other' | null => {
  const at = args.findIndex((arg) => arg === '-i' || arg === '--id' || arg.startsWith('--id=') || /^-i\d+$/.test(arg))
  if (at < 0) return null
  const arg = args[at] ?? ''
  const text = arg.startsWith('--id=') ? arg.slice(5) : /^-i\d+$/.test(arg) ? arg.slice(2) : (args[at + 1] ?? '')
  return /^\d+$/.test(text) ? Number(text) : 'other'
}

/** The number of the n-th GPU of a capture, as far as the arguments let one tell. */
export const indexOfRow = (r: Reading, row: number): number | undefined => {
  const chosen = chosenIndex(r.args)
  if (chosen === null) return row
  return chosen === 'other' ? undefined : chosen
}
