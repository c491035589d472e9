import { kept, type ChangeKind, type Context, type WantOf } from './kind.ts'
import { StepFailed } from './venv.ts'

type ExecWant = WantOf<'exec'>

const run = (context: Context, argv: string[]) =>
  context.machine.run(argv, { env: { GB10_OP: context.op }, signal: context.signal, onLine: (text) => context.progress({ text }) })

/** Whether the declared probe says that the effect is there. A probe that cannot be run is an error, not a "no". */
async function holds(context: Context, want: ExecWant): Promise<boolean> {
  const exit = await run(context, want.probe)
  context.signal.throwIfAborted()
  if (exit.code !== 0 && exit.code !== 1) throw new StepFailed(`the probe ${want.probe.join(' ')} ended with ${exit.code ?? exit.signal}: ${exit.tail}`)
  return exit.code === 0
}

/** A declared pair of commands with a probe (0: it is there, 1: it is not) that is asked before and after each of them. */
export const exec: ChangeKind<ExecWant, null, null> = {
  async observe(context, want) {
    return { state: (await holds(context, want)) ? 'same' : 'absent', pre: null, refusal: null }
  },
  async perform(context, want) {
    if (await holds(context, want)) return null
    const exit = await run(context, want.perform)
    context.signal.throwIfAborted()
    if (exit.code !== 0) throw new StepFailed(`${want.perform.join(' ')} ended with ${exit.code ?? exit.signal}:\n${exit.tail}`)
    if (!(await holds(context, want))) throw new StepFailed(`${want.perform.join(' ')} ended well, but its effect is not there`)
    return null
  },
  // The probe is a command and cannot be asked here; perform and restore ask it, and both are safe to repeat.
  standing: () => 'partial',
  settle: (context, want) => exec.perform(context, want, null),
  async restore(context, want) {
    if (!(await holds(context, want))) return { how: 'noop', kept: [] }
    const exit = await run(context, want.undo)
    if (exit.code === 0 && !(await holds(context, want))) return { how: 'removed', kept: [] }
    return { how: 'noop', kept: [kept(want.undo.join(' '), `it did not take the change back (ended with ${exit.code ?? exit.signal})`)] }
  },
  drift: () => [],
}
