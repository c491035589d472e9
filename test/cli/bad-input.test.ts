import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { seal } from '../../src/ledger/chain.ts'
import type { LedgerRecord } from '../../src/model/ledger.ts'
import { commandLine, gb10, newHome, type Home } from '../support/cli.ts'
import { manifestOf } from '../support/manifest.ts'
import { violations } from '../support/schemas.ts'
import { tiny, tinyWheels, wheel, wheelIndex } from '../support/wheel-index.ts'

/** A command line that must end with a code and a reason, and leave the home as it is. `prepare` furnishes that home first. */
type Case = [what: string, code: number, reason: RegExp, args: (home: string) => string[], prepare?: (home: string) => void]

const config = (text: string) => (home: string) => {
  mkdirSync(`${home}/.config/gb10`, { recursive: true })
  writeFileSync(`${home}/.config/gb10/config.yaml`, text)
}
const nowhere = 'http://127.0.0.1:65535/simple' // nothing listens there

const cases: Case[] = [
  ['an unknown command', 64, /unknown command 'stauts', did you mean status\?\n +Next: gb10 --help/, () => ['stauts']],
  ['an unknown option', 64, /unknown option '--yess', did you mean --yes\?\n +Next: gb10 apply --help/, () => ['apply', 'docling', '--yess']],
  ['an option of other commands alone', 64, /unknown option '--accept=MIT', which up and apply have\n +Next: gb10 status --help/, () => ['status', '--accept=MIT']],
  ['an option before the command', 64, /unknown option '--jsno', did you mean --json\?/, () => ['--jsno', 'status']],
  ['a pasted line that looks like an option', 64, /Next: gb10 explain -- '-bash: it'\\''s: command not found'/, () => ['explain', "-bash: it's: command not found"]],
  ['a mistyped option before a command', 64, /unknown option '--hepl', did you mean --help\?\n +Next: gb10 --help/, () => ['--hepl']],
  ['a choice that is none', 64, /Allowed choices are auto, always, never/, () => ['status', '--color', 'red']],
  ['a word that is none', 64, /'svae' is no action\. Allowed choices are save, compare\.\n +Next: gb10 baseline --help/, () => ['baseline', 'svae']],
  ['a missing word', 64, /missing required argument 'recipe'\n +Next: gb10 apply --help/, () => ['apply']],
  ['an unknown recipe', 64, /unknown recipe docing, did you mean docling\?/, () => ['apply', 'docing', '--yes']],
  ['an unknown recipe to look at', 64, /there is no recipe docing, did you mean docling\?\n +Next: gb10 recipes docling/, () => ['recipes', 'docing']],
  ['an unknown parameter', 64, /unknown parameter trch, did you mean torch\?/, () => ['apply', 'torch-cu130', '--set', 'trch=1', '--yes']],
  ['a value that is no choice', 64, /build/, () => ['apply', 'torch-cu130', '--set', 'build=cu129', '--yes']],
  ['a pair without =', 64, /--set takes NAME=VALUE, got "torch"\n +Next: --set torch=VALUE/, () => ['apply', 'torch-cu130', '--set', 'torch']],
  ['an unknown profile', 64, /unknown profile gp10, did you mean gb10\?/, () => ['up', '--profile', 'gp10', '--yes']],
  ['an unknown source', 64, /unknown source trch, did you mean torch\?/, () => ['apply', 'torch-cu130', '--source', 'trch=http://x/', '--yes']],
  ['a source of no known name', 64, /unknown source foo \(known: node, .*\)\n +Next: --source NAME=URL/, () => ['plan', 'docling', '--source', 'foo=http://x/']],
  ['a profile of no known name', 64, /unknown profile xyz \(known: gb10, cuda13, cpu\)\n +Next: --profile NAME/, () => ['up', '--profile', 'xyz']],
  ['an area of no known name', 78, /there is no area contaner, did you mean container\? \(known: .*\)\n +Next: gb10 doctor --area container/, () => ['doctor', '--area', 'contaner']],
  ['a problem that no check sees', 78, /candle-cuda-on-gb10 can only be seen in logs\n +Next: gb10 explain candle-cuda-on-gb10\n/, () => ['doctor', 'candle-cuda-on-gb10']],
  ['checks of another area', 78, /none of these checks is of area apt\n +Next: gb10 doctor cdi-spec-stale/, () => ['doctor', 'cdi-spec-stale', '--area', 'apt']],
  ['a password in an address', 64, /password/, () => ['apply', 'torch-cu130', '--source', 'torch=https://me:secret@x/', '--yes']],
  ['a password in parts of an address', 64, /the address of a holds a name or a password: put it into/, (home) => ['apply', `${home}/mine.yaml`, '--set', 'who=me:secret@', '--yes'],
    (home) => writeFileSync(`${home}/mine.yaml`, `name: mine
title: T
description: D.
parameters: {who: {type: string, default: none, help: who}}
changes: [{id: a, kind: clone, summary: A, path: '{home}/a', url: 'https://{who}git.example/x.git', revision: main}]
verifiedOn: []
references: []
`)],
  ['an environment that is not set up', 64, /torch is not set up here, did you mean torch-cu130\?\n +Next: gb10 apply torch-cu130/, () => ['env', 'torch']],
  ['a command in it', 64, /docling is not set up here\n +Next: gb10 apply docling/, () => ['run', 'docling', '--', 'true']],
  ['undo of what is not there', 64, /docling is no recipe or run that is set up here; nothing is set up/, () => ['undo', 'docling', '--yes']],
  ['no proof to run', 78, /nothing is set up here that could be proved\n +Next: gb10 up/, () => ['smoke']],
  ['a host that is not there', 78, /nowhere: does not exist/, (home) => ['detect', '--host', `${home}/nowhere`]],
  ['a folder that is no host', 78, /has no host\.yaml/, (home) => ['plan', 'docling', '--host', home]],
  ['a configuration that is not YAML', 78, /config\.yaml:3:2: expected well-formed YAML.*Next: nano \+3,2 \S+config\.yaml\n/s, () => ['plan', 'docling'], config('sources:\n  torch: [a\n b')],
  ['an unknown key in it', 78, /config\.yaml:1:1: .*did you mean sources\?/, () => ['plan', 'docling'], config('surces:\n  torch: http://x/\n')],
  ['a configuration of another shape', 78, /config\.yaml:1:10: sources: expected a mapping, got the number 3/, () => ['plan', 'docling'], config('sources: 3\n')],
  ['a configuration that is a folder', 78, /config\.yaml cannot be read \(error\)\n +Next: ls -ld /, () => ['plan', 'docling'],
    (home) => mkdirSync(`${home}/.config/gb10/config.yaml`, { recursive: true })],
  ['an unknown source in it', 78, /config\.yaml: unknown source trch, did you mean torch\?.*Next: nano /s, () => ['plan', 'docling'], config('sources: {trch: "http://x/"}\n')],
  ['an address in it that is none', 78, /config\.yaml: the address of source torch must start with/, () => ['apply', 'docling', '--yes'], config('sources: {torch: "ftp://x/"}\n')],
  ['a key that would steer the terminal', 78, /config\.yaml:1:1: sources ?: expected one of sources/, () => ['plan', 'docling'], config('"\\e[31msources\\r\\u2028\\u202E": 3\n')],
  ['a word that would', 78, /there is no check x y\n/, () => ['doctor', '\u001B[31mx\r\u2028\u202E\u0085y']],
  ['a path that is not ours', 1, /envs is there already and is not gb10's/, (home) => ['apply', 'torch-cu130', '--set', `path=${home}/envs`, '--yes'],
    (home) => mkdirSync(`${home}/envs`)],
  ["a file of the user's", 1, /nvcc is there already and is not gb10's\..* next: mv \S+ \S+\.before/, () => ['apply', 'nvcc-on-path', '--yes'], (home) => {
    mkdirSync(`${home}/.local/bin`, { recursive: true })
    writeFileSync(`${home}/.local/bin/nvcc`, 'mine\n')
  }],
  ['a path that is a link of the user', 1, /is there already and is not gb10's/, (home) => ['apply', 'torch-cu130', '--yes', '--set', `path=${home}/link`],
    (home) => symlinkSync('/etc', `${home}/link`)],
  ['a Python that is not there', 1, /Python 3\.14 was not found; found 3/, () => ['apply', 'torch-cu130', '--set', 'python=3.14', '--yes']],
  ['no network', 1, /nothing was changed, because this would not have worked: .*127\.0\.0\.1/, () => ['apply', ...tiny(nowhere), '--yes']],
  ['a report on stdout', 64, /- is no file\n +Next: gb10 doctor --format junit/, () => ['doctor', '--output', 'junit=-']],
  ['a bundle on stdout', 64, /- is no file.*\n +Next: gb10 report --output ANOTHER\.tar\.gz/, () => ['report', '--output', '-']],
  ['a file where a folder should be', 1, /m\/x\.tar\.gz cannot be written: \S+ m is no folder\n +Next: ls -ld '\//, (home) => ['report', '--output', `${home}/my m/x.tar.gz`],
    (home) => writeFileSync(`${home}/my m`, '')],
  ['a file on the way to a folder', 1, /mine is no folder: nothing was written/, (home) => ['detect', '--hardware', `${home}/mine/hw`],
    (home) => writeFileSync(`${home}/mine`, '')],
  ['a name that is too long', 1, /ENAMETOOLONG.*\n +Next: choose a shorter name/, (home) => ['detect', '--hardware', `${home}/${'a'.repeat(300)}`]],
  ['a state folder that is a link', 1, /gb10 is a link, not a folder\n +Next: make it a folder of your own/, () => ['status'], (home) => {
    mkdirSync(`${home}/.local/state`, { recursive: true })
    symlinkSync('/tmp', `${home}/.local/state/gb10`)
  }],
  ['a state folder that others may write', 1, /can be written by others \(mode 777\)/, () => ['apply', 'docling', '--yes'], (home) => {
    mkdirSync(`${home}/.local/state/gb10`, { recursive: true })
    chmodSync(`${home}/.local/state/gb10`, 0o777)
  }],
]

