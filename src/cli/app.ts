import type { Machine } from '../host/machine.ts'
import type { Owner } from '../host/owner.ts'
import type { Catalog, Recipe } from '../model/recipe.ts'
import { jsonText } from '../report/json.ts'
import { plainLines } from '../report/text.ts'
import type { GlobalOptions } from './options.ts'
import type { Terminal } from './terminal.ts'

/** What every command works with. The heavy parts are made when they are first asked for, so that light commands stay light. */
export type App = {
  options: GlobalOptions
  terminal: Terminal
  owner: Owner
  /** Aborted by the first Ctrl-C or TERM; the second ends the program at once. */
  signal: AbortSignal
  machine(): Promise<Machine>
  catalog(): Promise<Catalog>
  /** Takes a recipe of the user's own into the catalogue. */
  addRecipe(text: string, path: string): Promise<Recipe>
  /** Writes a document as JSON, or a text, to stdout. */
  show(json: () => object, text: () => string): void
  /** A remark for people, on stderr; none with --quiet. */
  note(text: string): void
}

export async function makeApp(options: GlobalOptions, terminal: Terminal, signal: AbortSignal): Promise<App> {
  const { becomeOwner } = await import('../host/owner.ts')
  const owner = becomeOwner()
  let machine: Machine | null = null
  let catalog: Catalog | null = null
  const shipped = async (): Promise<Catalog> => {
    const { loadCatalog } = await import('../catalog/load.ts')
    const { projectNames, projectText } = await import('../host/project.ts')
    return (catalog ??= loadCatalog({ folder: 'recipes', names: projectNames('recipes'), text: (name) => projectText(`recipes/${name}`) }))
  }
  return {
    options, terminal, owner, signal,
    async machine() {
      const { realMachine } = await import('../host/real.ts')
      const { childEnvironment } = await import('../host/children.ts')
      return (machine ??= realMachine(childEnvironment(process.env)))
    },
    catalog: shipped,
    async addRecipe(text, path) {
      const { withRecipe } = await import('../catalog/load.ts')
      const made = withRecipe(await shipped(), text, path)
      catalog = made.catalog
      return made.recipe
    },
    show: (json, text) => terminal.out(options.json ? jsonText(json()) : text()),
    note: (text) => {
      if (!options.quiet) terminal.err(`${plainLines(text)}\n`)
    },
  }
}
