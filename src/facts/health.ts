import type { Fact } from '../model/fact.ts'
import { fromKernelLog } from './kernel-log.ts'
import { derived, factOf, file, tool, type Reading } from './reading.ts'

/** One word for each file of a policy, without repeats. The kernel prints `<unsupported>` where the firmware has no such setting. */
const words = (readings: readonly Reading[], name: RegExp): Fact<string[]> => {
  const files = readings.filter((r) => file(name)(r))
  const printed = files.filter((r) => r.status === 'ok').map((r) => r.text.trim())
  const found = printed.filter((word) => /^\w+$/.test(word))
  const denied = files.some((r) => r.status === 'denied')
  const unsupported = printed.includes('<unsupported>')
  return derived(
    found.length > 0 ? [...new Set(found)] : null,
    files[0]?.source,
    denied ? 'denied' : unsupported ? 'unsupported' : printed.length > 0 ? 'error' : files.length > 0 ? 'absent' : 'unrecorded',
  )
}

/**
 * Lines of the kernel log that matter for the catalogue, counted; all of them must pass KERNEL_LINES of probes-doctor.ts. The
 * kernel names no module when it refuses one; where a line does name one, it must be NVIDIA's.
 */
const MESSAGES: Record<string, RegExp> = {
  noMemory: /NV_ERR_NO_MEMORY/g,
  iovaNoMemory: /_iovaspaceCreateMappingDataFromMemDesc|Cannot allocate sysmem through fb heap/g,
  rmInitFailed: /RmInitAdapter failed/g,
  openNeeded: /requires use of the NVIDIA open kernel modules/g,
  keyRejected:
    /(?<=^|kernel: |\] |\bnvidia[\w-]{0,20}(?:\.ko)?'?: )(?:Key was rejected by service|Loading of [^\n]{1,60} is rejected)/gm,
  outOfMemoryKills: /Out of memory: Killed process/g,
  pinningFailed: /failed to pin|Long-term pin/g,
}

type Counts = Record<string, number>
const NONE: Counts = Object.fromEntries(Object.keys(MESSAGES).map((name) => [name, 0]))

const counted = (r: Reading): Counts =>
  Object.fromEntries(
    Object.entries(MESSAGES).flatMap(([name, pattern]) => {
      const count = r.text.match(pattern)?.length ?? 0
      return count > 0 ? [[name, count]] : []
    }),
  )

/** Two readings of one log may show the same lines: the larger count holds. */
const larger = (one: Counts, other: Counts): Counts =>
  Object.fromEntries([...Object.entries(one), ...Object.entries(other)].map(([k]) => [k, Math.max(one[k] ?? 0, other[k] ?? 0)]))

const messages = (readings: readonly Reading[]): Fact<Counts> => {
  const fact = fromKernelLog(readings, counted, larger)
  return fact.value === null || fact.partial ? fact : { ...fact, value: { ...NONE, ...fact.value } }
}

const previousEnd = (r: Reading): 'clean' | 'abrupt' | null => {
  if (r.text.trim() === '' || /No entries|no persistent journal|Specifying boot ID/i.test(`${r.text}${r.stderr}`)) return null
  return /Journal stopped|systemd-shutdown|Reached target .*(Power.?Off|Reboot|Shutdown|Halt)|System is (powering down|rebooting)/i.test(
    r.text,
  )
    ? 'clean'
    : 'abrupt'
}

type Device = { Name?: unknown; Flags?: unknown }
/** `fwupdmgr get-devices --json`: devices whose new firmware waits for a restart. */
const waiting = (r: Reading): string[] | null => {
  try {
    const { Devices } = JSON.parse(r.text) as { Devices?: Device[] }
    if (!Array.isArray(Devices)) return null
    return Devices.filter(
      (d) => Array.isArray(d.Flags) && d.Flags.some((f) => f === 'needs-reboot' || f === 'needs-shutdown'),
    ).map((d) => String(d.Name ?? 'a device'))
  } catch {
    return null
  }
}

/** An answer that does not tell what was asked is a failed one: fwupdmgr prints its errors as JSON, too. */
const answered = <T>(fact: Fact<T>): Fact<T> => (fact.status === 'unrecorded' && fact.source !== '' ? { ...fact, status: 'error' } : fact)

/** Links that carry the name of a CUDA 12 library and lead to another one, or nowhere. */
const compatLinks = (readings: readonly Reading[]): Fact<{ path: string; target: string | null }[]> => {
  const asked = readings.filter((r) => r.tool === 'ls' && r.args.some((a) => a.includes('libcudart.so.12')))
  const listings = asked.filter((r) => ['ok', 'absent'].includes(r.status))
  const missed = asked.find((r) => !listings.includes(r))
  const targets = new Map(
    readings.filter((r) => r.tool === 'readlink' && r.status === 'ok').map((r) => [r.args.at(-1) ?? '', r.text.trim()]),
  )
  const found = listings
    .flatMap((r) => [...r.text.matchAll(/^(\/\S*\/libcudart\.so\.12\S*)$/gm)].map((m) => m[1] ?? ''))
    .map((path) => ({ path, target: targets.get(path) ?? null }))
    .filter(({ path, target }) => (target === null ? path.endsWith('/libcudart.so.12') : !/\/libcudart\.so\.12/.test(target)))
  if (missed !== undefined)
    return found.length > 0 ? { ...derived(found, missed.source), partial: true } : derived<typeof found>(null, missed.source, missed.status)
  return derived(listings.length > 0 ? found : null, listings[0]?.source)
}

/**
 * Facts `cpu.governors`, `cpu.cppcAutoSelect` (one entry for each value that policies have), `kernel.messages` (counted lines of
 * this boot's log), `boot.previousEnd`
 * (clean or abrupt), `firmware.waiting` (devices with staged firmware), `cuda.compatLinks` (links that pass CUDA 13 off as 12).
 */
export const healthFacts = (readings: readonly Reading[]): Record<string, Fact> => ({
  'cpu.governors': words(readings, /\/cpufreq\/[^/]+\/scaling_governor$/),
  'cpu.cppcAutoSelect': words(readings, /\/cpufreq\/[^/]+\/auto_select$/),
  'kernel.messages': messages(readings),
  'boot.previousEnd': answered(
    factOf(readings, [{ of: tool('journalctl', (args) => args.includes('-b') && args.includes('-1')), parse: previousEnd }]),
  ),
  'firmware.waiting': answered(factOf(readings, [{ of: tool('fwupdmgr', (args) => args.includes('get-devices')), parse: waiting }])),
  'cuda.compatLinks': compatLinks(readings),
})
