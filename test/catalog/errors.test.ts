import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/catalog/config.ts'
import { loadCatalog } from '../../src/catalog/load.ts'
import { issueText } from '../../src/catalog/issue.ts'
import { loadProblems } from '../../src/catalog/problems.ts'
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

describe('a catalogue with a fault in one of its files', () => {
  const recipes = new URL('../plan/recipes/', import.meta.url)
  const load = (broken: string, from: string | RegExp, to: string) => (): unknown => {
    const text = (name: string): string => {
      const whole = readFileSync(new URL(name, recipes), 'utf8')
      if (name === broken) expect(whole).toMatch(from)
      return name === broken ? whole.replace(from, to) : whole
    }
    return loadCatalog({ folder: 'recipes', names: readdirSync(recipes), text })
  }
  it.each<[what: string, ...Parameters<typeof load>, says: RegExp]>([
    ['nothing', 'alpha.yaml', '', '', /^$/],
    ['no recipe', 'alpha.yaml', /^name:.*$/m, '', /^recipes\/alpha\.yaml:2:1: expected the key name/],
    ['no source', '_sources.yaml', 'https://hub.example', 'http://hub.example', /^recipes\/_sources\.yaml:\d+:\d+: sources\[2\]\.url: expected an address/],
    ['a profile of an unknown source', '_profiles.yaml', /^( +)(recipes: .*)$/m, '$1$2\n$1sources: {nowhere: default}', /^recipes\/_profiles\.yaml:1:1: \w+\.sources: expected the name of a source, got "nowhere"/],
    ['a profile of an unknown recipe', '_profiles.yaml', /recipes: .*/, 'recipes: [alfa]', /^recipes\/_profiles\.yaml:1:1: \w+\.recipes: expected the name of a recipe, got "alfa".*did you mean alpha\?/],
    ['a tool of an unknown source', '_tools.yaml', /source: .*/, 'source: nowhere', /^recipes\/_tools\.yaml:1:1: \w+\.source: expected the name of a source, got "nowhere"/],
  ])('%s', (_what, broken, from, to, says) => {
    let said = ''
    try {
      load(broken, from, to)()
    } catch (error) {
      said = (error as Error).message
    }
    expect(said).toMatch(says)
  })
})

it.each<[what: string, more: Record<string, string>, says: RegExp]>([
  ['an id twice', { 'power/disk-nearly-full.yaml': 'area: power' }, /^checks\/storage\/disk-nearly-full\.yaml:1:1: id: expected an id of its own, got "disk-nearly-full"$/],
  ['an effect of nothing', { 'storage/disk-nearly-full.yaml': 'area: storage\nafter: [disk-nearly-ful]' }, /^checks\/storage\/disk-nearly-full\.yaml:1:1: after: expected the id of a problem, got "disk-nearly-ful"; did you mean disk-nearly-full\?$/],
  ['an effect of itself', { 'storage/disk-nearly-full.yaml': 'area: storage\ncauses: [disk-nearly-full]' }, /^checks\/storage\/disk-nearly-full\.yaml:1:1: causes: expected the id of a problem/],
  ['a broken file beside others', { 'storage/disk-nearly-full.yaml': 'area: nowhere' }, /^checks\/storage\/disk-nearly-full\.yaml:2:7: area: expected/],
])('problems with a fault are refused: %s', (_what, more, says) => {
  const whole = readFileSync('checks/storage/disk-nearly-full.yaml', 'utf8')
  const text = (name: string): string => whole.replace('area: storage', more[name] ?? 'area: storage')
  expect(() => loadProblems({ names: ['storage/disk-nearly-full.yaml', ...Object.keys(more).filter((name) => !name.startsWith('storage'))], text })).toThrow(says)
})
