import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { App } from '../../src/cli/app.ts'
import { enterEnvironments } from '../../src/cli/deep.ts'
import type { Detection } from '../../src/model/machine.ts'
import { newHome } from '../support/cli.ts'
import { healthy, judgeCaptures } from './machine.ts'

const standIn = fileURLToPath(new URL('stand-in', import.meta.url))
const [IMPORT, KERNEL, LOAD] = ['python-package-does-not-import', 'torch-kernel-fails-on-gpu', 'gpu-low-clock-under-own-load']

/** The real children, entered beside a simulated nvidia-smi and a simulated torch, judged on a recorded GB10 in good health. */
async function deep(settings: Record<string, string>): Promise<{ said: string; verdicts: Record<string, string> }> {
  const { home } = newHome()
  execFileSync('python3', ['-m', 'venv', '--without-pip', `${home}/venv`])
  copyFileSync(`${standIn}/torch.py`, `${home}/venv/lib/${readdirSync(`${home}/venv/lib`)[0]}/site-packages/torch.py`)
  const all = { PATH: `${standIn}:${process.env['PATH']}`, TMPDIR: home, GPU_BUSY: `${home}/busy`, ...settings }
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value)
  const said: string[] = []
  const app = { note: (text: string) => said.push(text), signal: new AbortController().signal }
  const environment = { path: `${home}/venv`, kind: 'venv', python: '3', torch: '2.14.0+cu130' }
  const facts = { 'python.environments': { value: [environment] } }
  const captures = await enterEnvironments(app as unknown as App, { facts } as unknown as Detection, true)
  const verdicts = judgeCaptures([...(await healthy()), ...captures])
    .filter(({ id }) => [IMPORT, KERNEL, LOAD].includes(id))
    .map(({ id, status, actual }) => [id, status === 'fail' ? String(actual) : status])
  expect(readdirSync(home).filter((name) => name.startsWith('gb10-deep'))).toEqual([])
  return { said: said.join('\n'), verdicts: Object.fromEntries(verdicts) as Record<string, string> }
}

describe.skipIf(spawnSync('python3', ['-c', 'import venv']).status !== 0)('doctor --deep on a simulated GPU', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('multiplies on it, keeps it busy and sees its clock rise', async () => {
    const { said, verdicts } = await deep({})
    expect(verdicts).toEqual({ [IMPORT!]: 'pass', [KERNEL!]: 'pass', [LOAD!]: 'pass' })
    expect(said).toContain('keeping the GPU busy for ten seconds')
  })
  it('sees a clock that stays low', async () => {
    const { verdicts } = await deep({ GPU_CLOCK: '851' })
    expect(verdicts).toMatchObject({ [IMPORT!]: 'pass', [KERNEL!]: 'pass', [LOAD!]: expect.stringContaining('851') as string })
  })
  it.each([
    ['wrong', 'the numbers are wrong'],
    ['no-kernel', 'no kernel image is available'],
    ['crash', 'it crashed'],
    ['unseen', 'is_available() is False'],
  ])('does not trust it further when it fails: %s', async (fault, words) => {
    const { said, verdicts } = await deep({ GPU_FAULT: fault })
    expect(verdicts[KERNEL!]).toContain(words)
    expect(verdicts[LOAD!]).not.toBe('pass')
    expect(said).not.toContain('keeping the GPU busy')
  })
  it('names the variable that hides it', async () => {
    const { verdicts } = await deep({ GPU_FAULT: 'unseen', CUDA_VISIBLE_DEVICES: '' })
    expect(verdicts[KERNEL!]).toContain("is_available() is False with CUDA_VISIBLE_DEVICES='' (")
  })
  it('cannot tell its clock where nvidia-smi is not there to ask', async () => {
    const { verdicts } = await deep({ PATH: '/usr/bin:/bin' })
    expect(verdicts).toMatchObject({ [KERNEL!]: 'pass', [LOAD!]: 'unknown' })
  })
})
