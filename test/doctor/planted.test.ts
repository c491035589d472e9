import { describe, expect, it } from 'vitest'
import { isJudged } from '../../src/doctor/order.ts'
import { DRIVER_FAULTS } from './faults-driver.ts'
import { SYSTEM_FAULTS } from './faults-system.ts'
import { SOFTWARE_FAULTS } from './faults-software.ts'
import { capture, healthy, judgeCaptures, problems, without } from './machine.ts'

const FAULTS = [...DRIVER_FAULTS, ...SYSTEM_FAULTS, ...SOFTWARE_FAULTS]

describe('a GB10 in good health', () => {
  it('has no finding at all', async () => {
    const verdicts = judgeCaptures(await healthy())
    expect(verdicts.filter(({ status }) => status !== 'pass' && status !== 'skip')).toEqual([])
    expect(verdicts.filter(({ status }) => status === 'pass').length).toBeGreaterThan(55)
  })
  it('as a user who may not read the kernel log, is only blocked there', async () => {
    const captures = (await healthy()).map((c) =>
      c.argv?.[0] === 'journalctl' ? { ...c, text: '', status: 'denied' as const } : c,
    )
    const open = judgeCaptures(captures).filter(({ status }) => status !== 'pass' && status !== 'skip')
    expect(open.map(({ id, status, remedy }) => [id, status, remedy.commands])).toEqual(
      ['secure-boot-key-rejected', 'kernel-xid-this-boot', 'uma-exhaustion-host-freeze'].map((id) => [
        id,
        'blocked',
        ['sudo dmesg | gb10 explain -'],
      ]),
    )
  })
})

it('headers of Python that nobody looked for are not called missing', async () => {
  const verdicts = judgeCaptures(without(await healthy(), 'Python.h'))
  expect(verdicts.find(({ id }) => id === 'python-headers-missing')?.status).toBe('unknown')
})

describe('one planted fault gives one finding', () => {
  it.each(FAULTS)('%s: %s', async (_what, id, severity, plant) => {
    const verdicts = judgeCaptures(plant(await healthy()))
    const failures = verdicts.filter(({ status }) => status === 'fail')
    expect(failures.map((verdict) => [verdict.id, verdict.severity])).toEqual([[id, severity]])
    expect(failures[0]?.why).not.toBe('')
    expect(failures[0]?.remedy.text).not.toBe('')
  })
})

/** Judged, but not by a fault that a plain run meets: the platform itself, a refused query, and what only a deep run reads. */
const ELSEWHERE = [
  'platform-not-recognised',
  'insufficient-permissions',
  'firmware-staged-not-running',
  'two-gpu-servers',
  'sudden-power-off-no-log',
  'python-package-does-not-import',
  'torch-kernel-fails-on-gpu',
  'gpu-low-clock-under-own-load',
]

it('every check has a planted fault', () => {
  const planted = new Set([...FAULTS.map(([, id]) => id), ...ELSEWHERE])
  expect(
    problems
      .filter(isJudged)
      .map(({ id }) => id)
      .filter((id) => !planted.has(id)),
  ).toEqual([])
})

it('a tool that never answered passes no check, and explains what hangs on it', async () => {
  const captures = [capture({ argv: ['nvidia-smi', '-L'], status: 'hung', exitCode: null }), ...without(await healthy(), 'nvidia-smi --')]
  const verdicts = judgeCaptures(captures)
  const of = (id: string): string | undefined => verdicts.find((verdict) => verdict.id === id)?.status
  expect(of('driver-not-responding')).toBe('fail')
  expect(['driver-not-loaded', 'no-devices', 'cuda-version-err', 'insufficient-permissions', 'driver-library-version-mismatch'].map(of)).toEqual(
    Array.from({ length: 5 }, () => 'skip'),
  )
})

/** What a check of the driver says where nvidia-smi gives no whole answer. */
describe('nvidia-smi that says nothing of the GPU passes no check of the driver', () => {
  const DRIVER = ['no-devices', 'gpu-lost', 'cuda-version-err']
  const ALL = [...DRIVER, 'driver-not-loaded', 'insufficient-permissions']
  it.each([
    ['the library is missing', { exitCode: 12, text: "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.\n" }, 'fail'],
    ['it crashes', { exitCode: 139 }, 'fail'],
    ['it may not ask', { exitCode: 4, text: 'Failed to initialize NVML: Insufficient Permissions\n' }, 'pass'],
    ['it prints nothing', { exitCode: 0 }, 'unknown'],
    ['it only warns', { exitCode: 0, stderr: 'nvidia-smi: line 1: warning: setlocale\n' }, 'unknown'],
    ['there was no time for it', { exitCode: null, status: 'error' as const, stderr: 'no answer within the time for all probes' }, 'unknown'],
    ['only its help is recorded', { argv: ['nvidia-smi', '--help'], exitCode: 0, text: 'NVIDIA System Management Interface\n' }, 'unknown'],
    ['only the topology is recorded', { argv: ['nvidia-smi', 'topo', '-m'], exitCode: 0, text: 'GPU0\t X \n' }, 'unknown'],
    ['the question was wrong', { argv: ['nvidia-smi', '--query-gpu=odd', '--format=csv'], exitCode: 2, text: 'Field "odd" is not a valid field to query.\n' }, 'unknown'],
  ])('%s', async (_what, part, wanted) => {
    const captures = [capture({ argv: ['nvidia-smi'], ...part }), ...without(await healthy(), 'nvidia-smi --')]
    const verdicts = judgeCaptures(captures)
    const judged = wanted === 'pass' ? DRIVER : ALL
    expect(verdicts.filter(({ id, status }) => judged.includes(id) && status === 'pass')).toEqual([])
    // Asked for alone, nothing else explains it.
    for (const id of judged)
      expect(judgeCaptures(captures, { shown: new Set([id]) }).find((one) => one.id === id)?.status).toBe('unknown')
    expect(verdicts.find(({ id }) => id === 'driver-not-responding')?.status).toBe(wanted)
  })
  it.each(['denied', 'error'] as const)('though its version is told: %s', async (status) => {
    const captures = (await healthy()).map((c) => (c.argv?.[1]?.startsWith('--query-gpu') ? capture({ argv: c.argv, status, exitCode: null }) : c))
    expect(judgeCaptures(captures).find(({ id }) => id === 'driver-not-responding')?.status).not.toBe('pass')
  })
  it('nor does one call that answers while another does not in time', async () => {
    const captures = (await healthy()).map((c) => (c.argv?.[1] === '--version' && c.argv[0] === 'nvidia-smi' ? capture({ argv: c.argv, status: 'timeout', exitCode: null }) : c))
    expect(judgeCaptures(captures).find(({ id }) => id === 'driver-not-responding')).toMatchObject({ status: 'unknown', reason: 'timeout' })
  })
  it('and its own words are told', async () => {
    const part = { argv: ['nvidia-smi'], exitCode: 12, text: "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.\n" }
    const verdicts = judgeCaptures([capture(part), ...without(await healthy(), 'nvidia-smi --')])
    expect(verdicts.find(({ id }) => id === 'driver-not-responding')?.actual).toBe(
      "failed NVIDIA-SMI couldn't find libnvidia-ml.so library in your system. (exit code 12)",
    )
  })
})
