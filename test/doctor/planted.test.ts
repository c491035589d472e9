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
