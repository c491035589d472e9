import type { Event, Progress } from '../model/event.ts'
import { bytesText, secondsText } from '../model/units.ts'
import { plain } from './text.ts'

/** One event as a line of a log, or null when it is not worth one. Tools' own lines are shown only when asked for. */
export function eventLine(event: Event, verbose: boolean): string | null {
  switch (event.type) {
    case 'start':
      return `[${event.number}/${event.of}] ${event.recipe}: ${plain(event.summary)}`
    case 'progress':
      return verbose ? `        ${progressText(event.progress, null)}` : null
    case 'end':
      return `        ${endText(event.outcome.status)} (${secondsText(event.outcome.ms / 1000)})${event.outcome.error ? `: ${plain(event.outcome.error.split('\n')[0] ?? '')}` : ''}`
    case 'kept':
      return `        kept ${plain(event.kept.path)}: ${plain(event.kept.reason)}${event.kept.savedCopy ? ` -> ${plain(event.kept.savedCopy)}` : ''}`
    case 'note':
      return `        ${plain(event.text)}`
  }
}

export const endText = (status: 'done' | 'skipped' | 'failed' | 'undone'): string =>
  ({ done: 'done', skipped: 'there already', failed: 'FAILED', undone: 'taken back' })[status]

/** How far a step is, the numbers first, as a long line is cut. With the bytes per second of this download, the time it still takes. */
export function progressText(progress: Progress, bytesPerSecond: number | null): string {
  if ('text' in progress) return plain(progress.text)
  const { bytes, total, what } = progress
  const size = total === null ? bytesText(bytes) : `${bytesText(bytes)} of ${bytesText(total)}`
  const name = plain(what).replace(/^.*\//, '')
  if (bytesPerSecond === null || bytesPerSecond <= 0) return `${size}: ${name}`
  const left = total === null ? '' : `, ${secondsText((total - bytes) / bytesPerSecond)} left`
  return `${size}, ${bytesText(bytesPerSecond)}/s${left}: ${name}`
}
