import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { expect, test } from 'vitest'
import { recover } from '../../src/apply/recover.ts'
import { openSession } from '../../src/apply/session.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import type { Machine } from '../../src/host/machine.ts'
import type { Want } from '../../src/model/change.ts'
import type { Event } from '../../src/model/event.ts'
import { mountedAt, openOn } from '../support/in-the-way.ts'
import { applyWants, machine, sandbox, session } from '../support/sandbox.ts'

const open = (state: string, m: Machine) =>
  openSession(m, { folder: state, command: 'test', emit: () => undefined, signal: new AbortController().signal })
const failing = (name: keyof Machine, path: string): Machine => ({
  ...machine,
  [name]: (at: string, ...rest: unknown[]) => {
    if (at === path) throw Object.assign(new Error('injected'), { code: 'EIO' })
    return (machine[name] as (...args: unknown[]) => unknown)(at, ...rest)
  },
})

test('a folder waits for what is in it and could not be taken back', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  await applyWants(s, 'demo', [
    { kind: 'symlink', path: `${home}/made/link`, target: 'x' },
    { kind: 'symlink', path: `${home}/other/link`, target: 'x' },
  ])
  s.close()
  const bad = open(state, failing('unlink', `${home}/made/link`))
  const { failed } = await undo(bad, 'u', { all: true }, false)
  bad.close()
  expect(failed.map((f) => f.error)).toEqual(['injected', expect.stringMatching(/^it waits for what is at .*made\/link/)])
  expect([existsSync(`${home}/made`), existsSync(`${home}/other`)]).toEqual([true, false])
  const good = session(state)
  expect(await undo(good, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect([existsSync(`${home}/made`), verifyGone(good)]).toEqual([false, []])
})

test('an older change of a path waits for the newer one', async () => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/f`, 'theirs')
  const s = session(state)
  for (const content of ['one', 'two']) await applyWants(s, 'demo', [{ kind: 'file', path: `${home}/f`, content, mode: 0o644 }])
  s.close()
  const bad = open(state, failing('write', `${home}/f`))
  expect((await undo(bad, 'u', { all: true }, false)).failed).toHaveLength(2)
  bad.close()
  const good = session(state)
  expect(await undo(good, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect(readFileSync(`${home}/f`, 'utf8')).toBe('theirs')
})

test('what the user does after a killed undo took a change back is no difference', async () => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/environment`, 'A=1\n')
  const s = session(state)
  await applyWants(s, 'demo', [{ kind: 'env-line', path: `${home}/environment`, name: 'B', value: '2' }])
  await undo(s, 'u', { all: true }, false)
  s.close() // killed here: the run has no end
  appendFileSync(`${home}/environment`, 'MINE=1\n')
  const next = session(state)
  await undo(next, 'u', { all: true }, false)
  expect(verifyGone(next)).toEqual([])
})

test('a file with several names gets its time back too, when the undo was killed before that', async () => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/f`, 'theirs\n')
  linkSync(`${home}/f`, `${home}/g`)
  utimesSync(`${home}/f`, 1_700_000_000, 1_700_000_000)
  const s = session(state)
  await applyWants(s, 'demo', [{ kind: 'block', path: `${home}/f`, name: 'demo', lines: ['A=1'] }])
  s.close()
  const bad = open(state, failing('setTimes', `${home}/f`))
  expect((await undo(bad, 'u', { all: true }, false)).failed).toHaveLength(1)
  bad.close()
  await undo(session(state), 'u', { all: true }, false)
  expect([readFileSync(`${home}/g`, 'utf8'), lstatSync(`${home}/f`).mtimeMs, lstatSync(`${home}/f`).nlink]).toEqual([
    'theirs\n',
    1_700_000_000_000,
    2,
  ])
})

test.each<[string, (path: string) => void]>([
  ['pointed elsewhere', (path) => symlinkSync('mine', path)],
  ['removed', () => undefined],
  ['replaced by a file', (path) => writeFileSync(path, 'mine')],
])('a link that stood where ours is is saved when ours was %s', async (_name, meddle) => {
  const { home, state } = sandbox()
  symlinkSync('theirs', `${home}/current`)
  const s = session(state)
  await applyWants(s, 'demo', [{ kind: 'symlink', path: `${home}/current`, target: 'ours' }])
  rmSync(`${home}/current`)
  meddle(`${home}/current`)
  const { kept } = await undo(s, 'u', { all: true }, false)
  expect(kept[0]!.reason).toContain('the link that was there before is saved')
  expect(readlinkSync(kept[0]!.savedCopy!)).toBe('theirs')
})

test('the newline of the first of two blocks goes with the last, though a kill came after the first was cut', async () => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/.bashrc`, 'theirs')
  const s = session(state)
  for (const name of ['first', 'second'])
    await applyWants(s, name, [{ kind: 'block', path: `${home}/.bashrc`, name, lines: ['A=1'] }])
  s.close()
  const killed = open(state, {
    ...machine,
    append: (path) => {
      const real = machine.append(path)
      return { ...real, write: (line) => (line.includes('"k":"undone"') ? expect.unreachable('killed') : real.write(line)) }
    },
  })
  await expect(undo(killed, 'u', { recipe: 'first' }, false)).rejects.toThrow('killed')
  killed.close()
  expect(await undo(session(state), 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect(readFileSync(`${home}/.bashrc`, 'utf8')).toBe('theirs')
})

