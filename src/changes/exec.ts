import { word } from '../ledger/remove.ts'
import { kept, type ChangeKind, type Context, type Restored, type WantOf } from './kind.ts'
import { StepFailed } from './venv.ts'

type ExecWant = WantOf<'exec'>

const run = (context: Context, argv: string[]) =>
  context.machine.run(argv, { env: { GB10_OP: context.op }, signal: context.signal, onLine: (text) => context.progress({ text }) })

/** Whether the declared probe says that the effect is there, or why it cannot tell: a probe that cannot be run is not a "no". */
async function ask(context: Context, want: ExecWant): Promise<boolean | string> {
  const exit = await run(context, want.probe)
  context.signal.throwIfAborted()
  if (exit.code === 0 || exit.code === 1) return exit.code === 0
  return `the probe ${want.probe.map(word).join(' ')} ended with ${exit.code ?? exit.signal}: ${exit.tail}`
}

async function holds(context: Context, want: ExecWant): Promise<boolean> {
  const there = await ask(context, want)
  if (typeof there === 'string') throw new StepFailed(there)
  return there
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
  // A tool may be gone by now, and would be at every later try: then the rest is the user's, who may know.
  async restore(context, want) {
    const command = want.undo.map(word).join(' ')
    const leave = (why: string): Restored => ({ how: 'noop', kept: [kept(command, why)] })
    const before = await ask(context, want)
    if (before === false) return { how: 'noop', kept: [] }
    if (typeof before === 'string') {
      return leave(`whether what it takes back is there could not be told (${before}); if it is there, this command takes it back`)
    }
    const exit = await run(context, want.undo)
    context.signal.throwIfAborted()
    if (exit.code !== 0) return leave(`it did not take the change back (ended with ${exit.code ?? exit.signal})`)
    const after = await ask(context, want)
    if (typeof after === 'string') return leave(`it ended well, but whether the change is taken back could not be told (${after})`)
    return after ? leave('it ended well, but did not take the change back') : { how: 'removed', kept: [] }
  },
  drift: () => [],
}
