import { execFileSync } from 'node:child_process'
import {
  appendFileSync, chmodSync, existsSync, linkSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync,
  unlinkSync, writeFileSync,
} from 'node:fs'
import { describe, expect, test } from 'vitest'
import { undo } from '../../src/apply/undo.ts'
import type { UndoneHow } from '../../src/model/ledger.ts'
import type { Want } from '../../src/model/change.ts'
import { torn } from '../../src/changes/text.ts'
import { meddled, type PathWant } from '../support/meddled.ts'
import { applyWants, sandbox, session } from '../support/sandbox.ts'

/** What the user does between apply and undo, and what must come of it: how it was undone, the kept reason, and the bytes that are there. */
type Case = [name: string, meddle: (path: string) => void, how: UndoneHow, kept: RegExp | null, left: string | null]

const read = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null)

async function judge(want: PathWant, prepare: (path: string) => void, [, meddle, how, kept, left]: Case): Promise<void> {
  const seen = await meddled(want, prepare, meddle)
  expect(seen.how).toBe(how)
  expect(seen.result.kept.map((k) => k.reason).join()).toMatch(kept ?? /^$/)
  expect(lstatSync(seen.path, { throwIfNoEntry: false })?.isFile() ? read(seen.path) : null).toBe(left)
  expect(seen.differences).toEqual([])
}

const toLink = (path: string): void => {
  writeFileSync(`${path}-victim`, 'victim')
  rmSync(path)
  symlinkSync(`${path}-victim`, path)
}

describe('a file that replaced one', () => {
  const want = { kind: 'file', path: '', content: 'ours\n', mode: 0o600 } as const
  const prepare = (path: string): void => writeFileSync(path, 'theirs\n', { mode: 0o644 })
  test.each<Case>([
    ['untouched', () => undefined, 'restored', null, 'theirs\n'],
    ['with another mode', (path) => chmodSync(path, 0o640), 'merged', null, 'theirs\n'],
    ['edited', (path) => appendFileSync(path, 'mine'), 'noop', /changed after/, 'ours\nmine'],
    ['gone', (path) => unlinkSync(path), 'noop', /what was there before is saved/, null],
    ['put back by hand', (path) => writeFileSync(path, 'theirs\n'), 'noop', /changed after|^$/, 'theirs\n'],
    ['now a link', toLink, 'noop', /is a link/, null],
    ['now a folder', (path) => {
      rmSync(path)
      mkdirSync(path)
    }, 'noop', /is a directory/, null],
  ])('%s', async (...one) => judge(want, prepare, one))

  test("the user's mode stays when it differs from both", async () => {
    const { path } = await meddled(want, prepare, (p) => chmodSync(p, 0o640))
    expect(statSync(path).mode & 0o777).toBe(0o640)
  })

  test('a link put in its place is not followed', async () => {
    const { path } = await meddled(want, prepare, toLink)
    expect(readFileSync(`${path}-victim`, 'utf8')).toBe('victim')
    expect(readlinkSync(path)).toBe(`${path}-victim`)
  })
})

