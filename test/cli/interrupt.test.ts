import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gb10, newHome, start, type Home } from '../support/cli.ts'
import { manifestOf } from '../support/manifest.ts'
import { violations } from '../support/schemas.ts'
import { tiny, tinyWheels, wheelIndex } from '../support/wheel-index.ts'

/** Processes that have this home in their command line or environment: the children of a run in it. */
function atWork({ home }: Home): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) return false
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`HOME=${home}\0`)
    } catch {
      return false
    }
  })
}

async function clean(home: Home, before: string[]): Promise<void> {
  const gone = await gb10(['uninstall', '--yes', '--json'], home)
  expect(gone.code, gone.stderr).toBe(0)
  expect(violations(gone.stdout, 'uninstall')).toEqual([])
  expect(manifestOf(home.home)).toEqual(before)
}

test('Ctrl-C in a long step stops it, resume completes it, and uninstall leaves nothing', async () => {
  const home = newHome()
  const before = manifestOf(home.home)
  const index = await wheelIndex(tinyWheels(), { stall: 'torch' })
  const run = start(['apply', ...tiny(index.url), '--yes'], home)
  await index.stalled
  const second = await gb10(['apply', ...tiny(index.url), '--yes', '--json'], home)
  expect(second.code).toBe(75)
  expect(violations(second.stdout, 'error')).toEqual([])
  expect(second.stderr).toMatch(/another gb10 run is at work here \(process \d+, apply torch-cu130\)\n +Next: wait/)
  const meanwhile = await gb10(['status', '--json'], home)
  expect(violations(meanwhile.stdout, 'status')).toEqual([])
  expect(JSON.parse(meanwhile.stdout)).toMatchObject({ atWork: expect.stringMatching(/^process \d+, apply torch-cu130$/), resume: null })
  run.child.kill('SIGINT')
  const stopped = await run.ended
  expect(stopped.code).toBe(130)
  expect(stopped.stdout).toMatch(/^Stopped\. 1 change made .*\nGo on: +gb10 resume$/m)
  expect(atWork(home)).toEqual([])
  const status = await gb10(['status'], home)
  expect(status.stdout).toContain('gb10 resume')
  index.release()
  const resumed = await gb10(['resume', '--json'], home)
  expect(resumed.code, resumed.stderr).toBe(0)
  expect(violations(resumed.stdout, 'apply')).toEqual([])
  expect((await gb10(['run', 'torch-cu130', '--', 'python', '-c', 'import torch'], home)).code).toBe(0)
  const nothing = await gb10(['resume', '--json'], home)
  expect(violations(nothing.stdout, 'apply')).toEqual([])
  await clean(home, before)
})

test('TERM ends a run with 143; what it had made is taken back by its name', async () => {
  const home = newHome()
  const before = manifestOf(home.home)
  const index = await wheelIndex(tinyWheels(), { stall: 'torch' })
  const run = start(['apply', ...tiny(index.url), '--yes', '--json'], home)
  await index.stalled
  run.child.kill('SIGTERM')
  const ended = await run.ended
  expect(ended.code).toBe(143)
  expect(violations(ended.stdout, 'apply')).toEqual([])
  const { status, undo } = JSON.parse(ended.stdout) as { status: string; undo: string }
  expect(status).toBe('stopped')
  expect((await gb10([...undo.split(' ').slice(1), '--yes'], home)).code).toBe(0)
  await clean(home, before)
})

test('kill -9 in a long step: what it left is ended and taken back', async () => {
  const home = newHome()
  const before = manifestOf(home.home)
  const index = await wheelIndex(tinyWheels(), { stall: 'torchvision' })
  const run = start(['apply', ...tiny(index.url), '--yes'], home)
  await index.stalled
  run.child.kill('SIGKILL')
  await clean(home, before)
  for (let i = 0; i < 50 && atWork(home).length > 0; i += 1) await sleep(20)
  expect(atWork(home)).toEqual([])
})

test('--on-failure rollback takes back what a failed run made', async () => {
  const home = newHome()
  const before = manifestOf(home.home)
  const index = await wheelIndex(tinyWheels(), { stall: 'torch' })
  const run = start(['apply', ...tiny(index.url), '--yes', '--on-failure', 'rollback', '--json'], home)
  await index.stalled
  index.close() // the connection breaks: pip gives up, the step fails
  const failed = await run.ended
  expect(failed.code, failed.stderr).toBe(1)
  expect(violations(failed.stdout, 'apply')).toEqual([])
  const { changes, ...told } = JSON.parse(failed.stdout) as { changes: { status: string }[] }
  expect(told).toMatchObject({ status: 'failed', rolledBack: true, resume: null, undo: null })
  expect(changes.map(({ status }) => status)).toEqual([...changes.slice(1).map(() => 'undone'), 'failed'])
  expect(existsSync(`${home.home}/.local/share/gb10`)).toBe(false)
  await clean(home, before)
})

test.each([[['baseline', 'save']], [['detect', '--hardware', 'hw']], [['report', '--output', 'bundle.tar.gz']]])(
  'a look that a stop cut short is not written down: %j',
  async ([name = '', ...args]) => {
    const home = newHome()
    mkdirSync(`${home.home}/bin`)
    writeFileSync(`${home.home}/bin/nvidia-smi`, '#!/bin/sh\nexec sleep 30\n', { mode: 0o755 })
    home.env['PATH'] = `${home.home}/bin:${home.env['PATH']}`
    const before = manifestOf(home.home)
    const run = start([name, ...args.map((one) => (/^(?:hw|bundle)/.test(one) ? `${home.home}/${one}` : one)), '--json'], home)
    await run.stderrHas('waiting for nvidia-smi')
    run.child.kill('SIGTERM')
    const { code, stdout, stderr } = await run.ended
    expect([code, violations(stdout, 'error')]).toEqual([143, []])
    expect(stderr).toMatch(/^gb10: stopped$/m)
    expect(manifestOf(home.home)).toEqual(before)
  },
)
