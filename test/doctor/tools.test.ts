import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { deepProbes } from '../../src/facts/probes-doctor.ts'
import { gb10, newHome, start, type Home } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'

/** A home whose PATH begins with small shell programs. `nvidia-smi` and `sudo` write down how they are called. */
function withTools(programs: Record<string, string>): { home: Home; calls: (name: string) => string[] } {
  const home = newHome()
  const bin = `${home.home}/bin`
  mkdirSync(bin)
  for (const [name, body] of Object.entries({ 'nvidia-smi': 'exit 9', sudo: 'exit 1', dmesg: 'echo fine', ...programs }))
    writeFileSync(`${bin}/${name}`, `#!/bin/sh\necho "$*" >> ${bin}/${name}.calls\n${body}\n`, { mode: 0o755 })
  home.env['PATH'] = `${bin}:${home.env['PATH']}`
  const log = (name: string): string => `${bin}/${name}.calls`
  return { home, calls: (name) => (existsSync(log(name)) ? readFileSync(log(name), 'utf8').trim().split('\n') : []) }
}
type Result = { id: string; status: string; actual: string | null; ms: number }

describe('tools that gb10 doctor asks', () => {
  it('that hang cost one limit in all, are the finding, leave nothing behind, and disturb no other check', async () => {
    const marker = `7100.${process.pid}`
    const { home, calls } = withTools({ 'nvidia-smi': `trap '' TERM\nsleep ${marker} & sleep ${marker}` })
    const started = performance.now()
    const { code, stdout, stderr } = await gb10(['doctor', '--json'], home)
    // Its limit is 5 s; twice that would be two of them.
    expect(performance.now() - started).toBeLessThan(9000)
    expect(violations(stdout)).toEqual([])
    const { results } = JSON.parse(stdout) as { results: Result[] }
    const of = (id: string): Result | undefined => results.find((one) => one.id === id)
    expect(of('driver-not-responding')).toMatchObject({ status: 'fail', actual: 'gpu.name timeout' })
    expect([code, of('disk-nearly-full')?.status === 'unknown']).toEqual([1, false])
    expect(calls('nvidia-smi')).toHaveLength(1)
    expect(stderr.match(/^waiting for nvidia-smi.*$/gm)).toEqual(['waiting for nvidia-smi (at most 5 s)'])
    expect(spawnSync('pgrep', ['-f', marker]).status).toBe(1)
  })
  it('that hang are let go of at Ctrl-C: a partial report, no finding, nothing left behind', async () => {
    const marker = `7200.${process.pid}`
    const { home } = withTools({ 'nvidia-smi': `trap '' TERM\nsleep ${marker} & sleep ${marker}` })
    const run = start(['doctor', '--json'], home)
    await run.stderrHas('waiting for nvidia-smi')
    run.child.kill('SIGINT')
    const { code, stdout } = await run.ended
    expect([code, violations(stdout, 'doctor')]).toEqual([130, []])
    const { results, notes } = JSON.parse(stdout) as { results: Result[]; notes: string[] }
    expect(notes).toEqual(['stopped before everything had been asked: what could not be told may only not have been asked'])
    // After its whole limit it would be one.
    expect(results.find((one) => one.id === 'driver-not-responding')?.status).not.toBe('fail')
    expect(spawnSync('pgrep', ['-f', marker]).status).toBe(1)
  })
  it('are ended by a second Ctrl-C, which does not wait for them', async () => {
    const marker = `7300.${process.pid}`
    const { home } = withTools({ 'nvidia-smi': `trap '' TERM\nsleep ${marker} & sleep ${marker}` })
    const run = start(['doctor', '--json'], home)
    await run.stderrHas('waiting for nvidia-smi')
    run.child.kill('SIGINT')
    await run.stderrHas('press Ctrl-C again')
    run.child.kill('SIGINT')
    expect(await run.ended).toMatchObject({ code: 130, stdout: '' })
    await expect.poll(() => spawnSync('pgrep', ['-f', marker]).status).toBe(1)
  })
  it('are asked each thing once, and none as root', async () => {
    const { home, calls } = withTools({})
    await gb10(['doctor', '--json'], home)
    const asked = calls('nvidia-smi')
    expect(asked.filter((line) => line.startsWith('--query-gpu'))).toHaveLength(1)
    expect(new Set(asked).size).toBe(asked.length)
    expect(calls('sudo')).toEqual([])
  })
  it('are spared where the kernel log says that the GPU is lost, but for --force', async () => {
    const { home, calls } = withTools({ dmesg: 'echo "[1.0] NVRM: Xid (PCI:000f:01:00): 119, Timeout waiting for RPC"' })
    await gb10(['baseline', 'save'], home)
    const spared = await gb10(['detect', '--hardware', `${home.home}/spared`, '--json'], home)
    expect(calls('nvidia-smi')).toEqual([])
    expect(spared.stderr).toMatch(/the GPU is not asked.*Xid 119.*--force/)
    await gb10(['detect', '--force', '--hardware', `${home.home}/forced`, '--json'], home)
    expect(calls('nvidia-smi')).toContain('topo -m')
    await gb10(['doctor', '--force', '--json'], home)
    expect(calls('nvidia-smi').filter((line) => line.startsWith('--query-gpu'))).toHaveLength(2)
  })
})

it('every probe of nvidia-smi counts as one that touches the GPU', () => {
  const commands = deepProbes.flatMap((probe) => (probe.kind === 'first' ? [...probe.of] : probe.kind === 'run' ? [probe] : []))
  const smi = commands.filter(({ argv }) => argv[0] === 'nvidia-smi')
  expect(smi.filter(({ gpu }) => gpu !== true)).toEqual([])
  expect(smi.length).toBeGreaterThan(2)
})
