import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/catalog/config.ts'
import { issueText } from '../../src/catalog/issue.ts'
import { parseRecipe } from '../../src/catalog/recipe.ts'
import { parseWaivers } from '../../src/catalog/waivers.ts'

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

it.each(['', '\n\n', '# one\n', '# sources:\n#   pypi: https://mirror.example\n\n  # two'])('settings of comments alone say nothing: %j', (text) => {
  expect(parseConfig(text, 'config.yaml')).toEqual({ sources: {} })
  expect(parseWaivers(text, 'waivers.yaml')).toEqual([])
})

it.each(['x', 'a: 1 # one', '# one\nsources: 1'])('settings of another form are refused: %j', (text) => {
  expect(() => parseConfig(text, 'config.yaml')).toThrow(/^config\.yaml:\d+:\d+: /)
  expect(() => parseWaivers(text, 'waivers.yaml')).toThrow(/^waivers\.yaml:\d+:\d+: /)
})
