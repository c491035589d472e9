import { expect, it, onTestFinished, vi } from 'vitest'
import { terminalOf } from '../../src/cli/terminal.ts'
import type { App } from '../../src/cli/app.ts'
import { run as detectCommand } from '../../src/cli/commands/detect.ts'
import { enterEnvironments } from '../../src/cli/deep.ts'
import { diagnosis } from '../../src/cli/diagnosing.ts'
import { clockSample } from '../../src/facts/probes-doctor.ts'
import type { LiveOptions } from '../../src/host/live.ts'
import type { Probe } from '../../src/host/probe.ts'
import type { Capture } from '../../src/model/capture.ts'
import type { Detection } from '../../src/model/machine.ts'
import { capture, healthy, without } from '../doctor/machine.ts'

// The machine is a stand-in here: what is shown is how long doctor looks at it, what it asks, and what too little time leads to.
const machine = vi.hoisted(() => ({
  asked: [] as [readonly Probe[], LiveOptions][],
  answer: (_probes: readonly Probe[]): Capture[] => [],
}))
vi.mock('../../src/host/live.ts', () => ({
  probeLive: async (probes: readonly Probe[], options: LiveOptions) => {
    machine.asked.push([probes, options])
    return machine.answer(probes)
  },
}))

const options = { json: true, plain: false, quiet: false, verbose: false, color: 'auto', input: true, sources: {} } as const
function appIn(variables: Record<string, string>): { app: App; notes: string[] } {
  for (const name of ['CI', 'GITHUB_ACTIONS', 'GITLAB_CI', 'BUILDKITE', 'TEAMCITY_VERSION']) vi.stubEnv(name, variables[name])
  onTestFinished(() => void vi.unstubAllEnvs())
  const notes: string[] = []
  const app = { options, terminal: terminalOf(options), owner: { config: '/nowhere' }, signal: new AbortController().signal, note: (text: string) => notes.push(text) }
  return { app: app as unknown as App, notes }
}
const look = async (variables: Record<string, string>, force = false) => {
  machine.asked = []
  const { app, notes } = appIn(variables)
  return { ...(await (await diagnosis(app, [], { force }))()), notes, bounds: machine.asked[0]?.[1] }
}

it('looks for 15 s at most, in CI for 60 s, and says so when that was not enough', async () => {
  const captures = await healthy()
  machine.answer = () => captures
  const good = await look({})
  expect([good.bounds?.deadline, good.late, good.health.notes]).toEqual([15_000, false, []])
  machine.answer = () => {
    machine.asked[0]?.[1].onDeadline?.()
    return captures
  }
  const late = await look({ CI: 'true' })
  expect([late.bounds?.deadline, late.late]).toEqual([60_000, true])
  expect(late.health.notes).toEqual(['the 60 s for all probes were over: what could not be told may only have been late'])
  machine.asked = []
  expect(await detectCommand({ ...appIn({}).app, show: () => undefined }, {})).toBe(2)
  machine.answer = () => captures
  expect(await detectCommand({ ...appIn({}).app, show: () => undefined }, {})).toBe(0)
})

it('has a guard for the GPU, which names what --force would do; with --force there is none', async () => {
  const captures = await healthy()
  machine.answer = () => captures
  const careful = await look({})
  const dmesg = (text: string): Capture[] => [capture({ argv: ['dmesg'], text })]
  expect(careful.bounds?.guard?.(dmesg('[1.0] fine\n'))).toBeNull()
  for (const code of [79, 119, 120])
    expect(careful.bounds?.guard?.(dmesg(`[1.0] NVRM: Xid (PCI:000f:01:00): ${code}, x`))).toContain(`Xid ${code}`)
  expect(careful.bounds?.guard?.(dmesg('[1.0] NVRM: Xid (PCI:000f:01:00): 13, x'))).toBeNull()
  const table = '    PID STAT COMMAND\n     7 D    nvidia-persiste\n     8 D    jbd2\n'
  const ps = capture({ argv: ['ps', '-eo', 'pid,stat,comm'], text: table })
  expect(careful.bounds?.guard?.([ps])).toBe('process 7 (nvidia-persiste) waits inside the driver')
  expect(careful.notes.at(-1)).toMatch(/process 7 .*gb10 detect --force/)
  expect((await look({}, true)).bounds?.guard).toBeUndefined()
})

it('stops sampling a busy GPU at the first sample that is not answered', async () => {
  const busy = capture({
    argv: ['nvidia-smi', '--query-gpu=name,utilization.gpu,clocks.sm,power.draw', '--format=csv'],
    text: 'name, utilization.gpu [%], clocks.current.sm [MHz], power.draw [W]\nNVIDIA GB10, 97 %, 850 MHz, 20.00 W\n',
  })
  const all = [busy, ...without(await healthy(), 'nvidia-smi --query')]
  const sample = (status: Capture['status']) => (probes: readonly Probe[]) =>
    probes.length > 1 ? all : [capture({ argv: clockSample.argv, status, text: status === 'ok' ? '97, 850, 20\n' : '' })]
  machine.answer = sample('ok')
  await look({})
  expect(machine.asked.length).toBe(5)
  machine.answer = sample('timeout')
  await look({})
  expect(machine.asked.length).toBe(2)
  expect(machine.asked[1]?.[1].deadline).toBeLessThan(15_000)
})

it('enters no further environment with the GPU once a child hangs in the driver', async () => {
  const venv = (path: string) => ({ path, kind: 'venv', python: '3.12', torch: '2.14.1' })
  const facts = { 'python.environments': { value: [venv('/a'), venv('/b')], status: 'ok', source: '', ms: 0 } }
  const argvOf = (probes: readonly Probe[]): string[] => probes.flatMap((probe) => (probe.kind === 'run' ? probe.argv : []))
  machine.answer = (probes) => [capture({ argv: argvOf(probes), status: 'hung', text: '{"kernel": "ok"}' })]
  machine.asked = []
  const { app } = appIn({})
  await enterEnvironments({ ...app, signal: new AbortController().signal }, { facts } as unknown as Detection, true)
  expect(machine.asked.map(([probes]) => argvOf(probes).slice(-1))).toEqual([['torch'], ['--no-gpu']])
})
