import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { realMachine } from '../../src/host/real.ts'
import { openSession } from '../../src/apply/session.ts'
import { sha256 } from '../../src/ledger/chain.ts'
import { recover } from '../../src/apply/recover.ts'
import { undo } from '../../src/apply/undo.ts'
import type { Want } from '../../src/model/change.ts'
import type { Machine } from '../../src/host/machine.ts'
import { applyWants, change, machine, sandbox, session } from '../support/sandbox.ts'
import { applyChanges } from '../../src/apply/run.ts'

const gitEnv = { PATH: process.env['PATH']!, LC_ALL: 'C.UTF-8', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }

function repository(path: string): { url: string; revision: string; git: (...args: string[]) => string } {
  mkdirSync(path)
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', path, '-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args], { env: { ...gitEnv, HOME: path }, encoding: 'utf8' }).trim()
  writeFileSync(`${path}/a.txt`, 'one\n')
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '-m', 'one')
  return { url: path, revision: git('rev-parse', 'HEAD'), git }
}

/** A machine on which the nth command of a kind fails after `first` was done, as a kill leaves it. */
const dyingAt = (m: Machine, at: (argv: readonly string[]) => boolean, leave: () => void): Machine => ({
  ...m,
  async run(argv, options) {
    if (!at(argv)) return m.run(argv, options)
    leave()
    return { code: null, signal: 'SIGKILL', tail: '' }
  },
})

const open = (m: Machine, state: string) => openSession(m, { folder: state, command: 'test', emit: () => undefined, signal: new AbortController().signal })

describe('a clone', () => {
  test('goes on after git was killed and left its locks', async () => {
    const { home, state } = sandbox()
    const repo = repository(`${home}/../repo`)
    const want: Want = { kind: 'clone', path: `${home}/src`, url: repo.url, revision: repo.revision }
    const plain = realMachine(gitEnv)
    const making = (): string => `${home}/${readdirSync(home).find((name) => name.startsWith('.gb10-clone-'))}`
    const leaveLocks = (): void => {
      for (const name of ['index.lock', 'shallow.lock', 'HEAD.lock', 'config.lock']) writeFileSync(`${making()}/.git/${name}`, '')
    }
    const first = open(dyingAt(plain, (argv) => argv.includes('checkout'), leaveLocks), state)
    expect((await applyChanges(first, 'r', [change('demo', 'c', want)])).failed?.error).toContain('git checkout')
    first.close()
    const second = open(plain, state)
    await recover(second, 'r')
    expect((await applyChanges(second, 'r', [change('demo', 'c', want)])).failed).toBeNull()
    expect(readFileSync(`${home}/src/a.txt`, 'utf8')).toBe('one\n')
    expect(readdirSync(`${home}/src/.git`).filter((n) => n.endsWith('.lock'))).toEqual([])
    expect(await undo(second, 'u', { all: true }, false)).toMatchObject({ kept: [], failed: [] })
    second.close()
    expect(existsSync(`${home}/src`)).toBe(false)
  })

  test("never works in the user's own repository, whatever GIT_DIR says", async () => {
    const { home, state } = sandbox()
    const repo = repository(`${home}/../repo`)
    const mine = repository(`${home}/mine`)
    writeFileSync(`${home}/mine/a.txt`, 'not committed\n')
    const before = [mine.git('rev-parse', 'HEAD'), mine.git('config', '--list', '--local'), readFileSync(`${home}/mine/a.txt`, 'utf8')]
    const s = open(realMachine({ ...gitEnv, GIT_DIR: `${home}/mine/.git`, GIT_WORK_TREE: `${home}/mine`, GIT_INDEX_FILE: `${home}/mine/.git/index` }), state)
    const { failed } = await applyChanges(s, 'r', [change('demo', 'c', { kind: 'clone', path: `${home}/src`, url: repo.url, revision: repo.revision })])
    s.close()
    expect(failed).toBeNull()
    expect([mine.git('rev-parse', 'HEAD'), mine.git('config', '--list', '--local'), readFileSync(`${home}/mine/a.txt`, 'utf8')]).toEqual(before)
    expect(existsSync(`${home}/src/.git/HEAD`)).toBe(true)
  })
})

test('a wheel is unpacked again after a kill while its program was written', async () => {
  const { home, state } = sandbox()
  const wheel = `${home}/../tool-1.0-py3-none-any.whl`
  writeFileSync(wheel, zipSync({ 'tool-1.0.data/scripts/tool': Buffer.from('#!/bin/sh\n') }))
  const want: Want = {
    kind: 'download', path: `${home}/tool`, licence: null, unpack: 'wheel',
    files: [{ url: `file://${wheel}`, name: 'tool-1.0-py3-none-any.whl', sha256: null, bytes: null }],
  }
  const dying: Machine = {
    ...machine,
    write(path, bytes, options) {
      if (!path.endsWith('/bin/tool')) return machine.write(path, bytes, options)
      writeFileSync(`${home}/tool/bin/${options.temp}`, 'half')
      throw new Error('killed')
    },
  }
  const first = open(dying, state)
  expect((await applyChanges(first, 'r', [change('demo', 'c', want)])).failed?.error).toBe('killed')
  first.close()
  const s = session(state)
  await recover(s, 'r')
  expect((await applyWants(s, 'demo', [want])).failed).toBeNull()
  expect(readdirSync(`${home}/tool/bin`)).toEqual(['tool'])
})

