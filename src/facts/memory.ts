import type { Fact } from '../model/fact.ts'
import { factOf, file, tool, type Form, type Reading } from './reading.ts'

const MEMINFO = file('/proc/meminfo')

/** A line of /proc/meminfo, in KiB. */
const meminfo = (key: string): Form<number> => ({
  of: MEMINFO,
  parse: (r) => {
    const found = new RegExp(`^${key}:\\s*(\\d+)\\s*kB`, 'm').exec(r.text)
    return found ? Number(found[1]) : null
  },
})

/** `free` counts in KiB unless an option changes the unit; `-h` rounds, so it states nothing exact. */
const freeInKiB = tool(
  'free',
  (args) =>
    !args.some(
      (a) =>
        (/^-[a-z]*[bmgth]/.test(a) && a !== '-t' && a !== '-l') ||
        /^--(bytes|mebi|gibi|tebi|pebi|kilo|mega|giga|tera|human|si)/.test(a),
    ),
)

/** Rows of `free` by position: memory first, then swap; their labels follow the locale. */
const rowOf = (r: Reading, row: 0 | 1): string[] => {
  const rows = r.text.split('\n').filter((line) => /^\s*[^\d\s-]\S*?\s?[:：]\s+\d/.test(line))
  return rows[row]?.split(/[:：]/)[1]?.trim().split(/\s+/) ?? []
}

const count = (word: string | undefined): number | null => (/^\d+$/.test(word ?? '') ? Number(word) : null)
const free = (row: 0 | 1, column: number): Form<number> => ({ of: freeInKiB, parse: (r) => count(rowOf(r, row)[column]) })

/** The last columns: cache and available. `-w` has one column more; the oldest releases, with a `-/+ buffers` row, have neither. */
const freeFromEnd = (column: -1 | -2): Form<number> => ({
  of: freeInKiB,
  parse: (r) => {
    const words = rowOf(r, 0)
    return words.length < 6 || /^-\/\+/m.test(r.text) ? null : count(words.at(column))
  },
})

/** Older `top` counts in KiB. */
const top: Form<number> = {
  of: tool('top'),
  parse: (r) => {
    const found = /^KiB Mem\s*:\s*(\d+)[ +]*total/m.exec(r.text)
    return found ? Number(found[1]) : null
  },
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`: shares of time in percent. */
const pressure = (kind: 'some' | 'full', span: 'avg10' | 'avg60' | 'avg300'): Form<number> => ({
  of: file('/proc/pressure/memory'),
  parse: (r) => {
    const found = new RegExp(`^${kind} .*\\b${span}=([\\d.]+)`, 'm').exec(r.text)
    return found ? Number(found[1]) : null
  },
})

const swapDevices = (r: Reading): { path: string; type: string; sizeKiB: number; usedKiB: number }[] | null => {
  const [head, ...lines] = r.text.trim().split('\n')
  if (!head?.startsWith('Filename')) return null
  return lines.flatMap((line) => {
    const [path = '', type = '', size = '', used = ''] = line.split(/\s+/)
    return /^\d+$/.test(size) ? [{ path, type, sizeKiB: Number(size), usedKiB: Number(used) }] : []
  })
}

/** A share of all memory, in percent with one digit. */
const share = (part: Fact<number>, whole: Fact<number>): Fact<number> =>
  part.value === null || whole.value === null || whole.value === 0
    ? { ...part, value: null, status: part.value === null ? part.status : whole.status === 'ok' ? 'error' : whole.status }
    : { ...part, value: Math.round((part.value / whole.value) * 1000) / 10 }

/**
 * Facts `memory.*`, all in KiB: `totalKiB availableKiB freeKiB cachedKiB buffersKiB swapTotalKiB swapFreeKiB cmaTotalKiB cmaFreeKiB`,
 * `{available,free,cached}Percent` of the total, `swapDevices`, and `pressure.{some,full}.{avg10,avg60}` in percent of time.
 */
export const memoryFacts = (readings: readonly Reading[]): Record<string, Fact> => {
  const facts = plainFacts(readings)
  const percent = (name: string) => share(facts[`memory.${name}KiB`] as Fact<number>, facts['memory.totalKiB'] as Fact<number>)
  return { ...facts, 'memory.availablePercent': percent('available'), 'memory.freePercent': percent('free'), 'memory.cachedPercent': percent('cached') }
}

const plainFacts = (readings: readonly Reading[]): Record<string, Fact> => ({
  'memory.totalKiB': factOf(readings, [meminfo('MemTotal'), free(0, 0), top]),
  'memory.availableKiB': factOf(readings, [meminfo('MemAvailable'), freeFromEnd(-1)]),
  'memory.freeKiB': factOf(readings, [meminfo('MemFree'), free(0, 2)]),
  'memory.cachedKiB': factOf(readings, [meminfo('Cached'), freeFromEnd(-2)]),
  'memory.buffersKiB': factOf(readings, [meminfo('Buffers')]),
  'memory.swapTotalKiB': factOf(readings, [meminfo('SwapTotal'), free(1, 0)]),
  'memory.swapFreeKiB': factOf(readings, [meminfo('SwapFree'), free(1, 2)]),
  'memory.cmaTotalKiB': factOf(readings, [meminfo('CmaTotal')]),
  'memory.cmaFreeKiB': factOf(readings, [meminfo('CmaFree')]),
  'memory.swapDevices': factOf(readings, [{ of: file('/proc/swaps'), parse: swapDevices }]),
  'memory.pressure.some.avg10': factOf(readings, [pressure('some', 'avg10')]),
  'memory.pressure.some.avg60': factOf(readings, [pressure('some', 'avg60')]),
  'memory.pressure.full.avg10': factOf(readings, [pressure('full', 'avg10')]),
  'memory.pressure.full.avg60': factOf(readings, [pressure('full', 'avg60')]),
})
