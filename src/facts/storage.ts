import type { Fact } from '../model/fact.ts'
import { factOf, tool, type Form, type Reading } from './reading.ts'

type Row = { device: string; size: number; available: number; mount: string }

/** Rows of `df` in blocks of 1024 bytes; a long device name may stand on a line of its own. */
const rowsOf = (r: Reading): Row[] => {
  const [head, ...lines] = r.text
    .trim()
    .replace(/\n(?=\s)/g, ' ')
    .split('\n')
  if (!/1K|1024/.test(head ?? '')) return []
  return lines.flatMap((line) => {
    const found = /^(\S.*?)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+\S+\s+(\/.*)$/.exec(line)
    return found ? [{ device: found[1] ?? '', size: Number(found[2]), available: Number(found[4]), mount: found[5] ?? '' }] : []
  })
}

const paths = (r: Reading): string[] => r.args.filter((a) => a.startsWith('/'))
const isRoot = tool('df', (args) => {
  const named = args.filter((a) => a.startsWith('/'))
  return named.length === 0 || named.includes('/')
})
const isHome = tool('df', (args) => args.filter((a) => a.startsWith('/') && a !== '/').length === 1)

const rootRow = (r: Reading): Row | null => rowsOf(r).find((row) => row.mount === '/') ?? null
const homeRow = (r: Reading): Row | null => {
  const rows = rowsOf(r)
  return (paths(r)[0] === '/' ? rows[1] : rows[0]) ?? null
}

const cell = <T>(of: Form<T>['of'], row: (r: Reading) => Row | null, pick: (row: Row) => T): Form<T>[] => [
  {
    of,
    parse: (r) => {
      const found = row(r)
      return found === null ? null : pick(found)
    },
  },
]

/** Facts `disk.root.*` and `disk.home.*` of the file systems that hold `/` and the home folder: `availableBytes sizeBytes mount device`. */
export const storageFacts = (readings: readonly Reading[]): Record<string, Fact> =>
  Object.fromEntries(
    (
      [
        ['root', isRoot, rootRow],
        ['home', isHome, homeRow],
      ] as const
    ).flatMap(([name, of, row]) => [
      [
        `disk.${name}.availableBytes`,
        factOf(
          readings,
          cell(of, row, (x) => Math.max(0, x.available) * 1024),
        ),
      ],
      [
        `disk.${name}.sizeBytes`,
        factOf(
          readings,
          cell(of, row, (x) => x.size * 1024),
        ),
      ],
      [
        `disk.${name}.mount`,
        factOf(
          readings,
          cell(of, row, (x) => x.mount),
        ),
      ],
      [
        `disk.${name}.device`,
        factOf(
          readings,
          cell(of, row, (x) => x.device),
        ),
      ],
    ]),
  )
