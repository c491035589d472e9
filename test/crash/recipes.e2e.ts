import { describe, expect, test } from 'vitest'
import { commandLine, gb10 } from '../support/cli.ts'
import { manifestOf } from '../support/manifest.ts'
import { furnished, RECIPES, wheelsOf, type Place } from '../support/recipe-home.ts'
import { wheelIndex } from '../support/wheel-index.ts'
import { pointsOf, traced, type Point } from './strace.ts'
import { parallel } from './suite.ts'

// The recipes of this repository through the real command line, with small packages of the same names and versions from an index of
// this test's, put in place by a stand-in for uv (test/bin/uv). One kill in so many calls: every call of every kind is kill.e2e.ts's.
const EACH = 14

const command = ({ args }: Place, name: string): string[] => commandLine([name, ...(name === 'apply' ? args : []), '--yes', '--json'])

/** The calls of a command that change something, in their order. */
async function pointsIn(place: Place, name: string): Promise<Point[]> {
  const { ended, lines } = await traced(command(place, name), `${place.env['TMPDIR']}/trace`, place.env)
  expect(ended.code, `${ended.out}${ended.err}`).toBe(0)
  return pointsOf([`access("/gb10-mark/${name}", F_OK)`, ...lines], place.home)
}

const spread = (points: Point[]): Point[] => points.filter((_, i) => i % Math.max(1, Math.floor(points.length / EACH)) === 0)

describe('killed in the middle, then all taken back', () => {
  test.each(RECIPES)('%s', async (recipe) => {
    const { url } = await wheelIndex(await wheelsOf(recipe))
    const probe = furnished(recipe, url)
    const jobs = [
      ...spread(await pointsIn(probe, 'apply')).map((point) => ({ point, name: 'apply' })),
      ...spread(await pointsIn(probe, 'uninstall')).map((point) => ({ point, name: 'uninstall' })),
    ]
    const places = jobs.map(() => furnished(recipe, url))
    let killed = 0
    const wrong = await parallel(jobs, async ({ point, name }, i) => {
      const place = places[i]!
      const before = manifestOf(place.home)
      if (name === 'uninstall') await gb10(command(place, 'apply').slice(2), place)
      const { ended } = await traced(command(place, name), `${place.env['TMPDIR']}/trace`, place.env, { ...point, how: 'signal=SIGKILL' })
      if (ended.signal === 'SIGKILL') killed++
      const resumed = name === 'apply' && i % 2 === 0 ? await gb10(['resume', '--json'], place) : null
      const gone = await gb10(['uninstall', '--yes', '--json'], place)
      const now = manifestOf(place.home)
      const told = `${name}, call ${point.when} of ${point.call} (${ended.signal ?? ended.code})`
      return [
        ...(resumed !== null && resumed.code !== 0 ? [`${told}: resume ended with ${resumed.code}: ${resumed.stdout}`] : []),
        ...(gone.code === 0 ? [] : [`${told}: uninstall ended with ${gone.code}: ${gone.stdout}${gone.stderr}`]),
        ...now.filter((line) => !before.includes(line)).map((line) => `${told}: left ${line}`),
        ...before.filter((line) => !now.includes(line)).map((line) => `${told}: lost ${line}`),
      ]
    })
    process.stdout.write(`${recipe}: ${jobs.length} crash points, ${killed} of them hit, ${wrong.flat().length} mismatches\n`)
    // Node's own calls move the count by one or two between two runs, more so on a busy machine.
    expect(killed).toBeGreaterThan(jobs.length / 2)
    expect(wrong.flat()).toEqual([])
  })
})
