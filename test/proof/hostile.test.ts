import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { clearState } from '../../src/apply/clear.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import { encodeName } from '../../src/host/names.ts'
import { peek } from '../../src/ledger/ledger.ts'
import type { Want } from '../../src/model/change.ts'
import { applyWants, machine, sandbox, session } from '../support/sandbox.ts'

const NAMES: Record<string, string> = {
  spaces: ' two  words ',
  newlines: 'one\ntwo\n',
  quotes: `'"$(touch x)\`\\;&*?`,
  'bytes that are no UTF-8': 'latin\udce9\udcff',
  'combining marks': 'e\u0301',
  dashes: '--force',
  'a name of the greatest length': 'n'.repeat(255),
  'letters of several bytes': '\u{1f600}'.repeat(63),
}

const KINDS = ['file', 'block', 'env-line', 'symlink', 'directory', 'cache', 'download'] as const

function wantOf(kind: (typeof KINDS)[number], path: string, from: string): Want {
  if (kind === 'file') return { kind, path, content: 'ours\n', mode: 0o600 }
  if (kind === 'block') return { kind, path, name: 'demo', lines: ['A=1'] }
  if (kind === 'env-line') return { kind, path, name: 'A', value: '1' }
  if (kind === 'symlink') return { kind, path, target: 'ours' }
  if (kind === 'directory') return { kind, path, mode: 0o755 }
  if (kind === 'cache') return { kind, path }
  return {
    kind,
    path,
    files: [{ url: `file://${from}`, name: 'weights', sha256: null, bytes: null }],
    licence: null,
    unpack: 'none',
  }
}

/** What stands at a path, read by its very bytes. */
function seen(path: string): string | null {
  const at = encodeName(path)
  const stat = lstatSync(at, { throwIfNoEntry: false })
  return stat ? (stat.isSymbolicLink() ? readlinkSync(at) : stat.isFile() ? readFileSync(at, 'utf8') : 'folder') : null
}

describe.each(Object.entries(NAMES))('a path with %s', (_name, name) => {
  test.each(KINDS)('is made and taken back (%s)', async (kind) => {
    const { home, state } = sandbox()
    const inside = `${home}/${name}`
    writeFileSync(`${home}/from`, 'weights')
    const replaces = ['file', 'block', 'env-line', 'symlink'].includes(kind)
    const path = `${inside}/${name}`
    mkdirSync(encodeName(inside))
    if (kind === 'symlink') symlinkSync('theirs', encodeName(path))
    else if (replaces) writeFileSync(encodeName(path), 'theirs\n')
    const before = seen(path)
    const s = session(state)
    const { failed } = await applyWants(s, 'demo', [wantOf(kind, path, `${home}/from`)])
    expect(failed?.error ?? null).toBeNull()
    expect(seen(path)).not.toBe(before)
    expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
    expect([seen(path), verifyGone(s)]).toEqual([before, []])
    expect(peek(machine, state)!.damage).toBeNull()
  })

  test.each(['file', 'symlink', 'download'] as const)('keeps what the user did there (%s)', async (kind) => {
    const { home, state } = sandbox()
    writeFileSync(`${home}/from`, 'weights')
    const path = `${home}/${name}`
    if (kind === 'file') writeFileSync(encodeName(path), 'theirs\n')
    if (kind === 'symlink') symlinkSync('theirs', encodeName(path))
    const s = session(state)
    await applyWants(s, 'demo', [wantOf(kind, path, `${home}/from`)])
    if (kind === 'file') appendFileSync(encodeName(path), 'mine')
    if (kind === 'download') writeFileSync(encodeName(`${path}/${name}`), 'mine')
    if (kind === 'symlink') rmSync(encodeName(path))
    const { kept, failed } = await undo(s, 'u', { all: true }, false)
    expect([failed, kept.length]).toEqual([[], 1])
    const saved = kept[0]!.savedCopy!
    expect(seen(kind === 'download' ? `${saved}/${name}` : saved)).toBe(
      { file: 'theirs\n', symlink: 'theirs', download: 'mine' }[kind],
    )
  })
})

