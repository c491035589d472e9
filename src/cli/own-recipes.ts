import { createHash } from 'node:crypto'
import type { App } from './app.ts'
import { ask, sameCommand } from './confirm.ts'
import { EXIT, UserError } from './exit.ts'

/** A recipe that the user wrote, named by its path. Consent is to exactly this text. */
export type OwnRecipe = { name: string; path: string; text: string; sha256: string }

const LARGEST = 1024 * 1024

/** Takes the words that are paths into the catalogue. `names` are the recipes' names, in the order of the words. */
export async function ownRecipes(app: App, words: readonly string[]): Promise<{ names: string[]; own: OwnRecipe[] }> {
  const own: OwnRecipe[] = []
  const names: string[] = []
  for (const word of words) {
    if (!word.includes('/') && !/\.ya?ml$/.test(word)) names.push(word)
    else names.push((own[own.length] = await readOwn(app, word)).name)
  }
  return { names, own }
}

async function readOwn(app: App, word: string): Promise<OwnRecipe> {
  const machine = await app.machine()
  const path = machine.canonical(word.startsWith('/') ? word : `${process.cwd()}/${word}`, true)
  const stat = machine.lstat(path)
  if (stat === null) throw new UserError(`there is no recipe file ${path}`, EXIT.usage, 'gb10 recipes')
  if (stat.type !== 'file' || stat.size > LARGEST) {
    throw new UserError(`${path} is no recipe: a text file of at most 1 MiB is one`, EXIT.malformed, 'gb10 recipes')
  }
  const text = machine.read(path).toString()
  const { name, scope } = await app.addRecipe(text, path)
  if (scope !== 'user') {
    const reason = `${path}: only a recipe in /etc/gb10/recipes.d may change the system`
    throw new UserError(reason, EXIT.malformed, `write "scope: user" into ${path}`)
  }
  return { name, path, text, sha256: createHash('sha256').update(text).digest('hex') }
}

/** Shows a recipe of the user's in full and asks for consent to exactly this text, which `--yes` never gives. */
export async function consent(app: App, { path, text, sha256 }: OwnRecipe, accepted: readonly string[]): Promise<boolean> {
  if (accepted.includes(sha256)) return true
  const { sourceText } = await import('../report/recipes.ts')
  app.terminal.err(sourceText(path, text))
  if (app.terminal.canAsk) return ask(app, `This recipe is not gb10's own. Do what it says (sha256 ${sha256.slice(0, 12)}...)?`)
  const reason = `${path} is not gb10's own, and --yes does not speak for it: nothing was changed`
  throw new UserError(reason, EXIT.usage, sameCommand('--accept', sha256))
}
