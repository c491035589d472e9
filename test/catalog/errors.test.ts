import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { issueText } from '../../src/catalog/issue.ts'
import { parseRecipe } from '../../src/catalog/recipe.ts'

const folder = new URL('errors/', import.meta.url)

// One malformed recipe a file, with the exact messages beside it. GB10_UPDATE=1 writes the messages anew.
describe('malformed recipes', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s', (name) => {
    const parsed = parseRecipe(readFileSync(new URL(name, folder), 'utf8'), `recipes/${name}`)
    const messages = 'errors' in parsed ? parsed.errors.map((issue) => `${issueText(issue)}\n`).join('') : 'accepted\n'
    const expected = new URL(name.replace('.yaml', '.txt'), folder)
    if (process.env['GB10_UPDATE'] === '1') writeFileSync(expected, messages)
    else expect(messages).toBe(readFileSync(expected, 'utf8'))
  })
})

it('a recipe of very many keys is refused as quickly as any', () => {
  const parsed = parseRecipe(Array.from({ length: 60_000 }, (_, at) => `k${at}: 1\n`).join(''), 'recipes/many.yaml')
  expect('errors' in parsed && issueText(parsed.errors[0]!)).toContain('unknown key')
}, 20_000)