test('a path longer than one system call takes is walked to', async () => {
  const { home, state } = sandbox()
  const deep = `${home}/${Array.from({ length: 40 }, (_, i) => String(i).padEnd(120, 'd')).join('/')}`
  const s = session(state)
  const wants: Want[] = [
    { kind: 'file', path: `${deep}/f`, content: 'ours', mode: 0o644 },
    { kind: 'symlink', path: `${deep}/l`, target: 'x' },
  ]
  expect((await applyWants(s, 'demo', wants)).failed).toBeNull()
  expect(machine.read(`${deep}/f`).toString()).toBe('ours')
  expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
  expect(machine.list(home)).toEqual(['.local'])
})

const other = ['/dev/shm', '/tmp', tmpdir()].find(
  (folder) => existsSync(folder) && lstatSync(folder).dev !== lstatSync(tmpdir()).dev,
)

test.skipIf(other === undefined)('with the home on another disk, what is kept stays beside where it was', async () => {
  const { home } = sandbox()
  const elsewhere = realpathSync(mkdtempSync(`${other}/gb10-test-`))
  onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }))
  writeFileSync(`${home}/from`, 'weights')
  const state = `${elsewhere}/state/gb10`
  const s = session(state)
  await applyWants(s, 'demo', [wantOf('download', `${home}/models`, `${home}/from`)])
  writeFileSync(`${home}/models/mine`, 'mine')
  const { kept, failed } = await undo(s, 'u', { all: true }, false)
  expect(failed).toEqual([])
  expect(kept[0]!.savedCopy).toMatch(/\/models\.kept-/)
  expect(readFileSync(`${kept[0]!.savedCopy}/mine`, 'utf8')).toBe('mine')
  s.close()
  rmSync(kept[0]!.savedCopy!, { recursive: true })
  clearState(machine, state, home)
  expect(machine.list(elsewhere)).toEqual([])
})

describe('links planted where gb10 works', () => {
  test.each(['ledger.jsonl', 'head.json', 'objects'])('%s in the state folder is not followed', async (name) => {
    const { home, state } = sandbox()
    const s = session(state)
    writeFileSync(`${home}/f`, 'theirs')
    await applyWants(s, 'demo', [{ kind: 'file', path: `${home}/f`, content: 'ours', mode: 0o644 }])
    s.ledger.anchor()
    s.close()
    renameSync(`${state}/${name}`, `${home}/elsewhere`)
    symlinkSync(`${home}/elsewhere`, `${state}/${name}`)
    const victim = machine.lstat(`${home}/elsewhere`)!
    await expect(
      (async () => {
        const { failed } = await undo(session(state), 'u', { all: true }, false)
        if (failed.length > 0) throw new Error(failed[0]!.error)
      })(),
    ).rejects.toThrow()
    expect(machine.lstat(`${home}/elsewhere`)).toMatchObject({ ino: victim.ino, size: victim.size, mtimeNs: victim.mtimeNs })
    expect(readFileSync(`${home}/f`, 'utf8')).toBe('ours')
  })

  test('a link at the name of a sentinel or a temporary file leads nowhere', async () => {
    const { home, state } = sandbox()
    writeFileSync(`${home}/victim`, 'victim')
    const s = session(state)
    mkdirSync(`${home}/cache`)
    symlinkSync(`${home}/victim`, `${home}/cache/.gb10-tree.tmp`)
    expect((await applyWants(s, 'demo', [{ kind: 'cache', path: `${home}/cache` }])).failed).not.toBeNull()
    await undo(s, 'u', { all: true }, true)
    expect([readFileSync(`${home}/victim`, 'utf8'), readlinkSync(`${home}/cache/.gb10-tree.tmp`)]).toEqual([
      'victim',
      `${home}/victim`,
    ])
  })
})
