import { realMachine } from '../src/host/real.ts'
import { openSession, type Session } from '../src/apply/session.ts'
import type { Machine } from '../src/host/machine.ts'
import type { Change, Want } from '../src/model/change.ts'
import { plainEnv } from './timing.ts'

export const benchMachine = (): Machine => realMachine({ ...plainEnv(), LC_ALL: 'C.UTF-8' })

/** An open ledger in a folder of its own. */
export const benchSession = (state: string, machine = benchMachine()): Session =>
  openSession(machine, { folder: state, command: 'bench', emit: () => undefined, signal: new AbortController().signal })

export const changeOf = (id: string, want: Want): Change => ({
  id,
  recipe: 'bench',
  want,
  summary: `${want.kind} ${id}`,
  scope: 'user',
  reversible: 'full',
  seconds: null,
  bytes: null,
})
