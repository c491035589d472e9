import { appendFileSync, chmodSync, linkSync, lstatSync, mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { recover } from '../../src/apply/recover.ts'
import { rollBack } from '../../src/apply/roll-back.ts'
import { makeChanges } from '../../src/apply/run.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import type { Want } from '../../src/model/change.ts'
import { applyWants, change, sandbox, session } from '../support/sandbox.ts'
import { manifestOf } from '../support/manifest.ts'

const everyFileKind = (home: string): Want[] => [
  { kind: 'directory', path: `${home}/opt/deep`, mode: 0o750 },
  { kind: 'file', path: `${home}/opt/deep/new.conf`, content: 'a=1\n', mode: 0o640 },
  { kind: 'file', path: `${home}/old.conf`, content: 'ours\n', mode: 0o600 },
  { kind: 'block', path: `${home}/.bashrc`, name: 'demo', lines: ['export A=1', 'export B=2'] },
  { kind: 'block', path: `${home}/.profile`, name: 'demo', lines: ['export A=1'] },
  { kind: 'symlink', path: `${home}/bin/tool`, target: '/usr/bin/true' },
  { kind: 'symlink', path: `${home}/current`, target: 'new' },
  { kind: 'env-line', path: `${home}/environment`, name: 'PATH', value: '/new:/usr/bin' },
  { kind: 'env-line', path: `${home}/environment`, name: 'CUDA_HOME', value: '/usr/local/cuda' },
  { kind: 'cache', path: `${home}/.cache/gb10` },
]

function furnish(home: string): void {
  writeFileSync(`${home}/old.conf`, 'theirs\n', { mode: 0o644 })
  writeFileSync(`${home}/.bashrc`, 'alias ll="ls -l"') // no newline at its end
  symlinkSync('old', `${home}/current`)
  writeFileSync(`${home}/environment`, 'LANG=C\nPATH="/usr/bin"\n')
  chmodSync(`${home}/environment`, 0o664)
}

describe('a plan of every file kind', () => {
  test('is made, is found made, and is taken back exactly', async () => {
    const { home, state } = sandbox()
    furnish(home)
    const before = manifestOf(home)
    const s = session(state)
    const first = await applyWants(s, 'demo', everyFileKind(home))
    expect(first.failed).toBeNull()
    expect(first.outcomes.map((o) => o.status)).toEqual(everyFileKind(home).map(() => 'done'))
    expect(readFileSync(`${home}/.bashrc`, 'utf8')).toContain('\n# >>> gb10:demo >>>\nexport A=1\nexport B=2\n# <<< gb10:demo <<<\n')
    expect(readFileSync(`${home}/environment`, 'utf8')).toBe('LANG=C\nPATH=/new:/usr/bin\nCUDA_HOME=/usr/local/cuda\n')
    const again = await applyWants(s, 'demo', everyFileKind(home))
    expect(new Set(again.outcomes.map((o) => o.status))).toEqual(new Set(['skipped']))
    const result = await undo(s, 'u', { all: true }, false)
    expect(result).toMatchObject({ kept: [], failed: [] })
    expect(verifyGone(s)).toEqual([])
    expect(manifestOf(home).filter((line) => !line.startsWith('/.local'))).toEqual(before)
  })

  test('leaves what the user did since, and says so', async () => {
    const { home, state } = sandbox()
    furnish(home)
    const s = session(state)
    await applyWants(s, 'demo', everyFileKind(home))
    appendFileSync(`${home}/.bashrc`, 'mine=1\n')
    writeFileSync(`${home}/old.conf`, 'edited by hand\n')
    writeFileSync(`${home}/opt/deep/mine.txt`, 'x')
    const result = await undo(s, 'u', { all: true }, false)
    expect(readFileSync(`${home}/.bashrc`, 'utf8')).toBe('alias ll="ls -l"\nmine=1\n')
    expect(readFileSync(`${home}/old.conf`, 'utf8')).toBe('edited by hand\n')
    expect(readFileSync(result.kept.find((k) => k.path === `${home}/old.conf`)!.savedCopy!, 'utf8')).toBe('theirs\n')
    expect(readFileSync(`${home}/opt/deep/mine.txt`, 'utf8')).toBe('x')
    expect(result.kept.map((k) => k.path).sort()).toEqual([`${home}/old.conf`, `${home}/opt`, `${home}/opt/deep`])
    expect(verifyGone(s)).toEqual([])
  })
})

test('what is there already is never ours', async () => {
  const { home, state } = sandbox()
  mkdirSync(`${home}/data`)
  writeFileSync(`${home}/same`, 'x', { mode: 0o644 })
  const s = session(state)
  const { outcomes } = await applyWants(s, 'demo', [
    { kind: 'directory', path: `${home}/data`, mode: 0o755 },
    { kind: 'file', path: `${home}/same`, content: 'x', mode: 0o644 },
  ])
  expect(outcomes.map((o) => o.status)).toEqual(['skipped', 'skipped'])
  await undo(s, 'u', { all: true }, false)
  expect(readFileSync(`${home}/same`, 'utf8')).toBe('x')
})

test.each<[string, (home: string) => void, Want['kind']]>([
  ['a folder where a file should come', (home) => mkdirSync(`${home}/x`), 'file'],
  ['a link where a file should come', (home) => symlinkSync('/etc/passwd', `${home}/x`), 'file'],
  ['a file where a link should come', (home) => writeFileSync(`${home}/x`, 'mine'), 'symlink'],
  ['a folder with a pip cache where a cache should come', (home) => mkdirSync(`${home}/x/pip`, { recursive: true }), 'cache'],
  ['a file with two hard links', (home) => {
    writeFileSync(`${home}/y`, 'mine')
    linkSync(`${home}/y`, `${home}/x`)
  }, 'file'],
])('%s is refused and untouched', async (_name, prepare, kind) => {
  const { home, state } = sandbox()
  prepare(home)
  const s = session(state)
  const before = manifestOf(home)
  const wants = { file: { kind: 'file', path: `${home}/x`, content: 'c', mode: 0o644 }, symlink: { kind: 'symlink', path: `${home}/x`, target: 't' }, cache: { kind: 'cache', path: `${home}/x` } } as const
  const { failed } = await applyWants(s, 'demo', [wants[kind as keyof typeof wants]])
  expect(failed?.error).toContain(`${home}/x`)
  expect(manifestOf(home).filter((l) => !l.startsWith('/.local'))).toEqual(before.filter((l) => !l.startsWith('/.local')))
})

test('two recipes share a thing; the last one out takes it back', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  const shared: Want = { kind: 'cache', path: `${home}/.cache/gb10` }
  await applyWants(s, 'one', [shared])
  await applyWants(s, 'two', [shared, { kind: 'file', path: `${home}/.cache/two`, content: '', mode: 0o644 }])
  await undo(s, 'u', { recipe: 'one' }, false)
  expect(readFileSync(`${home}/.cache/gb10/CACHEDIR.TAG`, 'utf8')).toContain('8a477f59')
  const last = await undo(s, 'u', { recipe: 'two' }, false)
  expect(last).toMatchObject({ kept: [], failed: [] })
  expect(manifestOf(home).filter((l) => !l.startsWith('/.local'))).toEqual([])
})

