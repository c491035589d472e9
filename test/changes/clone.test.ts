import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { recover } from '../../src/apply/recover.ts'
import { undo } from '../../src/apply/undo.ts'
import type { Machine } from '../../src/host/machine.ts'
import type { Want } from '../../src/model/change.ts'
import { applyWants, machine, sandbox, session } from '../support/sandbox.ts'

type Git = (...args: string[]) => string

const gitIn = (path: string): Git => (...args) => {
  const env = { PATH: process.env['PATH']!, HOME: path, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
  return execFileSync('git', ['-C', path, '-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args], { env, encoding: 'utf8' }).trim()
}

/** A small repository. */
function repository(source: string): { url: string; revision: string } {
  mkdirSync(`${source}/sub`, { recursive: true })
  for (const name of ['a', 'b', 'sub/c']) writeFileSync(`${source}/${name}`, `${name}\n`)
  const origin = gitIn(source)
  origin('init', '--quiet')
  origin('add', '.')
  origin('commit', '--quiet', '-m', 'one')
  return { url: source, revision: origin('rev-parse', 'HEAD') }
}

/** A finished clone of it, what its user does in it, and what is kept of it by undo. */
async function used(use: (git: Git, path: string) => void) {
  const { home, state } = sandbox()
  const path = `${home}/src`
  const s = session(state)
  const { failed } = await applyWants(s, 'demo', [{ kind: 'clone', path, ...repository(`${home}/../source`) }])
  expect(failed).toBeNull()
  use(gitIn(path), path)
  const undone = await undo(s, 'u', { all: true }, false)
  expect([undone.failed, existsSync(path)]).toEqual([[], false])
  return undone.kept
}

describe("of a clone undo takes what is not its user's", () => {
  test.each<[string, (git: Git, path: string) => void]>([
    ['looked at', (git) => git('status') + git('log') + git('diff')],
    ['cleaned', (git) => git('clean', '-fdq')],
    ['cleaned of what it ignores, too', (git) => git('clean', '-fdxq')],
  ])('all, where it was only %s', async (_name, use) => {
    expect(await used(use)).toEqual([])
  })

  test('and nothing of its own is shown as new', async () => {
    await used((git) => expect(git('status', '--short')).toBe(''))
  })

  test.each<[string, (git: Git, path: string) => void, (git: Git) => string, string]>([
    ['a commit', (git, path) => (appendFileSync(`${path}/a`, 'mine\n'), git('commit', '-qam', 'mine')), (git) => git('log', '-1', '--format=%s'), 'mine'],
    ['a branch', (git) => git('branch', 'mine'), (git) => git('branch', '--format=%(refname:short)', '--list', 'mine'), 'mine'],
    ['a tag that was packed', (git) => git('tag', 'mine') + git('pack-refs', '--all'), (git) => git('tag'), 'mine'],
    ['a stash', (git, path) => (appendFileSync(`${path}/a`, 'mine\n'), git('stash', '-q')), (git) => git('stash', 'list').slice(0, 9), 'stash@{0}'],
    ['all of it packed', (git, path) => (appendFileSync(`${path}/a`, 'mine\n'), git('stash', '-q') + git('gc', '-q')), (git) => git('show', 'stash:a'), 'a\nmine'],
  ])('a repository with %s is kept whole', async (_name, use, look, expected) => {
    const [only, ...more] = await used((git, path) => {
      use(git, path)
      writeFileSync(`${path}/new`, 'new')
    })
    expect([more, only!.reason]).toEqual([[], expect.stringMatching(/its repository .* is kept whole/)])
    const place = only!.savedCopy!
    expect([look(gitIn(place)), gitIn(place)('fsck', '--connectivity-only')]).toEqual([expected, ''])
    expect([readFileSync(`${place}/new`, 'utf8'), readdirSync(place).includes('b')]).toEqual(['new', false])
  })

  test('only the files, where it was not used with git', async () => {
    const [only] = await used((_git, path) => appendFileSync(`${path}/a`, 'mine\n'))
    expect(readdirSync(only!.savedCopy!)).toEqual(['a'])
  })
})

/** Where a clone in the making lies. */
const makingIn = (home: string): string => `${home}/${readdirSync(home).find((name) => name.startsWith('.gb10-clone-'))}`

/** A clone whose making was killed when `method` was called for a path. */
async function killedAt(method: 'walk' | 'rename', when: (path: string) => boolean) {
  const { home, state } = sandbox()
  const want: Want = { kind: 'clone', path: `${home}/src`, ...repository(`${home}/../source`) }
  const dying: Machine = {
    ...machine,
    [method]: (path: string, ...rest: [never]) => {
      if (when(path)) throw new Error('killed')
      return machine[method](path, ...rest)
    },
  }
  const s = session(state)
  expect((await applyWants({ ...s, machine: dying }, 'demo', [want])).failed?.error).toBe('killed')
  return { home, want, s }
}

test.each([false, true])('what its user put into a clone that was never finished is kept (finished later: %s)', async (later) => {
  const { home, want, s } = await killedAt('walk', (root) => root.includes('/.gb10-clone-'))
  for (const name of ['mine', 'sub/"mine"\tand\rmine']) writeFileSync(`${makingIn(home)}/${name}`, 'mine')
  if (later) expect((await applyWants(s, 'demo', [want])).failed).toBeNull()
  const { failed, kept } = await undo(s, 'u', { all: true }, false)
  expect([failed, readdirSync(home)]).toEqual([[], ['.local']])
  expect(new Set(readdirSync(kept[0]!.savedCopy!, { recursive: true, encoding: 'utf8' }))).toEqual(new Set(['mine', 'sub', 'sub/"mine"\tand\rmine']))
})

test('nobody can work in a clone before it is whole: until then its place is empty', async () => {
  const { home, want, s } = await killedAt('rename', (path) => path.includes('/.gb10-clone-'))
  expect([existsSync(want.path), existsSync(`${makingIn(home)}/a`)]).toEqual([false, true])
  writeFileSync(want.path, 'mine')
  await recover(s, 'r')
  expect((await applyWants(s, 'demo', [want])).failed?.error).toMatch(/was made by someone meanwhile/)
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect(readdirSync(home).toSorted()).toEqual(['.local', 'src'])
})

test('what its user did in a clone between its last step and a kill is theirs', async () => {
  const { home, state } = sandbox()
  const want: Want = { kind: 'clone', path: `${home}/src`, ...repository(`${home}/../source`) }
  const s = session(state)
  const append: typeof s.ledger.append = (record, sync) => (record.k === 'done' || record.k === 'failed' ? expect.unreachable('killed') : s.ledger.append(record, sync))
  expect((await applyWants({ ...s, ledger: { ...s.ledger, append } }, 'demo', [want])).failed?.error).toContain('killed')
  appendFileSync(`${want.path}/a`, 'mine\n')
  const git = gitIn(want.path)
  git('commit', '-qam', 'mine')
  await recover(s, 'r')
  expect((await applyWants(s, 'demo', [want])).outcomes[0]?.status).toBe('skipped')
  const { failed, kept } = await undo(s, 'u', { all: true }, false)
  expect([failed, readdirSync(home)]).toEqual([[], ['.local']])
  expect(gitIn(kept[0]!.savedCopy!)('show', 'HEAD:a')).toBe('a\nmine')
})

test('a clone whose undo was in the way of something is not made again over what its user did in it', async () => {
  const { home, state } = sandbox()
  const want: Want = { kind: 'clone', path: `${home}/src`, ...repository(`${home}/../source`) }
  const s = session(state)
  expect((await applyWants(s, 'demo', [want])).failed).toBeNull()
  appendFileSync(`${want.path}/a`, 'my week of work\n')
  const rename: Machine['rename'] = () => {
    throw Object.assign(new Error('closed'), { code: 'EACCES' })
  }
  const closed = { ...s, machine: { ...machine, rename } }
  expect((await undo(closed, 'u', { all: true }, false)).failed).toHaveLength(1)
  await recover(closed, 'r')
  expect((await applyWants(closed, 'demo', [want])).failed?.error).toBe('closed')
  expect(readFileSync(`${want.path}/a`, 'utf8')).toBe('a\nmy week of work\n')
  expect((await applyWants(s, 'demo', [want])).failed).toBeNull()
  expect(readFileSync(`${want.path}/a`, 'utf8')).toBe('a\n')
  await undo(s, 'u', { all: true }, false)
  const kept = readdirSync(`${state}/kept`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('/src/a'))
  expect(kept.map((name) => readFileSync(`${state}/kept/${name}`, 'utf8'))).toEqual(['a\nmy week of work\n'])
})
