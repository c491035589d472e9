import { appendFileSync, chmodSync, lstatSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { statusOf } from '../../src/apply/status.ts'
import { verifyEverything } from '../../src/apply/verify-objects.ts'
import { peek } from '../../src/ledger/ledger.ts'
import { applyWants, machine, sandbox, session } from '../support/sandbox.ts'

/** A file and a link of ours, what somebody does to them, and what plain `status` and `status --verify` say then. */
async function after(meddle: (path: string) => void) {
  const { home, state } = sandbox()
  const s = session(state)
  await applyWants(s, 'demo', [
    { kind: 'file', path: `${home}/it`, content: 'ours\n', mode: 0o600 },
    { kind: 'symlink', path: `${home}/link`, target: `${home}/it` },
  ])
  meddle(`${home}/it`)
  const read = peek(s.machine, state)!
  const short = (lines: string[]): string[] => lines.map((line) => line.replaceAll(`${home}/`, ''))
  const { wrong } = await verifyEverything(s.machine, state, read, () => undefined)
  return { glance: short(statusOf(s.machine, state, read).recipes[0]!.drift), every: short(wrong) }
}

/** Edits a file and puts its time back, as `rsync --times` or a backup would. */
function inSecret(path: string): void {
  const { mtime } = lstatSync(path)
  writeFileSync(path, 'OURS\n')
  utimesSync(path, mtime, mtime)
}

test.each<[string, (path: string) => void, string[]]>([
  ['nothing', () => undefined, []],
  ['an edit', (path) => appendFileSync(path, 'mine'), ['it was changed']],
  ['an edit in secret', inSecret, ['it was changed']],
  ['another mode', (path) => chmodSync(path, 0o644), ['it has mode 644 instead of 600']],
  ['a removal', (path) => unlinkSync(path), ['it is gone']],
  ['a folder in its place', (path) => (rmSync(path), symlinkSync('/', path)), ['it is no longer a file']],
  ['another link', (path) => (rmSync(`${path.slice(0, -2)}link`), symlinkSync('/', `${path.slice(0, -2)}link`)), [expect.stringMatching(/^link does not point to /)]],
])('%s is told', async (_what, meddle, lines) => {
  const { glance, every } = await after(meddle)
  expect([glance, every]).toEqual([lines, lines])
})

test('a file of the same size with the very time it was left with is read by --verify alone', async () => {
  const same = await after((path) => {
    const { mtimeNs } = lstatSync(path, { bigint: true })
    writeFileSync(path, 'OURS\n')
    machine.setTimes(path, String(mtimeNs))
  })
  expect(same).toEqual({ glance: [], every: ['it was changed'] })
})
