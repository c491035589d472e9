import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'

/** What a program that ran to its end (or was killed) left. */
export type Ended = { code: number | null; signal: string | null; out: string; err: string }

/** Starts a program in a group of its own, ends the group after a minute, and gives what it wrote. */
export function run(argv: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(argv[0]!, argv.slice(1), { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const limit = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 60_000)
    const text = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (text.out += piece))
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (text.err += piece))
    child.on('error', fail).on('close', (code, signal) => {
      clearTimeout(limit)
      done({ code, signal, ...text })
    })
  })
}

/** The system calls that change a disk or make a change durable, by the names of either architecture. */
const CHANGING = [
  'openat', 'write', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'rename', 'renameat', 'renameat2', 'mkdir', 'mkdirat', 'unlink', 'unlinkat', 'rmdir',
  'symlink', 'symlinkat', 'link', 'linkat', 'chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'fchownat', 'utimensat',
]
const MARKS = ['access', 'faccessat', 'faccessat2']

/**
 * One place to interrupt: the n-th call of that name in the main thread. `cell` is command:kind:phase:call. `on`: the n-th call of that name
 * on one file (its path in the home), where that has the same name in every run.
 */
export type Point = { cell: string; call: string; when: number; on: { path: string; when: number } | null; line: string }

/** Whether a point is the same call in every run: Node writes to pipes of its own, a different number of times in each. */
export const steady = (point: Point): boolean => point.on !== null || point.call !== 'write'

/** What happens at a point: the process is killed, or the call fails. With `file` only calls on that file count. */
export type Injection = Point & { how: 'signal=SIGKILL' | 'error=EIO' | 'error=ENOSPC'; file?: string }

/**
 * Runs a program under strace. Only its main thread is followed (counters are per thread, and gb10 makes its file calls there); what it
 * starts runs untouched. Gives the lines of the trace.
 */
export async function traced(argv: string[], file: string, env: Record<string, string>, injection?: Injection): Promise<{ ended: Ended; lines: string[] }> {
  const calls = injection ? [injection.call] : CHANGING
  const only = injection?.file ? ['-P', injection.file] : []
  const inject = injection ? [...only, '-e', `inject=${injection.call}:${injection.how}:when=${injection.when}`] : []
  const set = [...MARKS, ...calls].map((name) => `?${name}`).join(',')
  const ended = await run(['strace', '-o', file, ...(injection ? [] : ['-y']), '-s', '200', '-e', `trace=${set}`, ...inject, '--', ...argv], env)
  if (!existsSync(file)) throw new Error(`strace did not run (${ended.code ?? ended.signal}): ${ended.err}`)
  const lines = readFileSync(file, 'utf8').split('\n')
  rmSync(file)
  return { ended, lines }
}

/** Whether a call changes something below the folder under test: neither Node's own pipes and caches, nor an open for reading. */
function changes(name: string, line: string, folder: string): boolean {
  if (!CHANGING.includes(name)) return false
  if (name === 'openat' && !/O_(CREAT|TRUNC|WRONLY|RDWR)/.test(line)) return false
  return line.includes(folder) || (!['openat', 'write'].includes(name) && line.includes('"/proc/self/fd/'))
}

/** The file in the home that a call works on through its descriptor. */
function fileOf(name: string, line: string, folder: string): string | null {
  const path = name === 'openat' ? undefined : /^\w+\(\d+<([^>]+)>/.exec(line)?.[1]
  return path?.startsWith(`${folder}/`) ? path.slice(folder.length) : null
}

/** Every point of a trace that could be interrupted, with the phase it belongs to. */
export function pointsOf(lines: string[], folder: string): Point[] {
  const counts = new Map<string, number>()
  const points: Point[] = []
  let mark: string | null = null
  for (const line of lines) {
    const name = /^(\w+)\(/.exec(line)?.[1]
    if (!name) continue
    const entered = /"\/gb10-mark\/([^"]+)"/.exec(line)?.[1]
    if (entered) mark = entered
    const when = (counts.get(name) ?? 0) + 1
    counts.set(name, when)
    const path = fileOf(name, line, folder)
    const nth = (counts.get(`${name} ${path}`) ?? 0) + 1
    counts.set(`${name} ${path}`, nth)
    if (mark === null || !changes(name, line, folder)) continue
    points.push({ cell: `${mark}:${name}`, call: name, when, on: path === null ? null : { path, when: nth }, line })
  }
  return points
}

/** Where an injected trace was interrupted; null when it ran past the point. */
export function interruptedAt(lines: string[]): string | null {
  let mark = ''
  let call = ''
  for (const line of lines) {
    const entered = /"\/gb10-mark\/([^"]+)"/.exec(line)?.[1]
    if (entered) mark = entered
    call = entered ? call : (/^(\w+)\(/.exec(line)?.[1] ?? call)
    if (line.includes('(INJECTED)')) return `${mark}:${call}`
  }
  return lines.some((line) => line.startsWith('+++ killed by SIGKILL')) ? `${mark}:${call}` : null
}
