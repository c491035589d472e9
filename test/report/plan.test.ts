import { describe, expect, it } from 'vitest'
import { applyCommand, planExit, planJson, planText } from '../../src/report/plan.ts'
import { catalogIn, planOf, type Situation } from '../plan/support.ts'

const catalog = catalogIn('test/plan/recipes')
const alpha = { recipes: ['alpha'] }

const situations: [string, Situation][] = [
  ['plan-profile', { useProfile: true }],
  ['plan-cpu-profile', { useProfile: true, machine: { like: 'cpu' } }],
  ['plan-nothing', { ...alpha, after: [alpha] }],
  ['plan-upgrade', { ...alpha, set: { version: '2.1.0' }, after: [alpha] }],
  ['plan-refused', { recipes: ['alhpa', 'beta'], set: { engine: 'troch' } }],
  ['plan-asserted', { recipes: ['beta'], set: { models: '/data/models' }, foreign: ['/data/models'] }],
]

describe('plan reports', () => {
  it.each(situations)('%s', async (name, situation) => {
    const plan = planOf(catalog, situation)
    await expect(planText(plan, 80, false)).toMatchFileSnapshot(`golden/${name}.txt`)
    await expect(`${JSON.stringify(planJson(plan), null, 2)}\n`).toMatchFileSnapshot(`golden/${name}.json`)
  })

  it.each(situations)('%s: fits 80 columns but for single long words, and colour changes no word', (_, situation) => {
    const plan = planOf(catalog, situation)
    const bare = planText(plan, 80, false)
    for (const line of bare.split('\n')) if (line.length > 80) expect(line.trim()).not.toContain(' ')
    // oxlint-disable-next-line no-control-regex
    expect(planText(plan, 80, true).replaceAll(/\u001B\[\d+m/g, '')).toBe(bare)
  })

  it('gives the exit code of the gravest refusal', () => {
    const code = (situation: Situation): number => planExit(planOf(catalog, situation))
    expect(code(alpha)).toBe(0)
    expect(code({ ...alpha, machine: { pythons: [] } })).toBe(1)
    expect(code({ ...alpha, machine: { arch: null } })).toBe(2)
    expect(code({ ...alpha, machine: { platform: 'darwin' } })).toBe(2)
    expect(code({ recipes: ['alhpa', 'beta'], foreign: ['/home/me/beta'] })).toBe(64)
  })

  it('names the command that applies the plan, quoted for a shell', () => {
    const plan = planOf(catalog, { recipes: ['beta'], set: { path: "/srv/it's here" } })
    expect(applyCommand(plan)).toBe(String.raw`gb10 apply beta --set 'path=/srv/it'\''s here'`)
    expect(applyCommand(planOf(catalog, { useProfile: true }))).toBe('gb10 up --profile gb10')
  })

  it('lets no control character through', () => {
    const recipe = catalog.recipes[0]
    if (recipe === undefined) throw new Error('the fixture has recipes')
    const bad = { ...catalog, recipes: [{ ...recipe, title: 'harmless\u001B[2J\u202Eneddih' }] }
    expect(planText(planOf(bad, alpha), 80, false)).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
  })
})
