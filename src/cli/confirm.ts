import { createInterface } from 'node:readline/promises'
import type { App } from './app.ts'
import { EXIT, UserError } from './exit.ts'

/** Asks for a plain yes. With --yes nothing is asked; where nobody can be asked, nothing is done. */
export async function confirm(app: App, question: string, yes: boolean, again: string): Promise<boolean> {
  if (yes) return true
  if (!app.terminal.canAsk) throw new UserError('nobody can be asked here, and --yes was not given: nothing was changed', EXIT.usage, `${again} --yes`)
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal: app.signal })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}
