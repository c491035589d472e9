import type { Environment } from '../facts/environments.ts'
import type { Capture } from '../model/capture.ts'
import type { Detection } from '../model/machine.ts'
import type { App } from './app.ts'

/** All environments together may take this long. One for which its whole limit is not left is not begun: cut short, it would prove nothing. */
const BUDGET = 180_000

/**
 * Enters every Python environment that was found: imports in a child, runs a kernel where a GPU may be asked, and loads the
 * GPU through the first one whose kernel was right. Each child is bounded by itself, so that one that hangs leaves the others
 * alone; after one that nothing ended, the GPU is not touched again.
 */
export async function enterEnvironments(app: App, detection: Detection, gpu: boolean): Promise<Capture[]> {
  const { importProbes, importable, isStuck, LIMIT, loadProbe } = await import('../facts/deep.ts')
  const { probeLive } = await import('../host/live.ts')
  const { projectPath } = await import('../host/project.ts')
  const script = projectPath('smoke/_deep.py')
  const environments = (detection.facts['python.environments']?.value ?? []) as Environment[]
  const live = { deadline: BUDGET, signal: app.signal }
  const onWait = (argv: readonly string[], limit: number): void => app.note(`waiting for ${argv[0]} (at most ${limit / 1000} s)`)
  const captures: Capture[] = []
  const end = performance.now() + BUDGET
  const careful = importProbes(environments, script, false)
  const stuck = (): boolean => captures.some(isStuck)
  let entered = 0
  for (const [at, probe] of importProbes(environments, script, gpu).entries()) {
    if (end - performance.now() < LIMIT || app.signal.aborted) break
    const came = await probeLive([stuck() ? careful[at]! : probe], { ...live, onWait })
    for (const one of app.signal.aborted ? [] : came.filter(({ text }) => !text.includes('"importing"')))
      app.note(`nothing could be imported by ${one.argv?.[0]}: ${endOf(one)}`)
    captures.push(...came)
    entered += 1
  }
  const missed = importable(environments) - entered
  if (missed > 0 || entered === 0) captures.push(note(script, missed > 0 ? '--left' : '--none'))
  const able = captures.find(({ text }) => text.includes('"kernel": "ok"'))
  const [python] = able?.argv ?? []
  if (gpu && !stuck() && python !== undefined && !app.signal.aborted) {
    app.note('keeping the GPU busy for ten seconds, to see its clock under load')
    captures.push(...(await probeLive([loadProbe(python, script)], live)))
  }
  return captures
}

/** How a Python ended that did not come to its first import, as it says itself, else in our words. */
const endOf = ({ status, stderr, exitCode }: Capture): string =>
  stderr.trim().split('\n').at(-1) || (status !== 'ok' ? ENDS[status] : exitCode === null ? 'it crashed' : `it ended with code ${exitCode}`) || 'it could not be started'
const ENDS: Partial<Record<Capture['status'], string>> = {
  denied: 'it may not be run by this user',
  timeout: 'it did not begin in time',
  hung: 'it hangs inside the kernel',
}

/** Says in the language of captures that environments were left out, or that there were none to enter. */
const note = (script: string, flag: string): Capture => ({
  argv: ['python3', '-B', script, flag],
  status: 'unrecorded',
  text: '',
  stderr: '',
  exitCode: null,
  excerpt: true,
  ms: 0,
})
