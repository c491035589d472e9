import { expect } from 'vitest'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import type { Want } from '../../src/model/change.ts'
import { applyWants, sandbox, session } from './sandbox.ts'

export type PathWant = Extract<Want, { path: string }>

/** Applies one want, lets the user meddle, takes it back twice: the second time nothing more may happen. */
export async function meddled(want: PathWant, prepare: (path: string) => void, meddle: (path: string) => void) {
  const { home, state } = sandbox()
  const path = `${home}/it`
  prepare(path)
  const s = session(state)
  expect((await applyWants(s, 'demo', [{ ...want, path } as Want])).failed).toBeNull()
  meddle(path)
  const result = await undo(s, 'u', { all: true }, false)
  expect(result.failed).toEqual([])
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ outcomes: [], kept: [] })
  return { home, path, result, how: s.ledger.ops()[0]!.how, differences: verifyGone(s) }
}
