import type { Machine } from '../host/machine.ts'
import type { SmokeDevice, SmokeRun } from '../model/smoke.ts'

/** One proof of work to run: which script, in which environment, on what. */
export type SmokeJob = {
  name: string
  script: string
  /** The environment's folder; its bin/python runs the script. */
  environment: string
  device: SmokeDevice
  models: string | null
  input: string | null
  /** What only this script takes, by option name: `{ ocr: 'torch' }` becomes `--ocr torch`. */
  options: Readonly<Record<string, string>>
}

/** A proof that takes longer than this has hung: the slowest honest one, on a CPU, takes a few minutes. */
const LIMIT_MS = 20 * 60_000

/**
 * Runs one smoke script in its environment, in a work folder that is removed afterwards, and returns what it printed. Progress lines are
 * the script's stderr. Never judges.
 */
export async function runSmoke(machine: Machine, job: SmokeJob, workdir: string, signal: AbortSignal, onLine: (line: string) => void): Promise<SmokeRun> {
  machine.mkdir(workdir, 0o700)
  const seed = Number.parseInt(machine.newId().slice(0, 8), 16) % 1_000_000
  const reading = job.name === 'torch' ? [] : ['--seed', String(seed), '--models', job.models ?? `${workdir}/no-models`]
  const own = Object.entries(job.options).flatMap(([name, value]) => [`--${name}`, value])
  const input = job.input === null || job.name === 'torch' ? [] : ['--input', job.input]
  const python = `${job.environment}/bin/python`
  const argv = [python, job.script, '--device', job.device, '--workdir', workdir, ...reading, ...own, ...input]
  const out: string[] = []
  const err: string[] = []
  const limit = AbortSignal.timeout(LIMIT_MS)
  const start = performance.now()
  try {
    const onOut = (line: string): void => void out.push(line)
    const onErr = (line: string): void => {
      err.push(line)
      onLine(line)
    }
    const exit = await machine.run(argv, { signal: AbortSignal.any([signal, limit]), onOut, onErr, env: { HF_HUB_OFFLINE: '1' } })
    signal.throwIfAborted()
    const seconds = Math.round((performance.now() - start) / 100) / 10
    return { name: job.name, exitCode: exit.code, timedOut: limit.aborted, stdout: out.join('\n'), stderr: err.join('\n'), seconds }
  } finally {
    const left = [...machine.prune(workdir, () => true)]
    for (const { path } of left) onLine(`${path} could not be removed; \`gb10 uninstall\` tries again`)
    if (left.length === 0) machine.rmdir(workdir)
  }
}