test.each(cases)('%s: exit %d', async (_what, code, reason, args, prepare) => {
  const home = newHome()
  prepare?.(home.home)
  const before = manifestOf(home.home)
  const [text, json] = await Promise.all([gb10(args(home.home), home), gb10([...args(home.home).filter((word) => word !== '--'), '--json'], home)])
  expect(text.stderr.replaceAll(/\n +(?=\S)(?!Next)/g, ' ')).toMatch(reason)
  expect(text.stderr).toMatch(/next: /i)
  expect(text.stderr).not.toMatch(/[\p{Cf}\u2028\u2029]|(?!\n)\p{Cc}/u)
  expect(text.code).toBe(code)
  expect(text.stdout).toBe('')
  expect(json.code).toBe(code)
  expect(violations(json.stdout)).toEqual([])
  expect(manifestOf(home.home)).toEqual(before)
})

test('an index without the wheel is found out before anything is changed', async () => {
  const home = newHome()
  const index = await wheelIndex([wheel('torch', '1.0'), wheel('torchvision', '0.9')])
  const ended = await gb10(['apply', ...tiny(index.url), '--yes'], home)
  expect(ended.stderr).toMatch(/nothing was changed, because this would not have worked:\n +.* has no torchvision 1\.0\n +Next: /)
  expect(ended.code).toBe(1)
  expect(manifestOf(home.home)).toEqual([])
})

