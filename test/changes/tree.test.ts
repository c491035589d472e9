import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import { PathChanged, type Machine } from '../../src/host/machine.ts'
import { applyChanges } from '../../src/apply/run.ts'
import { openSession } from '../../src/apply/session.ts'
import type { Want } from '../../src/model/change.ts'
import type { Event } from '../../src/model/event.ts'
import { mountedAt, openOn, refusing } from '../support/in-the-way.ts'
import { applyWants, change, machine, sandbox, session } from '../support/sandbox.ts'

/** Stands in for uv: a package of two modules, hard-linked from the cache as uv does it, under names of every sort. */
const UV = `#!/bin/sh
set -eu
if [ "$1" = venv ]; then
  for path; do :; done
  mkdir -p "$path/bin" "$path/lib/python3.12/site-packages"
  ln -sf "$(command -v python3)" "$path/bin/python"
else
  site="\${4%/bin/python}/lib/python3.12/site-packages"
  mkdir -p "$UV_CACHE_DIR/archive" "$site/demo" "$site/demo-1.0.dist-info"
  echo 'x = 1' >"$UV_CACHE_DIR/archive/a.py"
  ln "$UV_CACHE_DIR/archive/a.py" "$site/demo/__init__.py"
  cp "$UV_CACHE_DIR/archive/a.py" "$site/demo/two words
and a line.py"
  printf 'x' >"$site/demo/$(printf 'latin\\351')"
  : >"$site/demo-1.0.dist-info/METADATA"
fi
`

/** A home, and an environment that stands for every recipe's. */
function wanted() {
  const { home, state } = sandbox()
  writeFileSync(`${home}/../uv`, UV)
  chmodSync(`${home}/../uv`, 0o755)
  const path = `${home}/env`
  const want: Want = {
    kind: 'venv', path, python: '/usr/bin/python3', pythonVersion: '3.12', installer: 'uv', uv: `${home}/../uv`, cache: `${home}/../cache`,
    steps: [{ packages: ['demo'], index: 'default' }], constraints: [], variables: {}, promised: [{ distribution: 'demo', version: '1.0', localVersion: null }],
  }
  return { home, state, path, want }
}

async function withVenv() {
  const { home, state, path, want } = wanted()
  const s = session(state)
  const { failed } = await applyWants(s, 'demo', [want])
  expect(failed).toBeNull()
  return { home, state, path, site: `${path}/lib/python3.12/site-packages`, s, takeBack: (purge = false) => undo(s, 'u', { all: true }, purge) }
}

type World = Awaited<ReturnType<typeof withVenv>>

