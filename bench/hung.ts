import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { spawn, spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { probes } from '../src/facts/probes.ts'
import { gb10, onEnd, workFolder } from './places.ts'
import { ms, notMeasured, row, type Row } from './row.ts'
import { interleaved, median, output, plainEnv, timed } from './timing.ts'

/** The marker by which children of the bench are found again. */
const MARK = 'GB10_BENCH_MARK'
const TOOL = 'nvidia-smi'
const GRACE = 400

const limit = probes.flatMap((p) => (p.kind === 'run' && p.argv[0] === TOOL ? [p.limit ?? 2000] : []))[0]!

type Detection = { facts: Record<string, { status: string; source: string; ms: number }> }

/** A tool that does not answer: named, ended where that is possible, and without effect on the rest. */
export async function hung(): Promise<Row[]> {
  const healthy = JSON.parse(output(gb10('detect', '--json'), { env: withTool('exit 0') })) as Detection
  const stubborn = await look("trap '' TERM HUP INT; while :; do sleep 1; done", healthy)
  const rows = [
    hangRow('a tool that does not end and traps TERM', stubborn, (status) => status === 'timeout' || status === 'hung'),
  ]
  return [...rows, await frozen(healthy)]
}

type Look = { status: string; toolMs: number; wall: number; baseWall: number; survivors: number; changed: string[] }

/** Runs `detect` with a fake tool that hangs, and the healthy one beside it. */
async function look(script: string, healthy: Detection, env: Record<string, string> = {}): Promise<Look> {
  const mark = `${process.pid}-${Math.round(performance.now())}`
  let text = ''
  const hanging = withTool(script, { ...env, [MARK]: mark })
  const base = { base: () => timed(() => output(gb10('detect', '--json'), { env: withTool('exit 0') })) }
  const baseWall = median((await interleaved(3, base)).base)
  const wall = await timed(() => {
    text = output(gb10('detect', '--json'), { env: hanging })
  })
  const { facts } = JSON.parse(text) as Detection
  const asked = Object.values(facts).find((f) => f.source.startsWith(TOOL) && f.ms > 0)
  const others = Object.keys(healthy.facts).filter((id) => !id.startsWith('gpu.') && !facts[id]?.source.startsWith(TOOL))
  const changed = others.filter((id) => healthy.facts[id]!.status !== facts[id]?.status)
  return {
    status: asked?.status ?? 'not named',
    toolMs: asked?.ms ?? 0,
    wall,
    baseWall,
    survivors: marked(mark).filter((p) => p.state !== 'D').length,
    changed,
  }
}

function hangRow(what: string, seen: Look, right: (status: string) => boolean): Row {
  const late = seen.wall - seen.baseWall - limit
  const met = late <= GRACE && right(seen.status) && seen.survivors === 0 && seen.changed.length === 0
  const others = seen.changed.length === 0 ? 'no other fact changed' : `other facts changed: ${seen.changed.join(', ')}`
  const note = `named ${seen.status} after ${ms(seen.toolMs)} of ${ms(limit)}; ${seen.survivors} survivors; ${others}`
  return row(what, `≤ its limit + ${GRACE} ms`, `limit + ${ms(late)}`, met, note)
}

/** The environment with a fake tool first on PATH. */
function withTool(script: string, env: Record<string, string> = {}): Record<string, string> {
  const folder = workFolder('tool')
  writeFileSync(`${folder}/${TOOL}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return plainEnv({ ...env, PATH: `${folder}:${process.env['PATH']}` })
}

/** Processes that carry a marker, with their state. */
function marked(mark: string): { pid: string; state: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${MARK}=${mark}`)) return []
        return [{ pid, state: /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '?' }]
      } catch {
        return []
      }
    })
}

const WHAT = 'a tool in state D, which no signal ends'
const works = (argv: readonly string[]): boolean =>
  spawnSync(argv[0]!, argv.slice(1), { stdio: 'ignore', timeout: 10_000 }).status === 0

/** The same with a tool that waits inside the kernel: it writes to a small file system that is frozen meanwhile. Needs root. */
async function frozen(healthy: Detection): Promise<Row> {
  const skip = (why: string): Row => notMeasured(WHAT, `≤ its limit + ${GRACE} ms`, why)
  if (process.geteuid!() !== 0) return skip('needs root')
  if (!['/sbin', '/usr/sbin', '/bin', '/usr/bin'].some((folder) => existsSync(`${folder}/fsfreeze`)))
    return skip('needs fsfreeze')
  const folder = workFolder('frozen')
  const mount = `${folder}/mnt`
  onEnd(() => void spawnSync('umount', [mount], { stdio: 'ignore', timeout: 10_000 }))
  onEnd(() => void spawnSync('fsfreeze', ['-u', mount], { stdio: 'ignore', timeout: 10_000 }))
  const made =
    works(['mkdir', mount]) &&
    works(['truncate', '-s', '32M', `${folder}/image`]) &&
    works(['mkfs.ext4', '-q', '-F', `${folder}/image`])
  if (!made || !works(['mount', '-o', 'loop', `${folder}/image`, mount])) return skip('no loop mount is possible here')
  // Thaws even if the bench is killed.
  spawn('sh', ['-c', 'sleep 40; fsfreeze -u "$0"', mount], { stdio: 'ignore', detached: true }).unref()
  if (!works(['fsfreeze', '-f', mount])) return skip('the file system cannot be frozen')
  let seen: Look
  try {
    seen = await look(`: > "${mount}/x"`, healthy)
  } finally {
    works(['fsfreeze', '-u', mount])
    await sleep(300)
    works(['umount', mount])
  }
  return hangRow(WHAT, seen, (status) => status === 'hung')
}