describe('a block at the end of a file', () => {
  const want = { kind: 'block', path: '', name: 'demo', lines: ['A=1', 'B=2'] } satisfies PathWant
  const block = '# >>> gb10:demo >>>\nA=1\nB=2\n# <<< gb10:demo <<<\n'
  const prepare = (path: string): void => writeFileSync(path, 'mine')
  test.each<Case>([
    ['untouched', () => undefined, 'restored', null, 'mine'],
    ['with lines behind it', (path) => appendFileSync(path, 'C=3\n'), 'merged', null, 'mine\nC=3\n'],
    ['with lines before it', (path) => writeFileSync(path, `Z=0\n${read(path)}`), 'merged', null, 'Z=0\nmine'],
    ['changed inside', (path) => writeFileSync(path, read(path)!.replace('A=1', 'A=9')), 'noop', /our part/, `mine\n${block.replace('A=1', 'A=9')}`],
    ['with a marker taken out', (path) => writeFileSync(path, read(path)!.replace('# <<< gb10:demo <<<\n', '')), 'noop', /our part/, 'mine\n# >>> gb10:demo >>>\nA=1\nB=2\n'],
    ['twice', (path) => appendFileSync(path, block), 'noop', /our part/, `mine\n${block}${block}`],
    ['gone with its file', (path) => rmSync(path), 'merged', null, null],
    ['with another mode', (path) => chmodSync(path, 0o600), 'merged', null, 'mine'],
    ['taken out by hand', (path) => writeFileSync(path, 'mine'), 'noop', null, 'mine'],
    ["beside another tool's block", (path) => appendFileSync(path, '# >>> other >>>\nx\n# <<< other <<<\n'), 'merged', null, 'mine\n# >>> other >>>\nx\n# <<< other <<<\n'],
    ['bytes that are no text', (path) => appendFileSync(path, Buffer.from([0xff, 0x00, 0x0a])), 'merged', null, Buffer.concat([Buffer.from('mine\n'), Buffer.from([0xff, 0x00, 0x0a])]).toString()],
    ['now a link', toLink, 'noop', /is a link/, null],
  ])('%s', async (...one) => judge(want, prepare, one))
})

describe('an environment line that replaced one', () => {
  const want = { kind: 'env-line', path: '', name: 'PATH', value: '/new' } as const
  const prepare = (path: string): void => writeFileSync(path, 'A=1\nPATH=/old\nB=2\n')
  test.each<Case>([
    ['untouched', () => undefined, 'restored', null, 'A=1\nPATH=/old\nB=2\n'],
    ['with other lines changed', (path) => writeFileSync(path, read(path)!.replace('B=2', 'B=3')), 'merged', null, 'A=1\nPATH=/old\nB=3\n'],
    ['set to something else', (path) => writeFileSync(path, read(path)!.replace('/new', '/mine')), 'noop', /our part/, 'A=1\nPATH=/mine\nB=2\n'],
    ['taken out', (path) => writeFileSync(path, 'A=1\nB=2\n'), 'merged', null, 'A=1\nB=2\n'],
  ])('%s', async (...one) => judge(want, prepare, one))
})

describe('a link that replaced one', () => {
  const want = { kind: 'symlink', path: '', target: 'new' } as const
  const prepare = (path: string): void => symlinkSync('old', path)
  const relink = (to: string) => (path: string): void => {
    rmSync(path)
    symlinkSync(to, path)
  }
  test.each<[string, (path: string) => void, UndoneHow, RegExp | null, string | null]>([
    ['untouched', () => undefined, 'restored', null, 'old'],
    ['pointing elsewhere', relink('mine'), 'noop', /no longer points/, 'mine'],
    ['put back by hand', relink('old'), 'noop', null, 'old'],
    ['gone', (path) => rmSync(path), 'noop', /the link that was there before is saved/, null],
  ])('%s', async (_name, meddle, how, kept, target) => {
    const seen = await meddled(want, prepare, meddle)
    expect([seen.how, lstatSync(seen.path, { throwIfNoEntry: false }) ? readlinkSync(seen.path) : null]).toEqual([how, target])
    expect(seen.result.kept.map((k) => k.reason).join()).toMatch(kept ?? /^$/)
    expect(seen.differences).toEqual([])
  })
})

describe('a folder', () => {
  const want = { kind: 'directory', path: '', mode: 0o755 } as const
  test.each<[string, (path: string) => void, UndoneHow, RegExp | null, boolean]>([
    ['empty', () => undefined, 'removed', null, false],
    ['with a file in it', (path) => writeFileSync(`${path}/x`, ''), 'noop', /did not put there \(x\)/, true],
    ['gone', (path) => rmSync(path, { recursive: true }), 'noop', null, false],
    ['another one of that name', (path) => {
      renameSync(path, `${path}-away`)
      mkdirSync(path)
    }, 'noop', /another folder/, true],
    ['now a link', (path) => {
      rmSync(path, { recursive: true })
      mkdirSync(`${path}-victim`)
      symlinkSync(`${path}-victim`, path)
    }, 'noop', /now a link/, true],
  ])('%s', async (_name, meddle, how, kept, left) => {
    const seen = await meddled(want, () => undefined, meddle)
    expect([seen.how, lstatSync(seen.path, { throwIfNoEntry: false }) !== undefined]).toEqual([how, left])
    expect(seen.result.kept.map((k) => k.reason).join()).toMatch(kept ?? /^$/)
  })
})

