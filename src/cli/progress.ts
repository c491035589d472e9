import type { Event } from '../model/event.ts'
import type { App } from './app.ts'

/** Draws events until `close`: tasks on a terminal, else one line a step. */
export type Watcher = { emit: (event: Event) => void; close(): Promise<void> }

/** The watcher that fits the terminal; the drawing library is loaded only where it is used. */
export async function watch(app: App): Promise<Watcher> {
  if (app.options.quiet) return { emit: () => undefined, close: async () => undefined }
  if (app.terminal.live) {
    const { taskList } = await import('../ui/tasks.ts')
    return taskList(process.stderr, app.signal)
  }
  const { eventLine } = await import('../report/event-line.ts')
  const emit = (event: Event): void => {
    const line = eventLine(event, app.options.verbose)
    if (line !== null) app.terminal.err(`${line}\n`)
  }
  return { emit, close: async () => undefined }
}