test('a file of which only the mode is to change gets it after a kill before the change', async () => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/f`, 'x')
  chmodSync(`${home}/f`, 0o644)
  const want: Want = { kind: 'file', path: `${home}/f`, content: 'x', mode: 0o600 }
  const dying: Machine = {
    ...machine,
    write(path, bytes, options) {
      if (path === `${home}/f`) throw new Error('killed')
      machine.write(path, bytes, options)
    },
  }
  const first = open(dying, state)
  await applyChanges(first, 'r', [change('demo', 'c0', want)])
  first.close()
  const s = session(state)
  await recover(s, 'r')
  await applyWants(s, 'demo', [want])
  expect(statSync(`${home}/f`).mode & 0o777).toBe(0o600)
  await undo(s, 'u', { all: true }, false)
  expect(statSync(`${home}/f`).mode & 0o777).toBe(0o644)
})

test('what a killed run left at work is ended before anything else', async () => {
  const { home, state } = sandbox()
  const slow: Want = { kind: 'exec', probe: ['test', '-e', `${home}/flag`], perform: ['sh', '-c', `sleep 0.4; touch ${home}/late; sleep 30`], undo: ['rm', '-f', `${home}/flag`] }
  const detached: Machine = {
    ...machine,
    async run(argv, options = {}) {
      if (argv[0] !== 'sh') return machine.run(argv, options)
      void machine.run(argv, options)
      await new Promise((done) => setTimeout(done, 100))
      return { code: null, signal: 'SIGKILL', tail: 'gb10 was killed here' }
    },
  }
  const first = open(detached, state)
  await applyChanges(first, 'r', [change('demo', 'c', slow)])
  first.close()
  const s = session(state)
  await recover(s, 'r')
  await new Promise((done) => setTimeout(done, 500))
  expect(existsSync(`${home}/late`)).toBe(false)
})

test('a cache of which only the unfinished mark was written is taken back', async () => {
  const { home, state } = sandbox()
  const dying: Machine = {
    ...machine,
    write(path, bytes, options) {
      if (!path.endsWith('/.gb10-tree')) return machine.write(path, bytes, options)
      writeFileSync(`${home}/cache/${options.temp}`, 'half')
      throw new Error('killed')
    },
  }
  const first = open(dying, state)
  await applyChanges(first, 'r', [change('demo', 'c', { kind: 'cache', path: `${home}/cache` })])
  first.close()
  expect(await undo(session(state), 'u', { all: true }, false)).toMatchObject({ kept: [], failed: [] })
  expect(existsSync(`${home}/cache`)).toBe(false)
})

test('what a user put into a download that was never finished stays', async () => {
  const { home, state } = sandbox()
  const files = ['a/one.bin', 'two.bin'].map((name) => ({ url: `file://${home}/${name.replace('/', '-')}`, name, sha256: null, bytes: null }))
  writeFileSync(`${home}/a-one.bin`, 'one')
  const s = session(state)
  const want: Want = { kind: 'download', path: `${home}/models`, files, licence: null, unpack: 'none' }
  expect((await applyWants(s, 'demo', [want])).failed).not.toBeNull()
  expect(existsSync(`${home}/models/a/one.bin`)).toBe(true)
  writeFileSync(`${home}/models/a/mine`, 'mine')
  const { kept, failed } = await undo(s, 'u', { all: true }, false)
  expect([failed, kept.length, existsSync(`${home}/models`)]).toEqual([[], 1, false])
  expect(readdirSync(`${kept[0]!.savedCopy}/a`)).toEqual(['mine'])
})

test('a file of a stopped download that no reference gives a hash for, and that is not as it came, is nobody\'s but the user\'s', async () => {
  const { home, state } = sandbox()
  const files = ['a', 'b'].map((name) => ({ url: `file://${home}/../${name}`, name, sha256: null, bytes: null }))
  writeFileSync(`${home}/../a`, 'file a')
  const want: Want = { kind: 'download', path: `${home}/models`, files, licence: null, unpack: 'none' }
  const s = session(state)
  expect((await applyWants(s, 'demo', [want])).failed?.error).toMatch(/b/)
  appendFileSync(`${home}/models/a`, 'mine')
  writeFileSync(`${home}/../b`, 'file b')
  expect((await applyWants(s, 'demo', [want])).failed?.error).toMatch(/a is not the file it should be/)
  const { kept, failed } = await undo(s, 'u', { all: true }, false)
  expect([failed, readFileSync(`${kept[0]!.savedCopy}/a`, 'utf8')]).toEqual([[], 'file amine'])
})

test('a download that was stopped and goes on takes in nothing that the user put there, and no wrong file', async () => {
  const { home, state } = sandbox()
  const files = ['a', 'b'].map((name) => ({ url: `file://${home}/../${name}`, name, sha256: sha256(`file ${name}`), bytes: null }))
  writeFileSync(`${home}/../a`, 'file a')
  const want: Want = { kind: 'download', path: `${home}/models`, files, licence: null, unpack: 'none' }
  const s = session(state)
  expect((await applyWants(s, 'demo', [want])).failed?.error).toMatch(/b/)
  writeFileSync(`${home}/models/mine.bin`, 'mine')
  writeFileSync(`${home}/models/b`, '<html>log in</html>')
  expect((await applyWants(s, 'demo', [want])).failed?.error).toMatch(/b is not the file it should be/)
  rmSync(`${home}/models/b`)
  writeFileSync(`${home}/../b`, 'file b')
  expect((await applyWants(s, 'demo', [want])).failed).toBeNull()
  const { kept } = await undo(s, 'u', { all: true }, false)
  expect(kept).toHaveLength(1)
  expect(readFileSync(`${kept[0]!.savedCopy}/mine.bin`, 'utf8')).toBe('mine')
})
