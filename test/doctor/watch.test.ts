import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { App } from '../../src/cli/app.ts'
import type { Diagnosis } from '../../src/cli/diagnosing.ts'
import { watchHealth } from '../../src/cli/watching.ts'
import { judge } from '../../src/doctor/judge.ts'
import type { Verdict } from '../../src/model/verdict.ts'
import { changedLines } from '../../src/report/doctor-changes.ts'
import { gb10, newHome, start } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'
import { problems, root } from './machine.ts'

const some = judge(problems, {})[0] as Verdict
const verdict = (id: string, part: Partial<Verdict>): Verdict => ({
  ...some,
  id,
  title: `T ${id}`,
  actual: null,
  required: false,
  ...part,
})
const good = verdict('a', { status: 'pass' })
const bad = verdict('a', { status: 'fail', severity: 'error', actual: '1' })

describe('what changed between two looks', () => {
  it('is at first what is not as it should be, then every other verdict', () => {
    expect(changedLines(null, [good])).toEqual([])
    expect(changedLines(null, [bad, verdict('b', { status: 'unknown' })])).toEqual([
      expect.stringMatching(/^FAIL {4}\[a\] T a; found: 1/),
    ])
    expect(changedLines([bad], [{ ...bad, actual: '2' }])).toEqual([])
    expect(changedLines([bad], [good])).toEqual(['PASS    [a] (was FAIL) T a'])
    expect(changedLines([good], [bad])).toEqual([expect.stringMatching(/^FAIL {4}\[a\] \(was PASS\) T a; found: 1/)])
  })
})

it('a watch says once that nothing is wrong, and then only what changes', async () => {
  const [stop, notes, seen]: [AbortController, string[], Diagnosis[]] = [new AbortController(), [], []]
  const looks = [good, good, bad, bad].map((one) => ({ health: { results: [one] } }) as Diagnosis)
  const each = async (found: Diagnosis): Promise<void> => void (seen.push(found) === looks.length && stop.abort())
  const app = { signal: stop.signal, note: (text: string) => notes.push(text) } as unknown as App
  expect(await watchHealth(app, async () => looks[seen.length]!, 0.001, each)).toBe(looks[3])
  expect(seen).toEqual(looks)
  expect(notes).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d nothing is wrong; watching every 0.001 s until Ctrl-C$/),
    expect.stringMatching(/^\d\d:\d\d:\d\d FAIL {4}\[a\] \(was PASS\) T a; found: 1/),
  ])
})

it('a look that the stop cut short is no change: nothing is told or written of it, and the report is the one before', async () => {
  const [stop, notes, seen]: [AbortController, string[], Diagnosis[]] = [new AbortController(), [], []]
  const looks = [good, verdict('a', { status: 'unknown' })].map((one) => ({ health: { results: [one] } }) as Diagnosis)
  const each = async (found: Diagnosis): Promise<void> => void seen.push(found)
  const app = { signal: stop.signal, note: (text: string) => notes.push(text) } as unknown as App
  const look = async (): Promise<Diagnosis> => {
    if (seen.length === 1) stop.abort()
    return looks[seen.length]!
  }
  expect(await watchHealth(app, look, 0.001, each)).toBe(looks[0])
  expect([seen, notes.length]).toEqual([[looks[0]], 1])
})

/** A GPU tool that says what stands in a file. */
function withTool(): { home: ReturnType<typeof newHome>; say: (text: string) => void } {
  const home = newHome()
  const bin = `${home.home}/bin`
  mkdirSync(bin)
  writeFileSync(`${bin}/nvidia-smi`, `#!/bin/sh\ncat ${home.home}/said >&2\ntest ! -s ${home.home}/said || exit 18\n`)
  chmodSync(`${bin}/nvidia-smi`, 0o755)
  home.env['PATH'] = `${bin}:${home.env['PATH']}`
  return { home, say: (text) => writeFileSync(`${home.home}/said`, text) }
}

describe('gb10 doctor --watch', () => {
  it('tells changes until it is stopped, keeps a file up to date, and ends with the report', async () => {
    const { home, say } = withTool() // NVML's own exit code 18 says the same as the text
    say('')
    const file = `${home.home}/gb10.prom`
    const nowhere = await gb10(['doctor', '--output', `json=${home.home}/none/x`], home)
    expect(nowhere.stderr).toMatch(/none\/x cannot be written: there is no such folder\n.*Next: /)
    const args = ['doctor', '--watch', '--every', '1', '--json', '--output', `prometheus=${file}`]
    const run = start(args, home)
    await run.stderrHas(/^\d\d:\d\d:\d\d /m)
    say('Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 580.142\n')
    await run.stderrHas(/FAIL {4}\[driver-library-version-mismatch\] \(was \w+\)/)
    await expect.poll(() => readFileSync(file, 'utf8')).toMatch(/_status\{id="driver-library-version-mismatch".*\} 1$/m)
    run.child.kill('SIGINT')
    const ended = await run.ended
    expect(ended.code).toBe(130)
    expect(violations(ended.stdout)).toEqual([])
    expect(ended.stdout).toContain('"status": "fail"')
  })
  it.each([
    [['--watch', '--every', '0']],
    [['--watch', '--every', 'soon']],
    [['--every', '60']],
    [['--watch', '--fix']],
    [['--watch', '--host', `${root}test/hosts/gb10-healthy`]],
  ])('%j is refused', async (args) => {
    const ended = await gb10(['doctor', ...args], newHome())
    expect([ended.code, ended.stdout]).toEqual([64, ''])
    expect(ended.stderr).toContain('Next: ')
  })
})
