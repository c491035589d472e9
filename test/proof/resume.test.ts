import { existsSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { execute } from '../../src/cli/execute.ts'
import { appOn } from './app.ts'
import { quickMachine } from './quick-machine.ts'
import { changesOf, RECIPES } from './recipes.ts'
import { furnish, resume, undoRecipe } from './world.ts'

test('resume leaves out what was taken back by name', async () => {
  const w = furnish()
  const fetch = async (): Promise<never> => {
    throw new Error('no network')
  }
  const app = appOn(w.home, () => ({ ...quickMachine, fetch }), () => undefined)
  const names = ['two', 'env']
  const recipes = names.map((name) => ({ name, title: name, parameters: {}, licences: [], smoke: [], verifiedOn: [], env: {} }))
  const changes = names.flatMap((name) => changesOf(name, RECIPES[name]!(w.home, 1)))
  expect((await execute(app, { recipes, changes, asserted: [], device: null }, { command: 'apply two env', onFailure: 'keep' })).code).toBe(1)
  expect((await undoRecipe(w, 'env', null)).code).toBe(0)
  expect((await resume(w, null)).said).toMatchObject({ status: 'done', recipes: ['two'] })
  expect([existsSync(`${w.home}/cache`), existsSync(`${w.home}/envs`)]).toEqual([true, false])
  rmSync(w.home, { recursive: true })
})
