import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { gpuCopy } from '../../src/cli/baselines.ts'
import { newHome } from '../support/cli.ts'

/** The real measurement in an environment with a simulated torch, which copies 512 MiB in 4 ms or a little more. */
function copying(fault: string): ReturnType<typeof gpuCopy> {
  const { home } = newHome()
  execFileSync('python3', ['-m', 'venv', '--without-pip', `${home}/venv`])
  const torch = new URL('../doctor/stand-in/torch.py', import.meta.url)
  copyFileSync(torch, `${home}/venv/lib/${readdirSync(`${home}/venv/lib`)[0]}/site-packages/torch.py`)
  vi.stubEnv('GPU_BUSY', `${home}/busy`)
  vi.stubEnv('GPU_FAULT', fault)
  return gpuCopy(`${home}/venv/bin/python3`)
}

describe.skipIf(spawnSync('python3', ['-c', 'import venv']).status !== 0)('copy bandwidth of a simulated GPU', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('is what one copy moves in the time of the best one', async () => {
    const { value, status } = await copying('')
    expect(status).toBe('ok')
    expect(value).toBeGreaterThan(60)
    expect(value).toBeLessThanOrEqual(134.3)
  })
  it.each(['wrong', 'unseen'])('is not told where nothing was copied: %s', async (fault) => {
    expect(await copying(fault)).toEqual({ value: null, status: 'absent' })
  })
})
