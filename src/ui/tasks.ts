import { Listr, ListrLogger, ProcessOutput } from 'listr2'
import type { Event, Outcome, Progress } from '../model/event.ts'
import { secondsText } from '../model/units.ts'
import { endText, progressText } from '../report/event-line.ts'
import { plain } from '../report/text.ts'

type Rate = { what: string; bytes: number; at: number; perSecond: number | null }
type Draw = (text: string) => void

const TICK = 500
/** A step that says nothing for this long shows that it is still at work. */
const QUIET = 3

/**
 * Steps as tasks that are redrawn in place: one list for each step, as later steps need not be known. Steps come one after the other, so
 * there is one at a time to draw. Below the running one stands the last line it said, or how far its download is. Draws; decides nothing.
 */
export function taskList(stream: NodeJS.WriteStream, signal: AbortSignal): { emit: (event: Event) => void; close(): Promise<void> } {
  const logger = new ListrLogger({ processOutput: new ProcessOutput(stream, stream) })
  const rendererOptions = { logger, collapseErrors: false, showErrorMessage: false, collapseSkips: true, showSkipMessage: false }
  // listr2 looks at stdout alone to tell whether it may redraw; here it draws on stderr, whatever stdout is.
  const always = { rendererOptions, fallbackRenderer: 'default', fallbackRendererOptions: rendererOptions } as const
  let end: (outcome: Outcome | null) => void = () => undefined
  let draw: Draw = () => undefined
  let last = ''
  let rate: Rate = { what: '', bytes: 0, at: 0, perSecond: null }
  let drawn: Promise<unknown> = Promise.resolve()

  const start = (event: Extract<Event, { type: 'start' }>): void => {
    const ended = new Promise<Outcome | null>((done) => (end = done))
    const began = performance.now()
    rate = { what: '', bytes: 0, at: 0, perSecond: null }
    last = ''
    const title = `[${event.number}/${event.of}] ${event.recipe}: ${plain(event.summary)}`
    const show = (): void => draw(withClock(signal.aborted ? 'stopping; press Ctrl-C again to end at once' : last, (performance.now() - began) / 1000))
    const list = new Listr([{
      title,
      task: async (_context, task) => {
        draw = (text) => (task.output = text.slice(0, (stream.columns ?? 80) - 6))
        const ticking = setInterval(show, TICK)
        const outcome = await ended
        clearInterval(ticking)
        draw = () => undefined
        task.title = `${title}${endingOf(outcome)}`
        if (outcome?.status === 'skipped') task.skip()
        if (outcome === null || outcome.status === 'failed') throw new Error(outcome?.error ?? 'stopped')
      },
    }], { exitOnError: false, registerSignalListeners: false, ...always })
    drawn = drawn.then(() => list.run())
  }

  return {
    emit(event) {
      if (event.type === 'start') start(event)
      if (event.type === 'end') end(event.outcome)
      if (event.type !== 'progress') return
      last = progressText(event.progress, rateOf(rate, event.progress))
      if (!signal.aborted) draw(last)
    },
    async close() {
      end(null)
      await drawn
    },
  }
}

/** What a running step says, with the time it has taken when it says nothing that moves. */
function withClock(text: string, seconds: number): string {
  if (seconds < QUIET) return text
  return text === '' ? `at work, ${secondsText(seconds)}` : `${text} (${secondsText(seconds)})`
}

function endingOf(outcome: Outcome | null): string {
  if (outcome === null) return ': stopped'
  const took = outcome.ms >= 1000 ? ` (${secondsText(outcome.ms / 1000)})` : ''
  return outcome.status === 'done' ? took : `: ${endText(outcome.status)}${took}`
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