test('taking back a run gives up what that run claimed, and nothing that another needs', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  const shared: Want = { kind: 'cache', path: `${home}/.cache/gb10` }
  await applyWants(s, 'one', [shared, { kind: 'file', path: `${home}/one`, content: '1', mode: 0o644 }])
  await applyWants(s, 'two', [shared, { kind: 'file', path: `${home}/two`, content: '2', mode: 0o644 }])
  await undo(s, 'u', { run: 'run-one' }, false)
  expect(manifestOf(home).map((l) => l.split(' ')[0]).filter((p) => !p!.startsWith('/.local'))).toEqual([
    '/.cache', '/.cache/gb10', '/.cache/gb10/.gb10-tree', '/.cache/gb10/CACHEDIR.TAG', '/two',
  ])
  await undo(s, 'u', { run: 'run-two' }, false)
  expect(manifestOf(home).filter((l) => !l.startsWith('/.local'))).toEqual([])
})

test('a run that is rolled back brings back what it had taken away to make room', async () => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/.bashrc`, 'mine\n')
  const s = session(state)
  const block = (line: string): Want => ({ kind: 'block', path: `${home}/.bashrc`, name: 'demo', lines: [line] })
  await applyWants(s, 'demo', [block('v=1')])
  const before = readFileSync(`${home}/.bashrc`, 'utf8')
  mkdirSync(`${home}/taken`)
  const wants: Want[] = [block('v=2'), { kind: 'clone', path: `${home}/taken`, url: 'u', revision: 'r' }]
  const second = await makeChanges(s, 'second', wants.map((want, i) => change('demo', `n${i}`, want)))
  expect(second.failed?.id).toBe('n1')
  expect(await rollBack(s, 'second')).toMatchObject({ failed: [], kept: [] })
  expect(readFileSync(`${home}/.bashrc`, 'utf8')).toBe(before)
})

test('a run that is rolled back brings back nothing that an earlier undo left half-done, or that was never begun', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  const wants = ['half', 'never'].map((name): Want => ({ kind: 'symlink', path: `${home}/${name}`, target: 'x' }))
  await applyWants(s, 'demo', wants)
  const [half, never] = s.ledger.ops()
  s.ledger.append({ k: 'undo.intent', run: 'u', op: half!.op, purge: false }, true)
  unlinkSync(`${home}/never`)
  never!.status = 'open'
  await recover(s, 'second')
  expect(await rollBack(s, 'second')).toMatchObject({ failed: [], kept: [] })
  expect(manifestOf(home).filter((l) => !l.startsWith('/.local'))).toEqual([])
})

test('undo of an upgrade whose old environment is gone leaves no link to nowhere, and says so', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  const link = (hash: string): Want => ({ kind: 'symlink', path: `${home}/env`, target: `${home}/.env-${hash}` })
  await makeChanges(s, 'one', [change('demo', 'link', link('11111111'))])
  mkdirSync(`${home}/.env-22222222`)
  await makeChanges(s, 'two', [change('demo', 'link', link('22222222'))])
  const { kept } = await undo(s, 'u', { run: 'two' }, false)
  expect(kept).toMatchObject([{ path: `${home}/env`, reason: expect.stringMatching(/went with the upgrade/) }])
  expect(lstatSync(`${home}/env`, { throwIfNoEntry: false })).toBeUndefined()
})

test('taking everything back after two upgrades keeps nothing', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  const link = (hash: string): Want => ({ kind: 'symlink', path: `${home}/env`, target: `${home}/.env-${hash}` })
  await makeChanges(s, 'one', [change('demo', 'link', link('11111111'))])
  await makeChanges(s, 'two', [change('demo', 'link', link('22222222'))])
  await makeChanges(s, 'three', [change('demo', 'link', link('33333333'))])
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ kept: [], failed: [] })
  expect(lstatSync(`${home}/env`, { throwIfNoEntry: false })).toBeUndefined()
})
