import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { catalogIn, planOf, type Situation } from './support.ts'

const folder = new URL('cases/', import.meta.url)
const catalog = catalogIn('test/plan/recipes')

// One situation and its plan a file. GB10_UPDATE=1 writes the plans anew: read the difference before it is committed.
describe('plan cases', () => {
  it.each(readdirSync(folder))('%s', (name) => {
    const file = new URL(name, folder)
    const { about, input, output } = JSON.parse(readFileSync(file, 'utf8')) as {
      about: string
      input: Situation
      output: unknown
    }
    const { hash, ...plan } = planOf(catalog, input)
    if (process.env['GB10_UPDATE'] === '1') writeFileSync(file, `${JSON.stringify({ about, input, output: plan }, null, 2)}\n`)
    else expect(plan).toEqual(output)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
  })
})
