import type { Outcome } from '../model/event.ts'
import { hanging, plain } from './text.ts'

type Back = {
  outcomes: Outcome[]
  kept: { change: string; path: string; reason: string; savedCopy: string | null }[]
  failed: Outcome[]
  /** Paths whose disk is not there. */
  away?: readonly string[]
  differences: string[]
  stopped: boolean
}

/** What taking back came to, for people: what went, what was kept and why, and whether the machine is as it was. */
export function undoneText(command: 'undo' | 'uninstall', back: Back, width: number, again: string = command): string {
  const away = [...new Set(back.away ?? [])]
  const done = back.outcomes.filter((o) => o.status === 'undone').length
  const lines = [
    back.stopped
      ? `Stopped. ${done} ${done === 1 ? 'change' : 'changes'} taken back so far; nothing is lost.`
      : back.outcomes.length + away.length === 0
        ? 'Nothing is set up: there is nothing to take back.'
        : `${done} of ${back.outcomes.length + away.length} changes taken back.`,
  ]
  for (const one of back.failed)
    lines.push(...hanging('  FAILED ', `${one.recipe}: ${plain(one.summary)}: ${plain(one.error ?? '')}`, width))
  if (back.kept.length > 0) lines.push('', 'Kept for you:')
  for (const { path, reason, savedCopy } of back.kept) {
    lines.push(...hanging('  - ', `${plain(path)}: ${plain(reason)}`, width))
    if (savedCopy && savedCopy !== path) lines.push(`    ${plain(savedCopy)}`)
  }
  if (away.length > 0) lines.push('', 'Was not there, nor was its disk; it is still to be taken back:', ...away.flatMap((path) => hanging('  - ', plain(path), width)))
  lines.push('')
  if (back.differences.length > 0) {
    lines.push('Not as before:', ...back.differences.flatMap((text) => hanging('  - ', plain(text), width)))
  } else if (!back.stopped && back.failed.length === 0 && back.outcomes.length > 0) {
    lines.push(`Verified: 0 differences to before${back.kept.length > 0 ? ', but for what was kept' : ''}${away.length > 0 ? ', as far as it is there' : ''}.`)
  }
  if (back.stopped || back.failed.length > 0) lines.push(`Next: gb10 ${again} again; what is taken back already stays so.`)
  else if (away.length > 0) lines.push(`Next: mount that disk, then: gb10 ${again}`)
  return `${lines.join('\n').trimEnd()}\n`
}

const notThere = (path: string): Back['kept'][number] => ({ change: '', path, reason: 'it was not there, nor was its disk; it is still to be taken back', savedCopy: null })

/** The same for programs. */
export const undoneJson = (command: 'undo' | 'uninstall', back: Back): object => ({
  formatVersion: '1.0',
  command,
  status: back.stopped ? 'stopped' : back.failed.length > 0 ? 'failed' : 'done',
  undone: back.outcomes.filter((o) => o.status === 'undone').map(({ id, recipe, kind, ms }) => ({ id, recipe, kind, ms })),
  failed: back.failed.map(({ id, recipe, kind, error }) => ({ id, recipe, kind, error: error ?? '' })),
  kept: [...back.kept, ...[...new Set(back.away ?? [])].map(notThere)],
  verified: { differences: back.differences },
})