test('a limit on the size of files is told, and is no bug of gb10', () => {
  const { home, env } = newHome()
  const argv = ['-c', 'ulimit -f 0; "$@"', 'bash', ...commandLine(['detect', '--host', `${import.meta.dirname}/../hosts/gb10-healthy`, '--hardware', `${home}/hw`])]
  const { status, stderr } = spawnSync('/bin/bash', argv, { env, encoding: 'utf8' })
  expect(stderr).toMatch(/EFBIG.*\n +Next: raise the limit on the size of files \(ulimit -f\)/)
  expect(status).toBe(1)
})

test.each([
  ['not set to a whole path', 'relative/path', /HOME is "relative\/path"/],
])('HOME %s', async (_what, HOME, reason) => {
  const home = newHome()
  const ended = await gb10(['status', '--json'], home, { HOME })
  expect(ended).toMatchObject({ code: 1 })
  expect(ended.stderr).toMatch(reason)
  expect(violations(ended.stdout, 'error')).toEqual([])
})

test.skipIf(process.geteuid!() !== 0)("another user's home is only looked at, and what was made there can be taken back", async () => {
  const home = newHome()
  const apply = ['apply', 'nvcc-on-path', '--yes']
  const first = manifestOf(home.home)
  expect((await gb10(apply, home)).code).toBe(0)
  chownSync(home.home, 4242, 4242)
  const before = manifestOf(home.home)
  for (const args of [apply, ['baseline', 'save']]) {
    const refused = await gb10(args, home)
    expect(refused.stderr).toMatch(/user belongs to another user \(uid 4242\).*: run gb10 as that user, by sudo -H -u '#4242' gb10 \.\.\.\n +Next: export HOME=/)
    expect(refused.code).toBe(1)
  }
  expect(manifestOf(home.home)).toEqual(before)
  expect((await gb10(['status'], home)).code).toBe(0)
  expect((await gb10(['uninstall', '--yes'], home)).code).toBe(0)
  chownSync(home.home, 0, 0)
  expect(manifestOf(home.home)).toEqual(first)
})

