import type { App } from '../app.ts'
import { EXIT, UserError } from '../exit.ts'

/** `gb10 recipes [NAME]`: what can be set up. */
export async function run(app: App, name: string | undefined): Promise<number> {
  const { recipes, tools } = await app.catalog()
  const { recipeText, recipesJson, recipesText } = await import('../../report/recipes.ts')
  const { width, colourOut } = app.terminal
  if (name === undefined) {
    app.show(() => recipesJson(recipes, tools), () => recipesText(recipes, tools, width, colourOut))
    return EXIT.good
  }
  const recipe = recipes.find((one) => one.name === name)
  if (!recipe) {
    const { suggest } = await import('../../model/suggest.ts')
    const near = suggest(name, recipes.map((one) => one.name))
    throw new UserError(`there is no recipe ${name}${near ? `, did you mean ${near}?` : ''}`, EXIT.usage, near ? `gb10 recipes ${near}` : 'gb10 recipes')
  }
  app.show(() => recipesJson([recipe], tools), () => recipeText(recipe, tools, width, colourOut))
  return EXIT.good
}
