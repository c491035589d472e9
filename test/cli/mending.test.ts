import { afterEach, expect, it, vi } from 'vitest'
import { makeApp } from '../../src/cli/app.ts'
import type { Diagnosis } from '../../src/cli/diagnosing.ts'
import { mend } from '../../src/cli/mending.ts'
import { terminalOf } from '../../src/cli/terminal.ts'
import { judge, summaryOf } from '../../src/doctor/judge.ts'
import { problems } from '../doctor/machine.ts'
import { newHome } from '../support/cli.ts'

/** A finding for each recipe, in this order. */
function found(...recipes: string[]): Diagnosis {
  const [any] = judge(problems, {})
  const results = recipes.map((recipe) => ({ ...any!, id: `of-${recipe}`, status: 'fail' as const, remedy: { ...any!.remedy, recipe, reboot: false } }))
  const machine = { dgxSpark: 'yes' as const, product: null, driver: null, kernel: null }
  return { health: { summary: summaryOf(results), results, notes: [], machine }, all: results, late: false }
}

/** An app that works in a home of the test's own, where no wheel can be had. */
async function app() {
  const { env } = newHome()
  for (const [name, value] of Object.entries({ ...env, XDG_STATE_HOME: '', XDG_DATA_HOME: '', XDG_CACHE_HOME: '', XDG_CONFIG_HOME: '' })) vi.stubEnv(name, value)
  const sources = { torch: 'http://127.0.0.1:65535/simple' } // nothing listens there
  const options = { json: true, plain: true, quiet: true, verbose: false, color: 'never' as const, input: false, sources }
  return makeApp(options, terminalOf(options), new AbortController().signal)
}

afterEach(() => void vi.unstubAllEnvs())

it('tells what was mended before a mend that could not be begun', async () => {
  const first = found('nvcc-on-path', 'torch-cu130')
  const { health } = await mend(await app(), first, async () => first, true)
  expect(health.mended).toEqual([
    expect.objectContaining({ id: 'of-nvcc-on-path', outcome: 'unchanged', run: expect.any(String) }),
    expect.objectContaining({ id: 'of-torch-cu130', outcome: 'failed', run: null }),
  ])
  expect(health.mended?.[1]?.text).toMatch(/^nothing was changed, because this would not have worked:[^]*127\.0\.0\.1[^]*Next: /)
})

it('ends with the error where nothing was mended before', async () => {
  const first = found('torch-cu130', 'nvcc-on-path')
  await expect(mend(await app(), first, async () => first, true)).rejects.toThrow(/nothing was changed/)
})
