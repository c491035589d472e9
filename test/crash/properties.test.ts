import { appendFileSync, chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { openSession, type Session } from '../../src/apply/session.ts'
import { applyChanges } from '../../src/apply/run.ts'
import { recover } from '../../src/apply/recover.ts'
import { undo, verifyGone, type Selection } from '../../src/apply/undo.ts'
import { LedgerDamaged } from '../../src/ledger/ledger.ts'
import type { Want } from '../../src/model/change.ts'
import { change, machine } from '../support/sandbox.ts'
import { manifestOf } from '../support/manifest.ts'

// Random lives of a home: recipes come and go, the user works in between. On real folders, with the kinds that are quick.

const RECIPES: Record<string, (home: string) => Want[]> = {
  one: (h) => [
    { kind: 'directory', path: `${h}/shared/dir`, mode: 0o755 },
    { kind: 'file', path: `${h}/shared/dir/one.conf`, content: 'one\n', mode: 0o600 },
    { kind: 'file', path: `${h}/old.conf`, content: 'ours\n', mode: 0o644 },
    { kind: 'block', path: `${h}/.bashrc`, name: 'one', lines: ['A=1', 'B=2'] },
    { kind: 'env-line', path: `${h}/environment`, name: 'PATH', value: '/new' },
  ],
  two: (h) => [
    { kind: 'directory', path: `${h}/shared/dir`, mode: 0o755 },
    { kind: 'block', path: `${h}/.bashrc`, name: 'two', lines: ['C=3'] },
    { kind: 'symlink', path: `${h}/current`, target: 'new' },
    { kind: 'env-line', path: `${h}/environment`, name: 'CUDA', value: '/cuda' },
    { kind: 'cache', path: `${h}/cache` },
  ],
  three: (h) => [
    { kind: 'cache', path: `${h}/cache` },
    { kind: 'block', path: `${h}/fresh`, name: 'three', lines: ['D=4'] },
    { kind: 'symlink', path: `${h}/deep/er/link`, target: '/nowhere' },
  ],
}
const NAMES = Object.keys(RECIPES)

type World = { home: string; state: string; marks: string[]; added: Set<string> }
type Step = { do: string; recipe: string; n: number }

function furnish(): World {
  const home = realpathSync(mkdtempSync(`${tmpdir()}/gb10-property-`))
  writeFileSync(`${home}/old.conf`, 'theirs\n')
  writeFileSync(`${home}/.bashrc`, 'alias a=b')
  writeFileSync(`${home}/environment`, 'PATH=/usr/bin\nLANG=C')
  symlinkSync('old', `${home}/current`)
  return { home, state: `${home}/.state/gb10`, marks: [], added: new Set() }
}

const open = ({ state }: World): Session => openSession(machine, { folder: state, command: 'test', emit: () => undefined, signal: new AbortController().signal })

async function within<T>(world: World, work: (s: Session) => Promise<T>): Promise<T> {
  const s = open(world)
  try {
    await recover(s, 'recover')
    return await work(s)
  } finally {
    s.close()
  }
}

const apply = (world: World, recipe: string) =>
  within(world, (s) => applyChanges(s, `apply-${recipe}`, RECIPES[recipe]!(world.home).map((want, i) => change(recipe, `c${i}`, want))))

/** As the command does it: take back, verify, end the run. */
const takeBack = (world: World, selection: Selection) =>
  within(world, async (s) => {
    const result = await undo(s, 'undo', selection, false)
    expect(verifyGone(s)).toEqual([])
    s.ledger.append({ k: 'run.end', run: 'undo', status: 'done' }, false)
    return result
  })

/** What a user does; every byte they write holds a mark that must be found again at the end. */
const USER: Record<string, (w: World, n: number) => void> = {
  appendToBashrc(w, n) {
    if (lstatSync(`${w.home}/.bashrc`, { throwIfNoEntry: false })?.isFile()) note(w, n, (mark) => appendFileSync(`${w.home}/.bashrc`, `${mark}\n`))
  },
  prependToBashrc(w, n) {
    const path = `${w.home}/.bashrc`
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile()) note(w, n, (mark) => writeFileSync(path, `${mark}\n${readFileSync(path, 'utf8')}`))
  },
  editInsideBlock(w, n) {
    const path = `${w.home}/.bashrc`
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() && readFileSync(path, 'utf8').includes('\nA=1\n')) {
      note(w, n, (mark) => writeFileSync(path, readFileSync(path, 'utf8').replace('\nA=1\n', `\nA=${mark}\n`)))
    }
  },
  editEnvironment: (w, n) => note(w, n, (mark) => appendFileSync(`${w.home}/environment`, `\n${mark}=1\n`)),
  editOurFile(w, n) {
    if (lstatSync(`${w.home}/old.conf`, { throwIfNoEntry: false })?.isFile()) note(w, n, (mark) => appendFileSync(`${w.home}/old.conf`, `${mark}\n`))
  },
  addFile(w, n) {
    if (existsSync(`${w.home}/shared/dir`)) note(w, n, (mark) => writeFileSync(`${w.home}/shared/dir/user-${n}`, mark))
  },
  chmodFile: (w, n) => chmodSync(`${w.home}/environment`, n % 2 === 0 ? 0o600 : 0o640),
  deleteOurFile: (w) => rmSync(`${w.home}/shared/dir/one.conf`, { force: true }),
  swapForLink(w, n) {
    const victim = `${w.home}/victim-${w.marks.length}`
    note(w, n, (mark) => writeFileSync(victim, mark))
    const path = `${w.home}/fresh`
    rmSync(path, { force: true })
    symlinkSync(victim, path)
  },
  relink(w, n) {
    rmSync(`${w.home}/current`, { force: true })
    symlinkSync(`mine-${n}`, `${w.home}/current`)
  },
}

