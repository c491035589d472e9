import { afterEach, describe, expect, it, vi } from 'vitest'
import type { App } from '../../src/cli/app.ts'
import { enterEnvironments } from '../../src/cli/deep.ts'
import type { LiveOptions } from '../../src/host/live.ts'
import type { Probe } from '../../src/host/probe.ts'
import type { Capture } from '../../src/model/capture.ts'
import type { Detection } from '../../src/model/machine.ts'
import { capture } from './machine.ts'

type Asked = { argv: string; options: LiveOptions }
const { asked, answer } = vi.hoisted(() => ({ asked: [] as Asked[], answer: vi.fn<(argv: string) => Partial<Capture>>() }))
vi.mock('../../src/host/live.ts', () => ({
  probeLive: async ([probe]: Extract<Probe, { kind: 'run' }>[], options: LiveOptions): Promise<Capture[]> => {
    const argv = probe!.argv.join(' ')
    asked.push({ argv, options })
    return [capture({ argv: probe!.argv, ...answer(argv) })]
  },
}))

/** Enters five environments, whose children answer as `each` says. */
async function enter(each: (argv: string) => Partial<Capture>, stop = new AbortController()): Promise<Capture[]> {
  answer.mockImplementation(each)
  const value = Array.from({ length: 5 }, (_, at) => ({ path: `/v${at}`, kind: 'venv', python: '3.12', torch: '2.14.0' }))
  const app = { note: () => undefined, signal: stop.signal } as unknown as App
  return enterEnvironments(app, { facts: { 'python.environments': { value } } } as unknown as Detection, true)
}
const flags = (captures: Capture[]): string[] => captures.map(({ argv }) => argv?.at(-1) ?? '')
const fine = { text: '{"kernel": "ok"}\n{"done": true}\n' }

describe('the children of a deep look', () => {
  afterEach(() => {
    vi.useRealTimers()
    asked.length = 0
  })
  it('have their whole time each: what there is no time for is not begun, and said to be left', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const captures = await enter(() => {
      vi.advanceTimersByTime(50_000)
      return fine
    })
    expect(flags(captures)).toEqual(['torch', 'torch', 'torch', '--left', '10'])
    expect(asked.every(({ options }) => options.deadline! > 60_000)).toBe(true)
  })
  it('do not touch the GPU after one that nothing ended', async () => {
    await enter((argv) => (argv.includes('/v0/') ? { status: 'timeout', text: '{"kernel": "begun"}\n{"stuck": true}\n' } : fine))
    expect(asked.map(({ argv }) => argv.endsWith('--no-gpu'))).toEqual([false, true, true, true, true])
  })
  it('end with the run', async () => {
    const stop = new AbortController()
    const captures = await enter(() => {
      stop.abort()
      return fine
    }, stop)
    expect(flags(captures)).toEqual(['torch', '--left'])
    await enter(() => fine)
    expect(asked.every(({ options }) => options.signal !== undefined)).toBe(true)
  })
})