/** A home in which something is set up, and a change to its ledger. */
async function withLedger(change: (lines: string[]) => string[]): Promise<Home & { index: string }> {
  const home = newHome()
  const index = await wheelIndex(tinyWheels())
  expect((await gb10(['apply', ...tiny(index.url), '--yes'], home)).code).toBe(0)
  const file = `${home.home}/.local/state/gb10/ledger.jsonl`
  writeFileSync(file, change(readFileSync(file, 'utf8').split('\n').slice(0, -1)).map((line) => `${line}\n`).join(''))
  return { ...home, index: index.url }
}

/** The last record as a later gb10 would write it, with a hash that fits. */
function newer(lines: string[]): string[] {
  const { hash: _hash, ...record } = JSON.parse(lines.at(-1)!) as LedgerRecord
  return [...lines.slice(0, -1), seal({ ...record, v: 2 } as never).line.trimEnd()]
}

test.each([
  ['a damaged ledger', (lines: string[]) => lines.with(3, lines[3]!.replace('"v":1', '"v": 1')), /line 4: its hash does not fit its text/],
  ['a ledger that lacks its end', (lines: string[]) => lines.slice(0, -2), /are missing/],
  ['a ledger of a newer gb10', newer, /was written by a newer gb10 \(format 2, this gb10 knows 1\)/],
])('%s: gb10 only reads', async (_what, change, reason) => {
  const home = await withLedger(change)
  const before = manifestOf(home.home)
  const tries = [['undo', 'torch-cu130', '--yes'], ['uninstall', '--yes'], ['apply', ...tiny(home.index), '--yes'], ['resume'], ['env', 'torch-cu130']]
  for (const ended of await Promise.all(tries.map((args) => gb10(args, home)))) {
    expect(ended.stderr).toMatch(reason)
    expect(ended.stderr).toMatch(/Next: gb10 status --verify/)
    expect(ended).toMatchObject({ code: 1, stdout: '' })
  }
  const status = await gb10(['status', '--json'], home)
  expect(status.code).toBe(1)
  expect(violations(status.stdout, 'status')).toEqual([])
  expect(JSON.parse(status.stdout)).toMatchObject({ ledgers: [{ ok: false }], resume: null })
  expect(manifestOf(home.home)).toEqual(before)
})

test('a folder that is gone, with the user in it, is no bug of ours', () => {
  const { home, env } = newHome()
  const line = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
  const { status, stderr } = spawnSync('bash', ['-c', line, 'bash', ...commandLine(['report'])], { env, cwd: home, encoding: 'utf8' })
  expect([status, stderr]).toEqual([1, 'gb10: the folder that you are in is gone\n      Next: cd\n'])
})