test('a line that was put back already is not taken for an edit, though another of our lines is in the file', async () => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/environment`, 'PATH=/usr/bin\n')
  const s = session(state)
  await applyWants(s, 'first', [{ kind: 'env-line', path: `${home}/environment`, name: 'PATH', value: '/new' }])
  await applyWants(s, 'second', [{ kind: 'env-line', path: `${home}/environment`, name: 'CUDA', value: '/cuda' }])
  writeFileSync(`${home}/environment`, 'PATH=/usr/bin\nCUDA=/cuda\n')
  expect(await undo(s, 'u', { recipe: 'first' }, false)).toMatchObject({ failed: [], kept: [] })
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect(readFileSync(`${home}/environment`, 'utf8')).toBe('PATH=/usr/bin\n')
})

test("a mode that the user set while an undo was cut short is theirs, and no difference", async () => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/environment`, 'A=1\n', { mode: 0o644 })
  const s = session(state)
  await applyWants(s, 'demo', [{ kind: 'env-line', path: `${home}/environment`, name: 'A', value: '2' }])
  writeFileSync(`${home}/environment`, 'A=1\n')
  chmodSync(`${home}/environment`, 0o600)
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect([verifyGone(s), lstatSync(`${home}/environment`).mode & 0o777]).toEqual([[], 0o600])
})

test('a change that is in the way of its undo still does not keep another recipe from being applied', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  await applyWants(s, 'demo', [{ kind: 'cache', path: `${home}/cache` }])
  s.close()
  mkdirSync(`${home}/cache/uv`)
  const mounted = openOn(state, mountedAt(() => `${home}/cache/uv`))
  expect((await undo(mounted, 'u', { all: true }, false)).failed).toHaveLength(1)
  const events: Event[] = []
  await recover({ ...mounted, emit: (event) => events.push(event) }, 'r')
  expect(events).toEqual([{ type: 'kept', kept: expect.objectContaining({ path: `${home}/cache`, reason: expect.stringContaining('sudo umount') }) }])
  const wants: Want[] = [{ kind: 'symlink', path: `${home}/link`, target: 'x' }, { kind: 'cache', path: `${home}/cache` }]
  expect((await applyWants(mounted, 'other', wants)).failed).toBeNull()
  mounted.close()
  expect(await undo(session(state), 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect(existsSync(`${home}/cache`)).toBe(false)
})

test("a cache folder that was the user's before, and that they took away, is no difference", async () => {
  const { home, state } = sandbox()
  mkdirSync(`${home}/cache`)
  const s = session(state)
  await applyWants(s, 'demo', [{ kind: 'cache', path: `${home}/cache` }])
  rmSync(`${home}/cache`, { recursive: true })
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect(verifyGone(s)).toEqual([])
})

test('a file that was upgraded, lost with its folder and made again is taken back without a word', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  for (const [run, content] of ['1\n', '2\n', '1\n'].entries()) {
    await applyWants(s, 'demo', [{ kind: 'file', path: `${home}/made/it`, content, mode: 0o644 }])
    if (run === 1) rmSync(`${home}/made`, { recursive: true })
  }
  expect(readFileSync(`${home}/made/it`, 'utf8')).toBe('1\n')
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect([verifyGone(s), existsSync(`${home}/made`)]).toEqual([[], false])
})

test('a ledger that cannot be written any more ends the taking back at once, with its own name', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  await applyWants(s, 'demo', ['a', 'b', 'c'].map((name): Want => ({ kind: 'symlink', path: `${home}/${name}`, target: 'x' })))
  s.close()
  const events: Event[] = []
  const full: Machine = {
    ...machine,
    append: (path) => {
      const real = machine.append(path)
      const write = (line: string): void => {
        if (line.includes('"k":"undone"')) throw Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' })
        real.write(line)
      }
      return { ...real, write }
    },
  }
  const bad = openSession(full, { folder: state, command: 'test', emit: (event) => events.push(event), signal: new AbortController().signal })
  const ended = expect.objectContaining({ code: 'EIO', message: `${state}/ledger.jsonl cannot be written any more: EIO: i/o error, write` })
  await expect(undo(bad, 'u', { all: true }, false)).rejects.toEqual(ended)
  expect(() => bad.ledger.anchor()).toThrow('ledger.jsonl cannot be written any more')
  bad.close()
  expect([events.filter(({ type }) => type === 'start').length, readdirSync(home).filter((name) => name !== '.local')]).toEqual([1, ['a', 'b']])
  expect(await undo(session(state), 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
})