describe('a tree of packages', () => {
  test.each<[string, (w: World) => void]>([
    ['untouched', () => undefined],
    ['after its Python ran', ({ site }) => execFileSync('python3', ['-c', `import sys; sys.path.insert(0, ${JSON.stringify(site)}); import demo`])],
    ['after the cache that it shares files with went', ({ home }) => rmSync(`${home}/../cache`, { recursive: true })],
    ['with files the user took out', ({ site }) => rmSync(`${site}/demo`, { recursive: true })],
    ['that the user took away whole', ({ path }) => rmSync(path, { recursive: true })],
  ])('goes without a trace: %s', async (_name, meddle) => {
    const world = await withVenv()
    meddle(world)
    expect(await world.takeBack()).toMatchObject({ kept: [], failed: [] })
    expect(verifyGone(world.s)).toEqual([])
    expect(readdirSync(world.home)).toEqual(['.local'])
  })

  test.each<[string, (w: World) => void, RegExp, string, string]>([
    ['a file the user added', ({ path }) => writeFileSync(`${path}/notes.txt`, 'mine'), /1 file was.*notes.txt/, 'notes.txt', 'mine'],
    ['a file the user changed', ({ site }) => appendFileSync(`${site}/demo/__init__.py`, 'mine'), /1 file was/, 'lib/python3.12/site-packages/demo/__init__.py', 'x = 1\nmine'],
    ['a compiled file without its source', ({ site }) => {
      mkdirSync(`${site}/mine/__pycache__`, { recursive: true })
      writeFileSync(`${site}/mine/__pycache__/m.cpython-312.pyc`, 'mine')
    }, /1 file was/, 'lib/python3.12/site-packages/mine/__pycache__/m.cpython-312.pyc', 'mine'],
    ["the user's own package, in one line", ({ site }) => {
      for (const name of ['a.py', 'b.py', 'c.py']) {
        mkdirSync(`${site}/own`, { recursive: true })
        writeFileSync(`${site}/own/${name}`, 'mine')
      }
      mkdirSync(`${site}/own-2.0.dist-info`)
      writeFileSync(`${site}/own-2.0.dist-info/METADATA`, '')
    }, /4 files were.*\(packages: own\)/, 'lib/python3.12/site-packages/own/a.py', 'mine'],
  ])('%s is kept where it is found again', async (_name, meddle, reason, file, text) => {
    const world = await withVenv()
    meddle(world)
    const { kept } = await world.takeBack()
    expect(kept).toHaveLength(1)
    expect(kept[0]!.reason).toMatch(reason)
    expect(readFileSync(`${kept[0]!.savedCopy}/${file}`, 'utf8')).toBe(text)
    expect(existsSync(world.path)).toBe(false)
    expect(verifyGone(world.s)).toEqual([])
  })

  test('is removed with all that is in it when the data is to be purged', async () => {
    const world = await withVenv()
    writeFileSync(`${world.path}/notes.txt`, 'mine')
    expect(await world.takeBack(true)).toMatchObject({ kept: [], failed: [] })
    expect(readdirSync(world.home)).toEqual(['.local'])
  })

  test('a link in it is not followed', async () => {
    const world = await withVenv()
    mkdirSync(`${world.home}/documents`)
    writeFileSync(`${world.home}/documents/thesis`, 'mine')
    rmSync(`${world.site}/demo`, { recursive: true })
    symlinkSync(`${world.home}/documents`, `${world.site}/demo`)
    await world.takeBack(true)
    expect(readFileSync(`${world.home}/documents/thesis`, 'utf8')).toBe('mine')
  })

  test('another tree at its path is left alone', async () => {
    const world = await withVenv()
    rmSync(world.path, { recursive: true })
    mkdirSync(world.path)
    writeFileSync(`${world.path}/mine`, 'mine')
    const { kept } = await world.takeBack(true)
    expect(kept[0]!.reason).toMatch(/not the tree/)
    expect(readFileSync(`${world.path}/mine`, 'utf8')).toBe('mine')
  })

  test('a damaged manifest keeps the whole tree for the user', async () => {
    const world = await withVenv()
    for (const dir of readdirSync(`${world.state}/objects`)) rmSync(`${world.state}/objects/${dir}`, { recursive: true })
    writeFileSync(`${world.path}/notes.txt`, 'mine')
    const first = await world.takeBack()
    expect(first.kept).toContainEqual(expect.objectContaining({ path: world.path, reason: expect.stringMatching(/is gone/) }))
    const found = execFileSync('find', [world.home, '-name', 'notes.txt'], { encoding: 'utf8' }).trim()
    expect(readFileSync(found, 'utf8')).toBe('mine')
  })
})

describe('a folder swapped for a link', () => {
  const swapped = (home: string): void => {
    mkdirSync(`${home}/victim`)
    writeFileSync(`${home}/victim/f`, 'victim')
    renameSync(`${home}/place`, `${home}/away`)
    symlinkSync(`${home}/victim`, `${home}/place`)
  }
  test.each<Want['kind']>(['file', 'block', 'env-line', 'symlink', 'directory', 'cache'])('between looking and doing is refused (%s)', async (kind) => {
    const { home, state } = sandbox()
    mkdirSync(`${home}/place`)
    const path = `${home}/place/f`
    const wants: Record<string, Want> = {
      file: { kind: 'file', path, content: 'ours', mode: 0o644 }, block: { kind: 'block', path, name: 'demo', lines: ['A=1'] },
      'env-line': { kind: 'env-line', path, name: 'A', value: '1' }, symlink: { kind: 'symlink', path, target: 'x' },
      directory: { kind: 'directory', path, mode: 0o755 }, cache: { kind: 'cache', path },
    }
    const swapping: Machine = {
      ...machine,
      append(file) {
        const real = machine.append(file)
        return { ...real, write: (line) => (real.write(line), line.includes('"k":"intent"') ? swapped(home) : undefined) }
      },
    }
    const s = openSession(swapping, { folder: state, command: 'test', emit: () => undefined, signal: new AbortController().signal })
    const { failed } = await applyChanges(s, 'r', [change('demo', 'c', wants[kind]!)])
    s.close()
    expect(failed?.error).toBe(new PathChanged(`${home}/place`).message)
    expect([readdirSync(`${home}/victim`), readFileSync(`${home}/victim/f`, 'utf8')]).toEqual([['f'], 'victim'])
  })

  test('before undo is refused, and undo goes on once it is put right', async () => {
    const { home, state } = sandbox()
    mkdirSync(`${home}/place`)
    const s = session(state)
    await applyWants(s, 'demo', [{ kind: 'file', path: `${home}/place/f`, content: 'victim', mode: 0o644 }])
    swapped(home)
    const first = await undo(s, 'u', { all: true }, false)
    expect(first.failed[0]!.error).toBe(new PathChanged(`${home}/place`).message)
    expect(readFileSync(`${home}/victim/f`, 'utf8')).toBe('victim')
    rmSync(`${home}/place`)
    renameSync(`${home}/away`, `${home}/place`)
    expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
    expect(readdirSync(`${home}/place`)).toEqual([])
  })
})

