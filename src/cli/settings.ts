import { shellWord } from '../model/shell-word.ts'
import type { App } from './app.ts'
import { EXIT, UserError } from './exit.ts'

/**
 * A file of the user's settings, with its path; null where there is none. One that cannot be read ends the command (78), as nobody
 * can tell what it asks for.
 */
export async function readSettings(app: App, name: string): Promise<{ path: string; text: string } | null> {
  const { readIfThere } = await import('../host/probe-files.ts')
  const path = `${app.owner.config}/${name}`
  try {
    const text = readIfThere(path)
    return text === null ? null : { path, text }
  } catch (error) {
    throw new UserError((error as Error).message, EXIT.malformed, `ls -ld ${shellWord(path)}`)
  }
}
