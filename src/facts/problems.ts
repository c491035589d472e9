import type { GpuReading } from './gpu.ts'
import { isKernelLog } from './kernel-log.ts'
import { tool, type Reading } from './reading.ts'

const smi = tool('nvidia-smi')
const said = (r: Reading): string => (r.text.length > 200_000 ? r.text.slice(0, 200_000) : r.text) + '\n' + r.stderr

/**
 * What a probe shows at once, in a fixed order: id and how it shows. Texts decide before exit codes (6, 9, 15, 18 of nvidia-smi).
 * `works`: nvidia-smi shows a GPU, so an old line of the kernel log is over, or some container's.
 */
const SIGNS: [string, (r: Reading, works: boolean) => boolean][] = [
  ['nvidia-smi-missing', (r) => smi(r) && r.status === 'absent'],
  [
    'driver-not-loaded',
    (r) =>
      smi(r) &&
      r.status !== 'absent' &&
      (/couldn't communicate with the NVIDIA driver|Failed to initialize NVML: Driver Not Loaded/i.test(said(r)) ||
        r.exitCode === 9),
  ],
  [
    'driver-library-version-mismatch',
    (r, works) =>
      (smi(r) && (/Driver\/library version mismatch/i.test(said(r)) || r.exitCode === 18)) ||
      (!works && isKernelLog(r) && /NVRM: API mismatch/.test(r.text)) ||
      (tool('nvidia-container-cli')(r) && /driver\/library version mismatch/i.test(said(r))),
  ],
  ['gpu-lost', (r) => smi(r) && (/\bGPU is lost\b|\bGPU requires reset\b/i.test(said(r)) || r.exitCode === 15)],
  ['no-devices', (r) => smi(r) && (/^[ \t]*No devices (were )?found/im.test(said(r)) || r.exitCode === 6)],
  [
    'insufficient-permissions',
    (r) =>
      (smi(r) && /(^|NVML: |\[|, )[ \t]*Insufficient Permissions[ \t]*(\]|$)/im.test(said(r))) || (smi(r) && r.exitCode === 4),
  ],
  ['nvcc-not-on-path', (r) => tool('nvcc')(r) && r.status === 'absent' && !(r.toolPath ?? '').includes('/')],
]

/** Ids of the problems that the captures show directly; nothing is inferred. */
export const problemsOf = (readings: readonly Reading[], gpu: readonly GpuReading[]): string[] => {
  const works = gpu.some(({ reading, part }) => smi(reading) && part.gpus.some(({ name }) => name))
  const found = SIGNS.filter(([, shows]) => readings.some((r) => shows(r, works))).map(([id]) => id)
  if (gpu.some(({ part }) => part.cudaError)) found.push('cuda-version-err')
  return found
}
