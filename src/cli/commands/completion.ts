import { Command } from 'commander'
import type { App } from '../app.ts'
import { loadCatalogue } from '../catalogue.ts'
import { addCommands } from '../commands.ts'
import { EXIT } from '../exit.ts'
import { addGlobals } from '../program.ts'
import { completion, type Completed, type Flag, type Shell } from '../../report/completion.ts'

/** Flags whose value is a path. */
const PATHS = new Set(['--host', '--model', '--input', '--output', '--html', '--hardware'])

/** `named`: the values of flags that the data names, by flag. */
const flagOf = ({ short, long, description, argChoices, required, optional }: Command['options'][number], named: Record<string, string[]>): Flag => ({
  names: [short, long].filter((name) => name !== undefined),
  help: description,
  takes: required || optional,
  values: argChoices ?? named[long ?? ''] ?? [],
  file: PATHS.has(long ?? ''),
})

/** `gb10 completion SHELL`: what a shell needs to complete commands, flags, recipes, profiles, problems and their areas, as they are in this version. */
export async function run(app: App, shell: Shell): Promise<number> {
  const root = new Command().enablePositionalOptions()
  addCommands((spec, _group, text) => root.command(spec).summary(text), { first: '', more: '', collect: (value, all) => [...all, value] })
  const catalog = await app.catalog()
  const recipes = catalog.recipes.map(({ name }) => name)
  const known = (await loadCatalogue()).problems
  const problems = known.map(({ id }) => id)
  const { isJudged } = await import('../../doctor/order.ts')
  const named = { '--profile': catalog.profiles.map(({ name }) => name), '--area': known.filter(isJudged).map(({ area }) => area) }
  const words: Record<string, string[]> = { doctor: problems, explain: problems }
  for (const name of ['undo', 'recipes', 'plan', 'apply', 'smoke', 'env', 'run']) words[name] = recipes
  const commands = root.commands.map((command): Completed => {
    addGlobals(command)
    const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])
    return { name: command.name(), help: command.summary(), words: [...choices, ...(words[command.name()] ?? [])], flags: command.options.map((option) => flagOf(option, named)) }
  })
  const script = completion(shell, commands)
  app.show(() => ({ formatVersion: '1.0', command: 'completion', shell, script }), () => script)
  return EXIT.good
}
