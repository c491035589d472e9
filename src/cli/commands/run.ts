import type { App } from '../app.ts'
import { EXIT, UserError } from '../exit.ts'
import { variablesOf } from './env.ts'

/** `gb10 run NAME -- CMD…`: runs a command inside an environment and ends as it ends. */
export async function run(app: App, name: string, words: string[]): Promise<number> {
  const command = words[0] === '--' ? words.slice(1) : words
  if (command.length === 0) throw new UserError('name a command to run', EXIT.usage, `gb10 run ${name} -- python`)
  const variables = await variablesOf(app, name)
  const { passThrough } = await import('../../host/pass-through.ts')
  return passThrough(command, variables)
}
