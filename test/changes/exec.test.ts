import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { recover } from '../../src/apply/recover.ts'
import { undo } from '../../src/apply/undo.ts'
import type { Want } from '../../src/model/change.ts'
import { applyWants, machine, sandbox, session } from '../support/sandbox.ts'

/** A tool that its user may take away: with it goes the only way to ask. */
function registered() {
  const { home, state } = sandbox()
  const tool = `${home}/a tool`
  const script = `#!/bin/sh\ncase $1 in has) test -e ${home}/flag;; add) : >${home}/flag;; del) rm ${home}/flag \${2:+"$2"};; esac\n`
  writeFileSync(tool, script, { mode: 0o755 })
  const want = (...more: string[]): Want => ({ kind: 'exec', probe: [tool, 'has'], perform: [tool, 'add'], undo: [tool, 'del', ...more] })
  return { home, tool, state, want }
}

test('what cannot be asked any more is left for the user, with the command that takes it back', async () => {
  const { tool, state, want } = registered()
  const s = session(state)
  await applyWants(s, 'demo', [want()])
  rmSync(tool)
  const { failed, kept } = await undo(s, 'u', { all: true }, false)
  expect([failed, kept.map(({ path, reason }) => [path, reason])]).toEqual([[], [[`'${tool}' del`, expect.stringMatching(/could not be told.*if it is there, this command takes it back/)]]])
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ outcomes: [], kept: [] })
})

test('a command that takes the probe away with it is left for the user to look at', async () => {
  const { home, tool, state, want } = registered()
  const s = session(state)
  await applyWants(s, 'demo', [want(tool)])
  const { failed, kept } = await undo(s, 'u', { all: true }, false)
  expect([failed, kept[0]?.reason, existsSync(`${home}/flag`)]).toEqual([[], expect.stringMatching(/ended well.*could not be told/), false])
})

test('a stop in the middle of taking back is no answer: it goes on the next time', async () => {
  const { home, state } = sandbox()
  const want: Want = { kind: 'exec', probe: ['test', '-e', `${home}/flag`], perform: ['touch', `${home}/flag`], undo: ['sh', '-c', `test -e ${home}/quick || sleep 30; rm ${home}/flag`] }
  const first = session(state)
  await applyWants(first, 'demo', [want])
  first.close()
  const stop = new AbortController()
  const s = session(state, [], stop.signal)
  setTimeout(() => stop.abort(), 200)
  await expect(undo(s, 'u', { all: true }, false)).rejects.toThrow()
  s.close()
  writeFileSync(`${home}/quick`, '')
  const last = session(state)
  await recover(last, 'v')
  expect([existsSync(`${home}/flag`), last.ledger.ops()[0]!.how]).toEqual([false, 'removed'])
})

test('what a command leaves at work is not waited for, and all that the command said is heard', async () => {
  const { home } = sandbox()
  onTestFinished(() => void execFileSync('sh', ['-c', `kill $(cat ${home}/pid)`]))
  const lines: string[] = []
  const began = performance.now()
  const script = `setsid sh -c 'echo $$ >${home}/pid; exec sleep 30' & i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done; echo last >&2; exit 3`
  const exit = await machine.run(['sh', '-c', script], { onOut: (line) => lines.push(line) })
  expect([exit.code, exit.tail.includes('last'), lines.length, lines.at(-1)]).toEqual([3, true, 20_000, '19999'])
  expect(performance.now() - began).toBeLessThan(10_000)
  expect(readFileSync(`/proc/${readFileSync(`${home}/pid`, 'utf8').trim()}/stat`, 'utf8')).toContain('(sleep)')
})
