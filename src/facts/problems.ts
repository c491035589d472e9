import type { Fact } from '../model/fact.ts'
import type { GpuReading } from './gpu.ts'
import { isKernelLog } from './kernel-log.ts'
import { derived, tool, type Reading } from './reading.ts'
import { smiForm } from './smi.ts'

const smi = tool('nvidia-smi')
const said = (r: Reading): string => (r.text.length > 200_000 ? r.text.slice(0, 200_000) : r.text) + '\n' + r.stderr

/** A problem that a probe shows at once: its words, and whether a reading shows it. */
type Sign = { id: string; says: RegExp; shows: (r: Reading, works: boolean) => boolean }

/** nvidia-smi says it, or ends with the exit code that means it. Texts decide before exit codes. */
const smiSays = (id: string, says: RegExp, code?: number): Sign => ({
  id,
  says,
  shows: (r) => smi(r) && r.status !== 'absent' && (says.test(said(r)) || (code !== undefined && r.exitCode === code)),
})

/**
 * In the order in which nvidia-smi meets them: who says one of them has got past those before it. `works`: it shows a GPU, so an old line of the
 * kernel log is over, or some container's.
 */
const SIGNS: Sign[] = [
  { id: 'nvidia-smi-missing', says: /nvidia-smi/i, shows: (r) => smi(r) && r.status === 'absent' },
  {
    id: 'driver-library-version-mismatch',
    says: /Driver\/library version mismatch|NVRM: API mismatch/i,
    shows: (r, works) =>
      (smi(r) && (/Driver\/library version mismatch/i.test(said(r)) || r.exitCode === 18)) ||
      (!works && isKernelLog(r) && /NVRM: API mismatch/.test(r.text)) ||
      (tool('nvidia-container-cli')(r) && /driver\/library version mismatch/i.test(said(r))),
  },
  smiSays(
    'driver-not-loaded',
    /couldn't communicate with the NVIDIA driver|Failed to initialize NVML: Driver Not Loaded/i,
    9,
  ),
  smiSays('nvml-unknown-error', /Failed to initialize NVML: Unknown Error/i),
  smiSays('insufficient-permissions', /(^|NVML: |\[|, )[ \t]*Insufficient Permissions[ \t]*(\]|$)/im, 4),
  smiSays('no-devices', /^[ \t]*No devices (were )?found/im, 6),
  smiSays(
    'gpu-lost',
    /\bGPU is lost\b|\bGPU requires reset\b|Unable to determine the device handle for GPU[0-9a-f :.]{1,40}: Unknown Error/i,
    15,
  ),
]

/** nvidia-smi shows a GPU by name. */
const showsGpu = ({ reading, part }: GpuReading): boolean => smi(reading) && part.gpus.some(({ name }) => name)

const NVCC_MISSING = (r: Reading): boolean => tool('nvcc')(r) && r.status === 'absent' && !(r.toolPath ?? '').includes('/')

/** Ids of the problems that the captures show directly; nothing is inferred. */
export const problemsOf = (readings: readonly Reading[], gpu: readonly GpuReading[]): string[] => {
  const works = gpu.some(showsGpu)
  const found = SIGNS.filter(({ shows }) => readings.some((r) => shows(r, works))).map(({ id }) => id)
  if (readings.some(NVCC_MISSING)) found.push('nvcc-not-on-path')
  if (gpu.some(({ part }) => part.cudaError)) found.push('cuda-version-err')
  return found
}

/** The line that says it, else the first, and how the tool ended. A line of the kernel log without its time and host. */
const wordsOf = (r: Reading, says: RegExp | null = null): string => {
  const lines = said(r).split('\n').map((line) => line.trim().replace(/^.{0,120}?(?=NVRM: )/, ''))
  const line = lines.find((one) => says?.test(one)) ?? lines.find((one) => one !== '') ?? r.tool ?? r.source
  return `${line.slice(0, 200)}${r.exitCode === null || r.exitCode === 0 ? '' : ` (exit code ${r.exitCode})`}`
}

/** How nvidia-smi says that it failed as a whole. */
const COMPLAINT = /^[ \t]*(Failed to initialize NVML|NVIDIA-SMI (has failed|couldn't)|Unable to determine the device handle)/im
/** Exit codes for a question that this nvidia-smi does not know, or that this GPU does not answer: no failure. */
const ASKED_WRONG = [2, 3]

/** What nvidia-smi said where it failed for a reason that no sign names. */
export const failuresOf = (readings: readonly Reading[], gpu: readonly GpuReading[]): string[] => {
  const gave = new Set(gpu.filter(({ part }) => part.gpus.length > 0 || part.driver !== null).map(({ reading }) => reading))
  const failed = readings.filter(
    (r) =>
      smi(r) &&
      (r.status === 'ok' || r.status === 'error') &&
      ![null, 'topology'].includes(smiForm(r.args)) &&
      !gave.has(r) &&
      !SIGNS.some(({ shows }) => shows(r, false)) &&
      (COMPLAINT.test(said(r)) || (r.exitCode !== null && r.exitCode !== 0 && !ASKED_WRONG.includes(r.exitCode))),
  )
  return [...new Set(failed.map((r) => wordsOf(r, COMPLAINT)))]
}

/**
 * Facts `smi.failed` (what nvidia-smi said where it failed for a reason that nothing names) and `smi.<problem>`: the words that show
 * it; none where a whole answer with a GPU, or a later complaint, shows that it is not there. All else is not known.
 */
export const complaintFacts = (readings: readonly Reading[], gpu: readonly GpuReading[]): Record<string, Fact> => {
  const works = gpu.some(showsGpu)
  const calls = readings.filter(smi)
  const failed = failuresOf(readings, gpu)
  const shown = SIGNS.map(({ shows, says }) => [
    ...new Set(readings.filter((r) => shows(r, works)).map((r) => wordsOf(r, says))),
  ])
  const last = shown.findLastIndex((words) => words.length > 0)
  const whole = gpu.filter(({ reading: r }) => !r.excerpt && (r.exitCode === null || r.exitCode === 0))
  const answered = failed.length === 0 && whole.some(showsGpu)
  const own = gpu.filter(({ reading }) => smi(reading))
  const there = failed.length > 0 || own.some(({ part }) => part.gpus.length > 0 || part.driver !== null || part.cudaError)
  const status = calls.find((r) => r.status !== 'ok')?.status ?? (failed.length > 0 || last >= 0 ? 'error' : 'unrecorded')
  const unanswered = calls.some((r) => r.status !== 'ok' && r.status !== 'absent' && smiForm(r.args) !== null)
  // A look at the clocks under load has less time, and may be late.
  const late = calls.some((r) => r.status === 'timeout' && ![null, 'query'].includes(smiForm(r.args)))
  const error = gpu.some(({ part }) => part.cudaError)
  const banner = error || own.some(({ part }) => part.cuda !== null)
  return {
    ...Object.fromEntries(
      SIGNS.map(({ id }, at) => {
        const known = shown[at]!.length > 0 || answered || at < last || (at === 0 && there)
        return [`smi.${id}`, derived(known ? shown[at]! : null, 'nvidia-smi', status)]
      }),
    ),
    'smi.cuda-version-err': derived(banner ? (error ? ['CUDA Version: ERR!'] : []) : null, 'nvidia-smi', status),
    // What it printed that nobody understands may be anything, and so may what a call would have said that got no answer.
    'smi.failed': derived(failed.length > 0 || last >= 0 || (answered && !late) || (there && !unanswered) ? failed : null, 'nvidia-smi', status),
  }
}
