import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { createRunner } from '../../src/host/runner.ts'

const bin = (name: string): string => fileURLToPath(new URL(`../bin/${name}`, import.meta.url))
const folder = mkdtempSync(`${tmpdir()}/gb10-runner-`)
afterAll(() => rmSync(folder, { recursive: true }))
const runner = (options: { concurrency?: number; deadline?: number } = {}) =>
  createRunner({ concurrency: 4, deadline: 60_000, env: process.env, ...options })

describe('runner', () => {
  it('calls a tool that hung once no more', async () => {
    const calls = `${folder}/calls`
    const one = runner({ concurrency: 1 })
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => one.run([bin('counter'), calls], { limit: 300 })))
    expect(answers.map((a) => a.end)).toEqual(['timeout', 'blocked', 'blocked', 'blocked', 'blocked'])
    expect(answers[4]).toMatchObject({ by: 'tool-hung', hung: { end: 'timeout' } })
    expect(readFileSync(calls, 'utf8')).toBe('called\n')
  })
  it('lets other tools go on', async () => {
    const one = runner()
    const [bad, good] = await Promise.all([one.run([bin('sleeper'), '6002'], { limit: 100 }), one.run(['echo', 'here'])])
    expect(bad).toMatchObject({ end: 'timeout' })
    expect(good).toMatchObject({ end: 'exited', out: 'here\n' })
  })
  it('runs one GPU tool at a time', async () => {
    const file = `${folder}/order`
    const one = runner()
    const job = (name: string) =>
      one.run(['sh', '-c', `echo in >> ${file}; sleep 0.05; echo out >> ${file}`, name], { gpu: true })
    await Promise.all([job('a'), job('b'), job('c')])
    expect(readFileSync(file, 'utf8').split('\n')).toEqual(['in', 'out', 'in', 'out', 'in', 'out', ''])
  })
  it('starts nothing after the deadline', async () => {
    const one = runner({ deadline: -1 })
    expect(await one.run(['echo', 'late'])).toMatchObject({ end: 'blocked', by: 'deadline' })
  })
  it('cuts a limit that reaches beyond the deadline', async () => {
    const one = runner({ deadline: 150 })
    expect(await one.run([bin('sleeper'), '6003'], { limit: 60_000 })).toMatchObject({ end: 'timeout' })
  })
})