function note(w: World, n: number, write: (mark: string) => void): void {
  const mark = `user-mark-${w.marks.length}-${n}`
  write(mark)
  w.marks.push(mark)
}

/** Every byte under the home that a user finds: names and link targets too, but not gb10's own records and (unless asked) objects, which may go. */
const everything = (home: string, saved: 'kept' | 'objects'): string =>
  manifestOf(home).filter((l) => !l.startsWith('/.state/gb10/') || l.startsWith(`/.state/gb10/${saved}`)).map((line) => {
    const path = line.split(' ')[0]!
    const stat = lstatSync(home + path, { throwIfNoEntry: false })
    return stat?.isFile() ? readFileSync(home + path, 'latin1') : line
  }).join('\n')

const withoutState = (w: World): string[] => manifestOf(w.home).filter((l) => !l.startsWith('/.state'))

const act = (names: string[]) =>
  fc.array(fc.record({ do: fc.constantFrom(...names), recipe: fc.constantFrom(...NAMES), n: fc.nat(99) }), { minLength: 1, maxLength: 12 })

async function live(world: World, steps: Step[]): Promise<void> {
  for (const { do: what, recipe, n } of steps) {
    if (what === 'apply') await apply(world, recipe)
    else if (what === 'undo') await takeBack(world, { recipe })
    else if (what === 'undoAll') await takeBack(world, { all: true })
    else USER[what]!(world, n)
  }
}

const inWorld = async (work: (world: World) => Promise<void>): Promise<void> => {
  const world = furnish()
  try {
    await work(world)
  } finally {
    rmSync(world.home, { recursive: true, force: true })
  }
}

const numRuns = Number(process.env['GB10_PROPERTY_RUNS'] ?? 40)

test('without a hand of the user, taking all back restores everything, in whatever order things came', () =>
  fc.assert(fc.asyncProperty(act(['apply', 'apply', 'undo', 'undoAll']), (steps) => inWorld(async (world) => {
    const before = withoutState(world)
    await live(world, steps)
    const result = await takeBack(world, { all: true })
    expect(result).toMatchObject({ kept: [], failed: [] })
    expect(withoutState(world)).toEqual(before)
  })), { numRuns }), numRuns * 3000)

test('nothing that the user wrote is ever lost, and taking back twice is taking back once', () =>
  fc.assert(fc.asyncProperty(act(['apply', 'apply', 'undo', 'undoAll', ...Object.keys(USER)]), (steps) => inWorld(async (world) => {
    await live(world, steps)
    const { failed } = await takeBack(world, { all: true })
    expect(failed).toEqual([])
    const once = manifestOf(world.home).filter((l) => !l.startsWith('/.state/gb10/l') && !l.startsWith('/.state/gb10/head'))
    const again = await takeBack(world, { all: true })
    expect(again).toMatchObject({ outcomes: [], kept: [], failed: [] })
    expect(manifestOf(world.home).filter((l) => !l.startsWith('/.state/gb10/l') && !l.startsWith('/.state/gb10/head'))).toEqual(once)
    const bytes = everything(world.home, 'kept')
    for (const mark of world.marks) expect(bytes).toContain(mark)
    for (const theirs of ['alias a=b', 'theirs\n', 'LANG=C']) expect(bytes).toContain(theirs)
  })), { numRuns }), numRuns * 3000)

test('apply, undo, apply gives what the first apply gave', () =>
  fc.assert(fc.asyncProperty(fc.shuffledSubarray(NAMES, { minLength: 1 }), (names) => inWorld(async (world) => {
    const shape = (): string[] => withoutState(world).map((l) => l.replace(/ \d{19} /, ' ')).filter((l) => !l.includes('.gb10-tree'))
    for (const name of names) await apply(world, name)
    const first = shape()
    for (const name of names) await takeBack(world, { recipe: name })
    for (const name of names) await apply(world, name)
    expect(shape()).toEqual(first)
  })), { numRuns: 10 }), 60_000)

test('a ledger cut short removes nothing that it does not name', () =>
  fc.assert(fc.asyncProperty(act(['apply']), fc.nat(4000), (steps, bytes) => inWorld(async (world) => {
    mkdirSync(`${world.home}/shared`)
    writeFileSync(`${world.home}/shared/mine`, 'mine')
    await live(world, steps)
    const file = `${world.state}/ledger.jsonl`
    truncateSync(file, Math.max(0, lstatSync(file).size - bytes))
    try {
      await takeBack(world, { all: true })
    } catch (error) {
      expect(error).toBeInstanceOf(LedgerDamaged)
    }
    const all = everything(world.home, 'objects')
    for (const theirs of ['alias a=b', 'theirs\n', 'LANG=C', 'mine']) expect(all).toContain(theirs)
  })), { numRuns: 20 }), 60_000)
