import type { Outcome } from '../model/event.ts'
import { secondsText } from '../model/units.ts'
import { hanging, plain } from './text.ts'

type Ran = { run: string; outcomes: Outcome[]; failed: Outcome | null; stopped: boolean; rolledBack: object | null }

/** How an apply or resume ended, for people: what was done, and the next command. */
export function executedText(ran: Ran, recipes: string[], width: number): string {
  const count = (status: Outcome['status']): number => ran.outcomes.filter((o) => o.status === status).length
  const lines: string[] = []
  if (ran.stopped) {
    lines.push(
      `Stopped. ${changes(count('done'))} made and recorded; nothing is lost.`,
      'Go on:        gb10 resume',
      `Take it back: gb10 undo ${ran.run}`,
    )
  } else if (ran.failed) {
    lines.push(...hanging('Failed: ', `${ran.failed.recipe}: ${plain(ran.failed.summary)}`, width))
    lines.push(...(ran.failed.error ?? '').split('\n').map((line) => `  ${plain(line)}`))
    if (ran.rolledBack) lines.push('What this run had made was taken back.')
    else lines.push('What was finished stays. When the cause is gone:', 'Go on:        gb10 resume', `Take it back: gb10 undo ${ran.run}`)
  } else {
    const seconds = secondsText(ran.outcomes.reduce((sum, o) => sum + o.ms, 0) / 1000)
    const there = count('skipped') > 0 ? `, ${count('skipped')} there already` : ''
    lines.push(...hanging('Done: ', `${recipes.join(', ')} (${changes(count('done'))} made${there}; ${seconds}).`, width))
    lines.push(`Prove it:     gb10 smoke ${recipes.join(' ')}`, `Take it back: gb10 undo ${recipes.join(' ')}`)
  }
  return `${lines.join('\n')}\n`
}

const changes = (count: number): string => `${count} ${count === 1 ? 'change' : 'changes'}`

/** A `resume` that found nothing to go on with, for programs. */
export const nothingJson = (): object => ({
  formatVersion: '1.0',
  command: 'apply',
  run: null,
  recipes: [],
  status: 'nothing',
  changes: [],
  rolledBack: false,
  resume: null,
  undo: null,
})

/** The same for programs. */
export const executedJson = (command: string, ran: Ran, recipes: string[]): object => ({
  formatVersion: '1.0',
  command,
  run: ran.run,
  recipes,
  status: ran.stopped ? 'stopped' : ran.failed ? 'failed' : 'done',
  changes: ran.outcomes.map(({ id, recipe, kind, status, ms, error }) => ({
    id,
    recipe,
    kind,
    status,
    ms,
    ...(error ? { error } : {}),
  })),
  rolledBack: ran.rolledBack !== null,
  resume: ran.stopped || ran.failed ? 'gb10 resume' : null,
  undo: `gb10 undo ${ran.run}`,
})
