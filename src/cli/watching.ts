import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from './app.ts'
import type { Diagnosis } from './diagnosing.ts'

/**
 * Looks every so many seconds until Ctrl-C and tells on stderr what is another verdict than before. `each` gets every report,
 * for the files that follow it. Gives the last look that was not cut short, unless it was the first.
 */
export async function watchHealth(
  app: App,
  look: () => Promise<Diagnosis>,
  seconds: number,
  each: (found: Diagnosis) => Promise<void>,
): Promise<Diagnosis> {
  const { changedLines } = await import('../report/doctor-changes.ts')
  let last: Diagnosis | null = null
  for (;;) {
    const found = await look()
    if (app.signal.aborted && last !== null) return last // what was not asked any more is no change
    const time = new Date().toTimeString().slice(0, 8)
    const lines = changedLines(last?.health.results ?? null, found.health.results)
    if (last === null && lines.length === 0) app.note(`${time} nothing is wrong; watching every ${seconds} s until Ctrl-C`)
    for (const line of lines) app.note(`${time} ${line}`)
    last = found
    await each(found)
    try {
      await sleep(seconds * 1000, undefined, { signal: app.signal })
    } catch (error) {
      if (!app.signal.aborted) throw error
      return last
    }
  }
}
