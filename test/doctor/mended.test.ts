import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/doctor/judge.ts'
import { effectOf, isMendable } from '../../src/doctor/mended.ts'
import type { Mended, Verdict } from '../../src/model/verdict.ts'
import { gb10, newHome } from '../support/cli.ts'
import { problems, root } from './machine.ts'

const some = judge(problems, {})[0] as Verdict
const verdict = (id: string, part: Partial<Verdict>): Verdict => ({
  ...some,
  id,
  severity: 'warning',
  reason: null,
  actual: null,
  ...part,
})
const bad = verdict('a', { status: 'fail' })

describe('what a mend did', () => {
  it.each<[Mended['outcome'], Verdict[]]>([
    ['fixed', [verdict('a', { status: 'pass' })]],
    ['fixed', [verdict('a', { status: 'skip', reason: 'not-applicable' })]],
    ['unchanged', [bad]],
    ['unchanged', [verdict('a', { status: 'fail', severity: 'info' })]],
    ['worse', [verdict('a', { status: 'fail', severity: 'error' })]],
    ['worse', [verdict('a', { status: 'pass' }), verdict('b', { status: 'fail', severity: 'info' })]],
    ['unknown', [verdict('a', { status: 'unknown', reason: 'hung' })]],
    ['unknown', [verdict('a', { status: 'skip', reason: 'explained' })]],
    ['unknown', [verdict('a', { status: 'blocked', reason: 'missing' })]],
    ['unknown', []],
  ])('%s', (outcome, after) => {
    expect(effectOf('a', [bad, verdict('b', { status: 'pass' })], after).outcome).toBe(outcome)
  })
})

const recipes = readdirSync(`${root}recipes`).flatMap((name) => (/^[^_].*\.yaml$/.test(name) ? [name.slice(0, -5)] : []))

describe('every problem', () => {
  it('names a recipe that exists, or none', () => {
    expect(problems.filter(({ fix }) => fix.recipe !== null && !recipes.includes(fix.recipe)).map(({ id }) => id)).toEqual([])
    expect(problems.filter(({ fix }) => fix.recipe !== null).length).toBeGreaterThan(5)
  })
  it('of firmware, drivers, the kernel and power is an instruction, never an action', () => {
    const areas = ['driver', 'kernel', 'power', 'platform', 'apt']
    expect(
      problems.filter(({ area, fix }) => (areas.includes(area) || fix.reboot) && fix.recipe !== null).map(({ id }) => id),
    ).toEqual([])
    const remedy = { ...bad.remedy, recipe: 'some' }
    expect([isMendable({ ...bad, remedy }), isMendable({ ...bad, remedy: { ...remedy, reboot: true } })]).toEqual([true, false])
  })
})

it('a recorded machine is not mended', async () => {
  const ended = await gb10(['doctor', '--fix', '--yes', '--host', `${root}test/hosts/gb10-healthy`], newHome())
  expect([ended.code, ended.stdout]).toEqual([64, ''])
  expect(ended.stderr).toContain('a recorded machine cannot be mended')
})

it('what became of the findings stands on stderr beside a report that has no place for it', async () => {
  const ended = await gb10(['doctor', '--fix', '--yes', '--format', 'junit', 'docker-from-snap'], newHome())
  expect(ended.stdout).toMatch(/^<\?xml/)
  expect(ended.stderr).toContain('Nothing was found that could be mended.')
})
