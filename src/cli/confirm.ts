import { createInterface } from 'node:readline/promises'
import type { App } from './app.ts'
import { EXIT, UserError } from './exit.ts'
import { shellWord } from '../model/shell-word.ts'

/** Asks for a plain yes. With --yes nothing is asked; where nobody can be asked, nothing is done. */
export async function confirm(app: App, question: string, yes: boolean): Promise<boolean> {
  if (yes) return true
  if (app.terminal.canAsk) return ask(app, question)
  throw new UserError('nobody can be asked here, and --yes was not given: nothing was changed', EXIT.usage, sameCommand('--yes'))
}

/** Asks somebody who is there. */
export async function ask(app: App, question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal: app.signal })
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    app.terminal.err('\n')
    if ((error as Error).message.includes('Ctrl+D')) return false // the end of input is no yes
    throw error
  } finally {
    prompt.close()
  }
}

/** The command that was given, with more words, ready for a shell. */
export const sameCommand = (...words: string[]): string => ['gb10', ...[...process.argv.slice(2), ...words].map(shellWord)].join(' ')
