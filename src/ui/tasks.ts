import { Listr } from 'listr2'
import type { Event, Outcome, Progress } from '../model/event.ts'
import { endText, progressText } from '../report/event-line.ts'

type Rate = { what: string; bytes: number; at: number; perSecond: number | null }

/**
 * Steps as tasks that are redrawn in place: one list for each step, as later steps need not be known. Steps come one after the other, so
 * there is one at a time to draw. Draws; decides nothing.
 */
export function taskList(): { emit: (event: Event) => void; close(): Promise<void> } {
  let end: (outcome: Outcome | null) => void = () => undefined
  let say: (text: string) => void = () => undefined
  let rate: Rate = { what: '', bytes: 0, at: 0, perSecond: null }
  let drawn: Promise<unknown> = Promise.resolve()

  const start = (event: Extract<Event, { type: 'start' }>): void => {
    const ended = new Promise<Outcome | null>((done) => (end = done))
    rate = { what: '', bytes: 0, at: 0, perSecond: null }
    const title = `[${event.number}/${event.of}] ${event.recipe}: ${event.summary}`
    const list = new Listr([{
      title,
      task: async (_context, task) => {
        say = (text) => (task.output = text)
        const outcome = await ended
        if (outcome === null) throw new Error('stopped')
        if (outcome.status === 'skipped') task.skip(`${title} (${endText('skipped')})`)
        if (outcome.status === 'failed') throw new Error(outcome.error)
      },
    }], { exitOnError: false, registerSignalListeners: false })
    drawn = drawn.then(() => list.run())
  }

  return {
    emit(event) {
      if (event.type === 'start') start(event)
      if (event.type === 'progress') say(progressText(event.progress, rateOf(rate, event.progress)))
      if (event.type === 'end') end(event.outcome)
    },
    async close() {
      end(null)
      await drawn
    },
  }
}

/** Bytes per second since this file began; null until there is a second of it. */
function rateOf(rate: Rate, progress: Progress): number | null {
  if ('text' in progress) return null
  const now = performance.now()
  if (rate.what !== progress.what) Object.assign(rate, { what: progress.what, bytes: progress.bytes, at: now, perSecond: null })
  const seconds = (now - rate.at) / 1000
  if (seconds >= 1) rate.perSecond = (progress.bytes - rate.bytes) / seconds
  return rate.perSecond
}
