import type { Catalog, Profile, Recipe, Source, Tool } from '../model/recipe.ts'
import { suggest } from '../model/suggest.ts'
import { CatalogError, type CatalogIssue } from './issue.ts'
import { parseProfiles, parseSources, parseTools } from './listings.ts'
import { parseRecipe } from './recipe.ts'

/** How the folder of recipes is read: the names in it, and the text of one. Both are handed in, as this room touches no file. */
export type CatalogReader = { folder: string; names: readonly string[]; text: (name: string) => string }

/**
 * Everything in recipes/. Names that start with `_` hold sources, profiles and tools; other `.yaml` files are recipes, in order
 * of name.
 *
 * @throws CatalogError with every fault of every file.
 */
export function loadCatalog({ folder, names, text }: CatalogReader): Catalog {
  const errors: CatalogIssue[] = []
  const file = (name: string): string => `${folder}/${name}`
  const listing = <T>(name: string, parse: (text: string, file: string) => { value: T[] } | { errors: CatalogIssue[] }): T[] => {
    if (!names.includes(name)) return []
    const read = parse(text(name), file(name))
    if ('value' in read) return read.value
    errors.push(...read.errors)
    return []
  }
  const sources = listing<Source>('_sources.yaml', parseSources)
  const tools = listing<Tool>('_tools.yaml', parseTools)
  const profiles = listing<Profile>('_profiles.yaml', parseProfiles)
  const recipes = names
    .filter((name) => name.endsWith('.yaml') && !name.startsWith('_'))
    .toSorted()
    .flatMap((name): Recipe[] => {
      const read = parseRecipe(text(name), file(name))
      if ('recipe' in read) return [read.recipe]
      errors.push(...read.errors)
      return []
    })
  const catalog = { recipes, sources, profiles, tools }
  if (errors.length === 0) errors.push(...crossIssues(catalog, folder))
  if (errors.length > 0) throw new CatalogError(errors)
  return catalog
}

/** The catalogue with one recipe of the user's more. @throws CatalogError with every fault of it. */
export function withRecipe(catalog: Catalog, text: string, file: string): { catalog: Catalog; recipe: Recipe } {
  const read = parseRecipe(text, file)
  if ('errors' in read) throw new CatalogError(read.errors)
  const { recipe } = read
  const errors = crossIssues({ ...catalog, recipes: [recipe], profiles: [] }, 'recipes')
  if (catalog.recipes.some(({ name }) => name === recipe.name)) {
    errors.push({ file, line: 1, col: 1, path: 'name', expected: 'a name that no recipe of gb10 has', got: JSON.stringify(recipe.name), hint: null })
  }
  if (errors.length > 0) throw new CatalogError(errors)
  return { catalog: { ...catalog, recipes: [...catalog.recipes, recipe] }, recipe }
}

/** Names in one file that must exist in another. They carry the file but no line: the names are unique in it. */
function crossIssues({ recipes, sources, profiles, tools }: Catalog, folder: string): CatalogIssue[] {
  const issues: CatalogIssue[] = []
  const sourceNames = sources.map(({ name }) => name)
  const recipeNames = recipes.map(({ name }) => name)
  const mustBe = (file: string, path: string, what: string, known: readonly string[], name: string): void => {
    if (known.includes(name)) return
    const near = suggest(name, known)
    const hint = near === null ? null : `did you mean ${near}?`
    issues.push({ file, line: 1, col: 1, path, expected: `the name of a ${what}`, got: JSON.stringify(name), hint })
  }
  for (const tool of tools) mustBe(`${folder}/_tools.yaml`, `${tool.name}.source`, 'source', sourceNames, tool.source)
  for (const recipe of recipes) {
    for (const [name, { type, default: value }] of Object.entries(recipe.parameters)) {
      if (type === 'source') mustBe(recipe.file, `parameters.${name}.default`, 'source', sourceNames, value)
    }
    for (const { id, want } of recipe.changes) {
      if (want.kind === 'tool')
        mustBe(
          recipe.file,
          `changes.${id}.tool`,
          'tool',
          tools.map(({ name }) => name),
          want.tool,
        )
    }
  }
  for (const profile of profiles) {
    const file = `${folder}/_profiles.yaml`
    for (const name of Object.keys(profile.sources)) mustBe(file, `${profile.name}.sources`, 'source', sourceNames, name)
    for (const name of profile.recipes) mustBe(file, `${profile.name}.recipes`, 'recipe', recipeNames, name)
    for (const [name, values] of Object.entries(profile.set)) {
      mustBe(file, `${profile.name}.set`, 'recipe', recipeNames, name)
      const parameters = Object.keys(recipes.find((recipe) => recipe.name === name)?.parameters ?? {})
      for (const parameter of Object.keys(values)) mustBe(file, `${profile.name}.set.${name}`, 'parameter', parameters, parameter)
    }
  }
  return issues
}
