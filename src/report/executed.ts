import type { Outcome } from '../model/event.ts'
import type { Kept } from '../model/ledger.ts'
import { secondsText } from '../model/units.ts'
import { hanging, plain } from './text.ts'

type Ran = { run: string; outcomes: Outcome[]; failed: Outcome | null; stopped: boolean; rolledBack: RolledBack | null; kept: Kept[]; came: Came[] }
type Came = { change: string; name: string; sha256: string }
/** `away`: paths whose disk is not there. */
type RolledBack = { outcomes: Outcome[]; kept: { path: string; reason: string }[]; failed: Outcome[]; away: string[] }

/** How an apply or resume ended, for people: what was done, and the next command. `proofs`: the recipes that can be proved. */
export function executedText(ran: Ran, recipes: string[], width: number, proofs: string[] = []): string {
  const count = (status: Outcome['status']): number => ran.outcomes.filter((o) => o.status === status).length
  const changed = ran.outcomes.filter(({ drift }) => drift !== undefined)
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
    if (ran.rolledBack) lines.push(...rolledBackLines(ran.rolledBack, ran.run, width))
    else lines.push('What was finished stays. When the cause is gone:', 'Go on:        gb10 resume', `Take it back: gb10 undo ${ran.run}`)
  } else {
    const seconds = secondsText(ran.outcomes.reduce((sum, o) => sum + o.ms, 0) / 1000)
    const as = count('skipped') - changed.length
    const there = as > 0 ? `, ${as} there already` : ''
    lines.push(...hanging('Done: ', `${recipes.join(', ')} (${changes(count('done'))} made${there}; ${seconds}).`, width))
    lines.push(...(proofs.length > 0 ? [`Prove it:     gb10 smoke ${proofs.join(' ')}`] : []), `Take it back: gb10 undo ${recipes.join(' ')}`)
  }
  if (changed.length > 0) lines.push('', 'Changed since gb10 made it, and left so (to have it anew, take it back and apply it again):')
  for (const text of changed.flatMap(({ drift }) => drift ?? [])) lines.push(...hanging('  - ', plain(text), width))
  lines.push(...cameLines(ran.came, width))
  if (ran.kept.length > 0) lines.push('', 'Kept for you:')
  for (const { path, reason, savedCopy } of ran.kept) lines.push(...hanging('  - ', `${plain(savedCopy ?? path)}: ${plain(reason)}`, width))
  return `${lines.join('\n')}\n`
}

/** What came without a hash to hold it against, so that somebody can compare it with what others got. */
export function cameLines(came: readonly Came[], width: number): string[] {
  if (came.length === 0) return []
  const each = came.flatMap(({ change, name, sha256 }) => hanging('  - ', `${plain(change)} ${plain(name)}: ${sha256}`, width))
  return ['', 'Came without a published hash; what came is held from now on (sha256):', ...each]
}

function rolledBackLines({ failed, kept, away }: RolledBack, run: string, width: number): string[] {
  if (failed.length + away.length === 0) return [kept.length === 0 ? 'What this run had made was taken back.' : 'What this run had made was taken back, but for what was kept.']
  const each = failed.flatMap((o) => hanging('  - ', `${plain(o.summary)}: ${plain(o.error ?? '')}`, width))
  const gone = away.flatMap((path) => hanging('  - ', `${plain(path)} is not there, nor is its disk`, width))
  return ['What this run had made could not be taken back whole:', ...each, ...gone, `Try again:    gb10 undo ${run}`]
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

/** The same for programs. After a rollback a change that was made and taken back is `undone`, and only a command that has something to do is named. */
export function executedJson(command: string, ran: Ran, recipes: string[]): object {
  const back = ran.rolledBack
  const whole = back !== null && back.failed.length + back.away.length === 0
  const undone = ({ id, recipe, status }: Outcome): boolean =>
    status === 'done' && back !== null && back.outcomes.some((one) => one.id === id && one.recipe === recipe && one.status === 'undone')
  return {
    formatVersion: '1.0',
    command,
    run: ran.run,
    recipes,
    status: ran.stopped ? 'stopped' : ran.failed ? 'failed' : 'done',
    changes: ran.outcomes.map((outcome) => ({
      id: outcome.id,
      recipe: outcome.recipe,
      kind: outcome.kind,
      status: undone(outcome) ? 'undone' : outcome.status,
      ms: outcome.ms,
      ...(outcome.error ? { error: outcome.error } : {}),
      ...(outcome.drift ? { drift: outcome.drift } : {}),
    })),
    rolledBack: whole,
    kept: ran.kept,
    came: ran.came,
    resume: ran.stopped || (ran.failed && back?.failed.length !== 0) ? 'gb10 resume' : null,
    undo: whole ? null : `gb10 undo ${ran.run}`,
  }
}
