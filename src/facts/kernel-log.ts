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

/** Output is cut at this length: a log that long may go on, so finding nothing in it says nothing. */
const CUT = 65_536

const xidsOf = (r: Reading): Xid[] | null => {
  if (r.text.trim() === '') return null
  const found = allXids(r)
  return found.length === 0 && (r.text.length >= CUT || r.excerpt) ? null : found
}

const allXids = (r: Reading): Xid[] =>
  r.text
    .split('\n')
    .flatMap((line) => {
      const found = XID.exec(line)
      return found ? [{ code: Number(found[2]), address: found[1] ?? '', text: (found[3] ?? '').slice(0, 200) }] : []
    })
    .slice(0, 100)

/** `ps -eo pid,stat,comm`: driver processes in state D. */
const stuckOf = (r: Reading): Stuck[] =>
  r.text.split('\n').flatMap((line) => {
    const found = /^\s*(\d+)\s+D\S*\s+(\S*nvidia.*?)\s*$/.exec(line)
    return found ? [{ pid: Number(found[1]), name: found[2] ?? '' }] : []
  })

const LOG = (r: Reading): boolean => tool('dmesg')(r) || (tool('journalctl')(r) && !r.args.includes('-1'))
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
export const kernelLogFacts = (readings: readonly Reading[]): Record<string, Fact> => ({
  'kernel.xids': factOf(readings, [{ of: LOG, parse: xidsOf }]),
  'driver.stuckProcesses': factOf(readings, [{ of: PS, parse: stuckOf }]),
  'probe.hung': derived(readings.length > 0 ? hungIn(readings) : null),
})

/** Why the GPU had better not be asked, from captures made without it; null when nothing speaks against it. */
export const gpuGuard = (captures: readonly Capture[]): string | null => {
  const facts = kernelLogFacts(readingsOf(captures))
  const stuck = (facts['driver.stuckProcesses']?.value as Stuck[] | null)?.[0]
  if (stuck) return `process ${stuck.pid} (${stuck.name}) waits inside the driver`
  const lost = (facts['kernel.xids']?.value as Xid[] | null)?.find((x) => LOST.has(x.code))
  return lost ? `the kernel log reports Xid ${lost.code} for GPU ${lost.address}` : null
}
