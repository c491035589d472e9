import type { Fact } from '../model/fact.ts'
import type { GpuReading } from './gpu.ts'
import { isKernelLog } from './kernel-log.ts'
import { derived, factOf, file, tool, type Form, type Reading } from './reading.ts'
import { archOf, driverVersionOf, onlyOne } from './text.ts'

const NVRM = /NVRM version:\s*NVIDIA UNIX (Open )?(?:Kernel Module for )?(\S+)(?: Kernel Module)?\s+([\d.]+)/
const LOADING = /NVRM: loading NVIDIA UNIX (Open )?(?:Kernel Module for )?(\S+)(?: Kernel Module)?\s+([\d.]+)/
const MISMATCH = /NVRM: API mismatch:[\s\S]{0,300}?kernel module has\s+(?:[^\n]{0,60}NVRM:\s*)?the version\s+(?:[^\n]{0,60}NVRM:\s*)?([\d.]+)/

/** What `/proc/driver/nvidia/version` or the kernel log says of the loaded module; null when the line is not there. */
export const moduleLine = (text: string): { version: string; flavour: 'open' | 'proprietary'; arch: string | null } | null => {
  const found = NVRM.exec(text) ?? LOADING.exec(text)
  const version = driverVersionOf(found?.[3])
  if (!found || version === null) return null
  return { version, flavour: found[1] ? 'open' : 'proprietary', arch: archOf(found[2]) }
}

const PROC = file('/proc/driver/nvidia/version')
const SYS = file('/sys/module/nvidia/version')
const MODINFO = tool('modinfo', (args) => args.some((arg) => /^nvidia(\.ko)?$|\/nvidia\.ko(\.zst|\.xz)?$/.test(arg)))

const moduleForms = <T>(pick: (m: NonNullable<ReturnType<typeof moduleLine>>) => T | null): Form<T>[] =>
  [PROC, isKernelLog].map((of) => ({
    of,
    parse: (r: Reading) => {
      const m = moduleLine(r.text)
      return m ? pick(m) : null
    },
  }))

/** `key: value` of modinfo. */
const modinfo = (r: Reading, key: string): string | null =>
  new RegExp(`^${key}:[ \\t]*(\\S.*?)[ \\t]*$`, 'm').exec(r.text)?.[1] ?? null

const flavourForms: Form<'open' | 'proprietary'>[] = [
  ...moduleForms((m) => m.flavour),
  {
    of: MODINFO,
    parse: (r) => {
      const license = modinfo(r, 'license') ?? ''
      if (/GPL/.test(license)) return 'open'
      if (/^NVIDIA$/i.test(license)) return 'proprietary'
      return /-open\//.test(modinfo(r, 'filename') ?? '') ? 'open' : null
    },
  },
]

const LIBRARY = /libnvidia-ml\.so\.(\d{3}\.[\d.]+)\s*$/gm
const versionsIn = (text: string): string[] => [...text.matchAll(LIBRARY)].flatMap((m) => driverVersionOf(m[1]) ?? [])
const LISTED = (r: Reading): boolean => tool('ls')(r) && `${r.args.join(' ')}\n${r.text}`.includes('libnvidia-ml.so')
const LINK = /libnvidia-ml\.so\.1 -> (\S+)/
const LOADED = tool('readlink', (args) => args.at(-1)?.endsWith('/libnvidia-ml.so.1') ?? false)

/** Of several libraries that lie side by side, programs load the one to which `libnvidia-ml.so.1` leads. */
const libraryForms = (readings: readonly Reading[]): Form<string>[] => [
  { of: tool('nvidia-smi'), parse: (r) => driverVersionOf(/NVML library version:\s*(\S+)/.exec(r.text + r.stderr)?.[1]) },
  { of: LOADED, parse: () => onlyOne(readings.filter(LOADED).flatMap((r) => versionsIn(r.text))) },
  { of: LISTED, parse: (r) => onlyOne(versionsIn(LINK.exec(r.text)?.[1] ?? r.text)) },
  {
    of: tool('nvidia-smi', (args) => args.includes('--version')),
    parse: (r) => completed(driverVersionOf(/NVML version\s*:\s*(\S+)/i.exec(r.text)?.[1]), r.text),
  },
]

/** NVML may leave out the last part of its version, which is no other version than the driver's that stands beside it. */
const completed = (library: string | null, text: string): string | null => {
  const driver = driverVersionOf(/^(?:DRIVER|KMD) version\s*:\s*(\S+)/im.exec(text)?.[1])
  return library !== null && driver?.startsWith(`${library}.`) ? driver : library
}

/**
 * Facts `driver.*`: `version` of the running driver (loaded module, else what nvidia-smi reports; never packages), `cuda` that the
 * user-space driver supports, `module` loaded or not-loaded, `flavour` open or proprietary, `library` the NVML version,
 * `moduleFile` the version of the module on disk.
 */
export const driverFacts = (
  readings: readonly Reading[],
  gpu: readonly GpuReading[],
  notLoaded: boolean,
): Record<string, Fact> => {
  const fromTool = (key: 'driver' | 'cuda'): Fact<string> => {
    const found = gpu.find(({ part }) => part[key] !== null)
    return derived(found?.part[key] ?? null, found?.reading.source)
  }
  const named = factOf(readings, [
    ...moduleForms((m) => m.version),
    { of: isKernelLog, parse: (r) => driverVersionOf(MISMATCH.exec(r.text)?.[1]) },
    { of: SYS, parse: (r) => driverVersionOf(r.text) },
  ])
  // Where nothing names a version, the kernel's files tell why: a log that cannot be read does not make their absence doubtful.
  const files = factOf<string>(readings, [PROC, SYS].map((of) => ({ of, parse: () => null })))
  const loaded = named.value !== null || files.source === '' ? named : files
  const reported = fromTool('driver')
  const version = loaded.value !== null ? loaded : reported.value !== null ? reported : loaded
  // The kernel's own files speak of now; its log of what was once loaded.
  const there = readings.some((r) => (PROC(r) || SYS(r)) && r.status === 'ok' && r.text.trim() !== '')
  const running = loaded.value !== null || reported.value !== null
  return {
    'driver.version': version,
    'driver.cuda': fromTool('cuda'),
    'driver.module': derived(
      there ? 'loaded' : notLoaded || modulesListWithout(readings) ? 'not-loaded' : running ? 'loaded' : null,
      version.source,
    ),
    'driver.flavour': factOf(readings, flavourForms),
    'driver.library': factOf(readings, libraryForms(readings)),
    'driver.moduleFile': factOf(readings, [{ of: MODINFO, parse: (r) => driverVersionOf(modinfo(r, 'version') ?? '') }]),
  }
}

/** A whole list of loaded modules without nvidia in it. */
const modulesListWithout = (readings: readonly Reading[]): boolean =>
  readings.some(
    (r) =>
      (tool('lsmod')(r) || file('/proc/modules')(r)) &&
      r.status === 'ok' &&
      !r.excerpt &&
      r.text.trim() !== '' &&
      !/^nvidia\s/m.test(r.text),
  )
