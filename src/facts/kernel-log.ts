import type { Capture } from '../model/capture.ts'
import type { Fact } from '../model/fact.ts'
import { derived, factOf, readingsOf, tool, type Reading } from './reading.ts'

/** A line of the kernel log that reports a GPU fault. */
export type Xid = { code: number; address: string; text: string }
/** A process of the driver that waits inside the kernel. */
export type Stuck = { pid: number; name: string }

const XID = /NVRM: Xid \((?:PCI:)?([0-9a-fA-F:.]+)[^)]*\): (\d+),?\s*(.*)$/
/** After these the GPU is off the bus or its firmware does not answer: asking it again can hang the caller. */
const LOST = new Set([79, 119, 120])

/** Options of journalctl that choose another boot, or what is not the kernel's. */
const ELSEWHERE = /^(-\d+|-b-\d+|--boot=-\d+|-u.*|--u(nit|ser).*|-t.*|--identifier.*)$/

/** Holds for readings of the kernel log of this boot. */
export const isKernelLog = (r: Reading): boolean =>
  tool('dmesg')(r) || tool('journalctl', (args) => !args.some((arg) => ELSEWHERE.test(arg)))(r)

/**
 * What the kernel log of this boot shows, over all readings of it. What one of them shows is there; what none shows is missing
 * only where one of them is whole, else the fact is partial, or not known when there is nothing in it. `find` gives a list or
 * mapping.
 */
export const fromKernelLog = <T extends object>(
  readings: readonly Reading[],
  find: (r: Reading) => T,
  join: (one: T, other: T) => T,
): Fact<T> => {
  const logs = readings.filter(isKernelLog)
  const shown = logs.filter((r) => r.status === 'ok' && r.text.trim() !== '')
  const whole = shown.find((r) => !r.excerpt)
  const best = whole ?? shown[0]
  if (best === undefined) return factOf<T>(logs, [{ of: () => true, parse: () => null }])
  const { source, ms } = best
  const value = shown.map(find).reduce(join)
  if (whole !== undefined) return { value, status: 'ok', source, ms }
  if (Object.keys(value).length === 0) return { value: null, status: 'unrecorded', source, ms }
  return { value, status: 'ok', source, ms, partial: true }
}

const xidsOf = (r: Reading): Xid[] =>
  r.text.split('\n').flatMap((line) => {
    const found = XID.exec(line)
    return found ? [{ code: Number(found[2]), address: found[1] ?? '', text: (found[3] ?? '').slice(0, 200) }] : []
  })

/** Two readings of one log may show the same fault. */
const joined = (one: Xid[], other: Xid[]): Xid[] => {
  const known = new Set(one.map((x) => JSON.stringify(x)))
  return [...one, ...other.filter((x) => !known.has(JSON.stringify(x)))]
}

/** The first hundred, and the first of each number: a program that fails again and again must not hide a lost GPU. */
const fewer = (all: Xid[]): Xid[] => {
  const codes = new Set<number>()
  return all.filter(({ code }, at) => {
    const first = !codes.has(code)
    codes.add(code)
    return at < 100 || first
  })
}

/** `ps -eo pid,stat,comm`: driver processes in state D. Null where there is none in a table that is not whole. */
const stuckOf = (r: Reading): Stuck[] | null => {
  const stuck = r.text.split('\n').flatMap((line) => {
    const found = /^\s*(\d+)\s+D\S*\s+(\S*nvidia.*?)\s*$/.exec(line)
    return found ? [{ pid: Number(found[1]), name: found[2] ?? '' }] : []
  })
  return stuck.length > 0 || !r.excerpt ? stuck : null
}

const PS = tool('ps', (args) => args.join(' ').includes('stat'))

/** Tools that not even SIGKILL ended, each once (later calls carry its id), with the kernel function in which they wait. */
const hungIn = (readings: readonly Reading[]): string[] => [
  ...new Set(
    readings.flatMap(({ tool: name, pid, wchan }) =>
      pid === undefined ? [] : [`${name} (process ${pid}${wchan === undefined ? '' : `, waits in ${wchan}`})`],
    ),
  ),
]

/**
 * Facts `kernel.xids` (GPU faults in the log of this boot), `driver.stuckProcesses` (driver processes in uninterruptible sleep) and
 * `probe.hung` (tools of this very run that nothing ended).
 */
export const kernelLogFacts = (readings: readonly Reading[]): Record<string, Fact> => {
  const xids = fromKernelLog(readings, xidsOf, joined)
  return {
    'kernel.xids': xids.value === null ? xids : { ...xids, value: fewer(xids.value) },
    'driver.stuckProcesses': factOf(readings, [{ of: PS, parse: stuckOf }]),
    'probe.hung': derived(readings.length > 0 ? hungIn(readings) : null),
  }
}

/** Why the GPU had better not be asked, from captures made without it; null when nothing speaks against it. */
export const gpuGuard = (captures: readonly Capture[]): string | null => {
  const facts = kernelLogFacts(readingsOf(captures))
  const stuck = (facts['driver.stuckProcesses']?.value as Stuck[] | null)?.[0]
  if (stuck) return `process ${stuck.pid} (${stuck.name}) waits inside the driver`
  const lost = (facts['kernel.xids']?.value as Xid[] | null)?.find((x) => LOST.has(x.code))
  return lost ? `the kernel log reports Xid ${lost.code} for GPU ${lost.address}` : null
}
