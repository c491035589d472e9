import { readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { root } from './places.ts'
import type { Row } from './row.ts'

const verdict = (row: Row): string =>
  row.measured === null ? 'not measured' : row.met === null ? '' : row.met ? 'met' : '**not met**'

const HEAD = ['what', 'limit', 'measured', 'limit met', 'remarks']

/** The rows as a Markdown table with aligned columns, for people and for docs/benchmarks.md alike. */
export function table(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map((r) => [r.what, r.limit, r.measured ?? '–', verdict(r), r.note])]
  const widths = HEAD.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  const drawn = cells.map((line) => `| ${line.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`)
  return [drawn[0], `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...drawn.slice(1)].join('\n')
}

const FILE_SYSTEMS: Record<number, string> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x01021994: 'tmpfs',
  0x794c7630: 'overlay',
}

/** The machine in neutral words: what decides the figures, and nothing that names it. */
export function machineWords(where: string | undefined): string {
  const arch = process.arch === 'x64' ? 'x86-64' : process.arch
  const virtual = /^flags.*\bhypervisor\b/m.test(readFileSync('/proc/cpuinfo', 'latin1'))
  const disk = where ?? FILE_SYSTEMS[statfsSync(tmpdir()).type] ?? 'another file system'
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB memory`
  const kind = `${availableParallelism()}-core ${arch} ${virtual ? 'virtual machine' : 'machine'}`
  return `${kind}, ${memory}, ${disk}, Node ${process.versions.node}`
}

/** Said on the page when other work ran too: the bench alone keeps about one core busy. */
const busy = (): string =>
  loadavg()[0]! > availableParallelism()
    ? '\nOther work kept the machine busy: what is in milliseconds is too high, and ratios of short things are rough.'
    : ''

/** Writes docs/benchmarks.md. `where` describes the disk under TMPDIR, when its file system alone says too little. */
export function writePage(rows: readonly Row[], where: string | undefined): void {
  const date = new Date().toISOString().slice(0, 10)
  const text = `# Benchmarks

Written by \`npm run bench -- --write\`; limits are those gb10 holds itself to. F is \`node -e 0\`, measured in turn with all else
in the same run. Figures are medians of differences or ratios within each round, so a machine that is slow for a while is slow
for both sides; limits in plain time are for a machine that does nothing else.

${date}, ${machineWords(where)}; load average ${loadavg()[0]!.toFixed(1)} at the end.${busy()}

${table(rows)}
`
  writeFileSync(join(root, 'docs/benchmarks.md'), text)
}
