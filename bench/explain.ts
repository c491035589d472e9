import { spawnSync } from 'node:child_process'
import { appendFileSync, openSync, closeSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, workFolder } from './places.ts'
import { megabytes, row, type Row } from './row.ts'
import { median, plainEnv } from './timing.ts'

const SIZE = 200e6
const ROUNDS = 3
/** What the process was given by the kernel: processor time and the most memory it held. */
const HOOK = `process.on('exit',()=>{const u=process.resourceUsage();require('fs').writeSync(2,'\\nused '+u.userCPUTime+' '+u.systemCPUTime+' '+u.maxRSS)})`

type Taken = { seconds: number; user: number; peak: number }

/** How fast explain reads a large log of ordinary lines, from a file and from a pipe, and how much memory it holds. */
export function explain(): Row[] {
  const folder = workFolder('explain')
  const large = logOf(join(folder, 'large.log'), SIZE)
  const small = logOf(join(folder, 'small.log'), 1e6)
  const rounds = Array.from({ length: ROUNDS }, () => ({
    none: taken(small, false),
    file: taken(large, false),
    pipe: taken(large, true),
  }))
  const speed = (name: 'file' | 'pipe', what: 'seconds' | 'user'): number =>
    median(rounds.map((one) => SIZE / 1e6 / Math.max(0.001, one[name][what] - one.none[what])))
  const peak = (name: 'none' | 'file' | 'pipe'): number => median(rounds.map((one) => one[name].peak))
  const note = (name: 'file' | 'pipe'): string => `${speed(name, 'user').toFixed(0)} MB per second of processor time`
  return [
    row(
      '`gb10 explain` of a 200 MB file',
      '≥ 100 MB/s',
      `${speed('file', 'seconds').toFixed(0)} MB/s`,
      speed('file', 'seconds') >= 100,
      note('file'),
    ),
    row(
      '`gb10 explain -` of a 200 MB pipe',
      '≥ 100 MB/s',
      `${speed('pipe', 'seconds').toFixed(0)} MB/s`,
      speed('pipe', 'seconds') >= 100,
      note('pipe'),
    ),
    row(
      'peak memory of `gb10 explain`, 1 MB and 200 MB',
      'the same + 40 MB',
      `${megabytes(peak('none'))}, ${megabytes(peak('file'))}`,
      peak('file') - peak('none') <= 40e6,
      `from a pipe ${megabytes(peak('pipe'))}`,
    ),
  ]
}

/** A log of a size, of the healthy logs that the tests hold, with numbers that go on changing. */
function logOf(path: string, size: number): string {
  const folder = join(root, 'test/explain/healthy')
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  let written = 0
  for (let round = 0; written < size; round += 1) {
    const block = texts
      .map((text) => text.replaceAll(/\b\d{3}\b/g, (digits) => String((Number(digits) + round * 7) % 1000).padStart(3, '0')))
      .join('')
      .repeat(8)
    const bytes = Buffer.from(block).subarray(0, size - written)
    appendFileSync(path, bytes)
    written += bytes.length
  }
  return path
}

function taken(log: string, pipe: boolean): Taken {
  const argv = [
    process.execPath,
    '-e',
    `${HOOK};process.argv=[process.argv[0],'gb10','explain','--json',${JSON.stringify(pipe ? '-' : log)}];require(${JSON.stringify(join(root, 'bin/gb10.cjs'))})`,
  ]
  const input = pipe ? openSync(log, 'r') : 'ignore'
  const start = performance.now()
  const { status, stderr, error } = pipe
    ? spawnSync('/bin/sh', ['-c', 'cat | "$@"', 'sh', ...argv], {
        stdio: [input, 'ignore', 'pipe'],
        env: plainEnv(),
        encoding: 'utf8',
      })
    : spawnSync(argv[0]!, argv.slice(1), { stdio: [input, 'ignore', 'pipe'], env: plainEnv(), encoding: 'utf8' })
  const seconds = (performance.now() - start) / 1000
  if (typeof input === 'number') closeSync(input)
  const used = /\nused (\d+) (\d+) (\d+)$/.exec(stderr)
  if (error || used === null || status === null || status > 1) throw new Error(`explain ended with ${status}: ${stderr}`)
  return { seconds, user: (Number(used[1]) + Number(used[2])) / 1e6, peak: Number(used[3]) * 1024 }
}
