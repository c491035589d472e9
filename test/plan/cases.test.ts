import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { catalogIn, planOf, type Situation } from './support.ts'

const folder = new URL('cases/', import.meta.url)
const catalogs = { made: catalogIn('test/plan/recipes'), real: catalogIn('recipes') }

// One situation and its plan a file, with recipes made for these tests or, by `catalog: real`, those of the repository. GB10_UPDATE=1 writes the plans anew: read the difference before it is committed.
describe('plan cases', () => {
  it.each(readdirSync(folder))('%s', (name) => {
    const file = new URL(name, folder)
    const { about, catalog, input, output } = JSON.parse(readFileSync(file, 'utf8')) as {
      about: string
      catalog?: 'real'
      input: Situation
      output: unknown
    }
    const { hash, ...plan } = planOf(catalogs[catalog ?? 'made'], input)
    if (process.env['GB10_UPDATE'] === '1') writeFileSync(file, `${JSON.stringify({ about, catalog, input, output: plan }, null, 2)}\n`)
    else expect(plan).toEqual(output)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
  })
})