test('a folder in a home that was copied to another disk goes, if it is empty', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  await applyWants(s, 'demo', ['empty', 'full'].map((name) => ({ kind: 'directory', path: `${home}/${name}`, mode: 0o755 })))
  s.close()
  writeFileSync(`${home}/full/mine`, '')
  execFileSync('cp', ['-a', home, `${home}-copy`])
  renameSync(home, `${home}-old`)
  renameSync(`${home}-copy`, home)
  const { kept, failed } = await undo(session(state), 'u', { all: true }, false)
  expect([failed, kept.map((k) => k.path), existsSync(`${home}/empty`)]).toEqual([[], [`${home}/full`], false])
})

test('a saved copy that is damaged is never written back', async () => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/f`, 'theirs')
  const s = session(state)
  await applyWants(s, 'demo', [{ kind: 'file', path: `${home}/f`, content: 'ours', mode: 0o644 }])
  const objects = `${state}/objects`
  for (const dir of readdirSync(objects)) for (const name of readdirSync(`${objects}/${dir}`)) writeFileSync(`${objects}/${dir}/${name}`, 'rot')
  const { failed, kept } = await undo(s, 'u', { all: true }, false)
  expect(failed).toEqual([])
  expect(kept[0]).toMatchObject({ path: `${home}/f`, reason: expect.stringMatching(/damaged/) })
  expect(readFileSync(`${home}/f`, 'utf8')).toBe('ours')
})

test('a file with two names is edited in both, and comes back in both', async () => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/.bashrc`, 'mine\n')
  linkSync(`${home}/.bashrc`, `${home}/dotfiles-bashrc`)
  const s = session(state)
  const { failed } = await applyWants(s, 'demo', [{ kind: 'block', path: `${home}/.bashrc`, name: 'demo', lines: ['A=1'] }])
  expect(failed).toBeNull()
  expect(statSync(`${home}/.bashrc`).nlink).toBe(2)
  await undo(s, 'u', { all: true }, false)
  expect([readFileSync(`${home}/.bashrc`, 'utf8'), readFileSync(`${home}/dotfiles-bashrc`, 'utf8')]).toEqual(['mine\n', 'mine\n'])
  expect(statSync(`${home}/.bashrc`).nlink).toBe(2)
})

describe('an edit in place that was cut off', () => {
  const before = 'mine\n'
  const after = 'mine\n# >>> gb10:demo >>>\nA=1\n# <<< gb10:demo <<<\n'
  test.each([
    ['growing', before, after, after.slice(0, 20)],
    ['shrinking, before the cut', after, before, after],
    ['changing in the middle', 'aaaa\n', 'bbbb\n', 'bbaa\n'],
    ['shrinking', 'long old text\n', 'new\n', 'new\n old text\n'],
  ])('%s is known', (name, from, to, text) => expect(torn(text, from, to)).toBe(!name.includes('before the cut')))

  test("is not taken for the user's own edit", () => expect([torn('mine\nx', before, after), torn(`${after}x`, before, after)]).toEqual([false, false]))

  test.each([20, 30])('comes back from its %i first bytes', async (bytes) => {
    const { home, state } = sandbox()
    writeFileSync(`${home}/f`, before)
    linkSync(`${home}/f`, `${home}/g`)
    const want: Want = { kind: 'block', path: `${home}/f`, name: 'demo', lines: ['A=1'] }
    const s = session(state)
    await applyWants(s, 'demo', [want])
    writeFileSync(`${home}/f`, after.slice(0, bytes))
    const { kept } = await undo(s, 'u', { all: true }, false)
    expect([kept, readFileSync(`${home}/g`, 'utf8')]).toEqual([[], before])
  })
})