test('a file of many names in a tree is judged by what it holds', async () => {
  const world = await withVenv()
  linkSync(`${world.site}/demo/__init__.py`, `${world.home}/elsewhere`)
  expect(await world.takeBack()).toMatchObject({ kept: [], failed: [] })
  expect(readFileSync(`${world.home}/elsewhere`, 'utf8')).toBe('x = 1\n')
})

describe('what is in the way of taking back', () => {
  test('a tree in which a disk is mounted stays whole until it is not', async () => {
    const { home, state, path, s } = await withVenv()
    s.close()
    let mount: string | null = `${path}/my data`
    const next = openOn(state, mountedAt(() => mount))
    const { failed, kept } = await undo(next, 'u', { all: true }, false)
    expect([failed[0]?.error, kept]).toEqual([expect.stringContaining(`sudo umount '${path}/my data'`), []])
    expect([existsSync(`${path}/lib`), readdirSync(home).filter((n) => n.includes('trash'))]).toEqual([true, []])
    mount = null
    expect(await undo(next, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
    expect([readdirSync(home), verifyGone(next)]).toEqual([['.local'], []])
    next.close()
  })

  test('of a tree with something of another user in it the rest goes, and the command for it is told', async () => {
    const { home, state, path, site, s } = await withVenv()
    s.close()
    mkdirSync(`${site}/demo/__pycache__`)
    writeFileSync(`${site}/demo/__pycache__/__init__.cpython-312.pyc`, '')
    const next = openOn(state, refusing('.pyc'))
    const { failed, kept } = await undo(next, 'u', { all: true }, false)
    expect([failed, kept.length, kept[0]!.path]).toEqual([[], 1, path])
    expect(kept[0]!.reason).toContain(`sudo rm -r ${kept[0]!.savedCopy}`)
    expect(existsSync(`${kept[0]!.savedCopy}/lib/python3.12/site-packages/demo/__pycache__/__init__.cpython-312.pyc`)).toBe(true)
    expect([existsSync(`${kept[0]!.savedCopy}/bin`), readdirSync(home), verifyGone(next)]).toEqual([false, ['.local'], []])
    next.close()
  })
})

test.each([false, true])('what its user put beside the packages of an environment that was never finished is kept (finished later: %s)', async (later) => {
  const { home, state, path, want } = wanted()
  const s = session(state)
  const dying: Machine = { ...machine, syncAll: () => Promise.reject(new Error('killed')) }
  expect((await applyWants({ ...s, machine: dying }, 'demo', [want])).failed?.error).toBe('killed')
  writeFileSync(`${path}/thesis.txt`, 'mine')
  const events: Event[] = []
  if (later) expect((await applyWants({ ...s, emit: (e) => events.push(e) }, 'demo', [want])).failed).toBeNull()
  const { failed, kept } = await undo(s, 'u', { all: true }, false)
  const told = [...kept, ...events.flatMap((e) => (e.type === 'kept' ? [e.kept] : []))]
  expect([failed, readdirSync(home), told.length]).toEqual([[], ['.local'], 1])
  expect([readdirSync(told[0]!.savedCopy!), readFileSync(`${told[0]!.savedCopy}/thesis.txt`, 'utf8')]).toEqual([['thesis.txt'], 'mine'])
})
