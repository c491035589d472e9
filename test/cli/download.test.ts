import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { commandLine, gb10, newHome, type Home } from '../support/cli.ts'
import { manifestOf } from '../support/manifest.ts'
import { violations } from '../support/schemas.ts'

const body = 'weights'

/** A recipe of the user's with a download under a licence and one without, whose consent is given already. */
async function licensed(): Promise<Home & { apply: string[]; models: string }> {
  const server = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((done) => server.once('listening', done))
  const { home, env } = newHome()
  const file = `{name: weights.bin, url: 'http://127.0.0.1:${(server.address() as AddressInfo).port}/w', sha256: null, bytes: 7}`
  const recipe = `name: mine
title: Models
description: Two downloads.
changes:
  - {id: model, kind: download, summary: A model, path: '{home}/models/a', licence: Some-1.0, files: [${file}]}
  - {id: free, kind: download, summary: Another, path: '{home}/models/b', files: [${file}]}
licences:
  - {name: Some-1.0, url: 'https://licence.example', covers: the model}
  - {name: Other-2.0, url: 'https://other.example', covers: something that is not downloaded}
verifiedOn: []
references: []
`
  writeFileSync(`${home}/mine.yaml`, recipe)
  const sha = createHash('sha256').update(recipe).digest('hex')
  return { home, env, models: `${home}/models`, apply: ['apply', `${home}/mine.yaml`, '--accept', sha] }
}

/** Runs it on a terminal, where a person answers. */
function onTerminal(args: string[], { env }: Home, answer: string): Promise<{ code: number | null; text: string }> {
  const line = commandLine(args).map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qefc', line, '/dev/null'], { env: { ...env, TERM: 'dumb' } })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
    if (text.includes('[y/N]')) child.stdin.end(`${answer}\n`)
  })
  return new Promise((done) => child.on('close', (code) => done({ code, text })))
}

test('--yes accepts no licence: each is named, until what it covers is there', async () => {
  const home = await licensed()
  const before = manifestOf(home.home)
  for (const words of [['--yes'], []]) {
    const refused = await gb10([...home.apply, ...words], home)
    expect(refused.code).toBe(64)
    expect(refused.stderr).toMatch(/nothing was changed\n +Some-1\.0: the model, https:\/\/licence\.example\n +Next: gb10 apply .* --yes --accept Some-1\.0\n/)
  }
  expect(manifestOf(home.home)).toEqual(before)
  const accepted = [...home.apply, '--yes', '--accept', 'Some-1.0']
  expect(await gb10(accepted, home)).toMatchObject({ code: 0 })
  expect(await gb10(accepted, home)).toMatchObject({ code: 0 })
  expect(await gb10([...home.apply, '--yes'], home)).toMatchObject({ code: 0 })
})

test('what came without a published hash is shown, and written down with its licence', async () => {
  const home = await licensed()
  const applied = await gb10([...home.apply, '--yes', '--accept', 'Some-1.0', '--json'], home)
  expect(violations(applied.stdout, 'apply')).toEqual([])
  const sha256 = createHash('sha256').update(body).digest('hex')
  const came = ['mine/model', 'mine/free'].map((change) => ({ change, name: 'weights.bin', sha256 }))
  expect(JSON.parse(applied.stdout)).toMatchObject({ came })
  const page = readFileSync(`${home.home}/.local/state/gb10/SYSTEM_CHANGES.md`, 'utf8')
  expect(page).toMatch(/^- A model at .*; licence Some-1\.0$/m)
  expect(page).toMatch(/^- Another at .*; undo: full$/m)
  expect(page.match(/^ {2}- `weights\.bin` came with sha256 (\w+)/gm)).toHaveLength(2)
  expect(page).toContain(sha256)
  expect(JSON.parse((await gb10([...home.apply, '--yes', '--json'], home)).stdout)).toMatchObject({ came: [] })
})

test('an --accept that names nothing is no consent to anything', async () => {
  const home = await licensed()
  const ended = await gb10([...home.apply, '--yes', '--accept', 'some-1.0'], home)
  expect(ended.code).toBe(64)
  expect(ended.stderr).toMatch(/--accept some-1\.0 names nothing of this plan, did you mean Some-1\.0\?\n +Next: /)
  expect((await gb10(['up', '--profile', 'cpu', '--model', home.home, '--yes', '--accept', 'x'], home)).stderr).toContain('--accept x names nothing of this plan')
  expect(existsSync(home.models)).toBe(false)
})

test.skipIf(!existsSync('/usr/bin/script'))('on a terminal the question names the licences, and its answer is for them (needs script)', async () => {
  const home = await licensed()
  const no = await onTerminal([...home.apply, '-q'], home, 'n')
  expect(no).toMatchObject({ code: 1, text: expect.stringContaining('Make these changes, and accept Some-1.0? [y/N]') })
  expect(existsSync(home.models)).toBe(false)
  const yes = await onTerminal(home.apply, home, 'y')
  expect(yes.code, yes.text).toBe(0)
  expect(existsSync(`${home.models}/a/weights.bin`)).toBe(true)
})
