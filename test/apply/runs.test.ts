import { expect, test } from 'vitest'
import { unfinishedRun } from '../../src/apply/runs.ts'
import type { LedgerRecord, OpState } from '../../src/model/ledger.ts'

/** The beginnings and ends of runs: the command, and how it ended, if it did. The first stopped while it set up a and b. */
function runs(...later: [string, string | null][]): LedgerRecord[] {
  return [['apply a b', 'stopped'] as const, ...later].flatMap(([command, status], i) => {
    const recipes = command.startsWith('apply') ? command.split(' ').slice(1) : []
    const begin = { k: 'run.begin', run: `run${i}`, ts: '', command, recipes, plan: recipes.length > 0 ? 'plan' : '' }
    return [begin, ...(status === null ? [] : [{ k: 'run.end', run: `run${i}`, status }])] as unknown as LedgerRecord[]
  })
}

const needs = (...refs: string[]): OpState[] => [{ status: 'live', refs } as OpState]

test.each<[string, [string, string | null][], OpState[], string[] | null]>([
  ['nothing came since', [], needs('a'), ['a', 'b']],
  ['one was taken back by name', [['undo b', 'done']], needs('a'), ['a']],
  ['taking one back failed', [['undo b', 'failed']], needs('a', 'b'), ['a']],
  ['taking one back was killed', [['undo b', null]], needs('a', 'b'), ['a']],
  ['one was set up since, another way', [['apply b', 'done']], needs('a', 'b'), ['a']],
  ['another was taken back', [['undo c', 'done']], needs('a'), ['a', 'b']],
  ['each was settled by itself', [['undo b', 'done'], ['apply a', 'done']], needs('a'), null],
  ['the run was taken back', [['undo run0', 'failed']], needs('a'), null],
  ['everything was to be taken back', [['uninstall', 'failed']], needs('a'), null],
  ['nothing of it is left', [['undo other', 'done']], [], null],
])('a stopped run goes on with what is not settled: %s', (_what, later, ops, recipes) => {
  expect(unfinishedRun(runs(...later), ops)?.recipes ?? null).toEqual(recipes)
})
