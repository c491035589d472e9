import { describe, expect, it } from 'vitest'
import { recipesJson, recipesText, recipeText } from '../../src/report/recipes.ts'
import { systemChanges } from '../../src/report/system-changes.ts'
import { catalogIn } from '../plan/support.ts'

const { recipes, tools } = catalogIn('test/plan/recipes')
const [alpha, beta] = recipes

describe('recipe reports', () => {
  it('list, one recipe, JSON and the page of changes', async () => {
    if (alpha === undefined || beta === undefined) throw new Error('the fixture has two recipes')
    await expect(recipesText(recipes, tools, 80, false)).toMatchFileSnapshot('golden/recipes.txt')
    await expect(recipeText(alpha, tools, 80, false)).toMatchFileSnapshot('golden/recipe-alpha.txt')
    await expect(recipeText(beta, tools, 80, false)).toMatchFileSnapshot('golden/recipe-beta.txt')
    await expect(`${JSON.stringify(recipesJson(recipes, tools), null, 2)}\n`).toMatchFileSnapshot('golden/recipes.json')
    await expect(systemChanges(recipes, tools)).toMatchFileSnapshot('golden/system-changes.md')
  })
})
