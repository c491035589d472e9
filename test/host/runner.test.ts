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
  it('holds a tool that only reads blameless: what hung is named by its key', async () => {
    const one = runner({ concurrency: 1 })
    const fine = () => one.run(['sh', '-c', 'echo fine'], { key: 'another file' })
    const [bad, good] = await Promise.all([one.run(['sh', '-c', 'exec sleep 6004'], { limit: 100, key: 'a file' }), fine()])
    expect([bad.end, good.end]).toEqual(['timeout', 'exited'])
  })
  it('runs no more at a time than it may', async () => {
    const file = `${folder}/width`
    const one = runner({ concurrency: 2 })
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => one.run(['sh', '-c', `echo 1 >> ${file}; sleep 0.05; echo -1 >> ${file}`])))
    let running = 0
    const most = Math.max(...readFileSync(file, 'utf8').trim().split('\n').map((step) => (running += Number(step))))
    expect([most, running]).toEqual([2, 0])
  })
  it('starts nothing after the deadline, and says that it was late', async () => {
    const one = runner({ deadline: -1 })
    expect(one.late()).toBe(false)
    expect(await one.run(['echo', 'late'])).toMatchObject({ end: 'blocked', by: 'deadline' })
    expect(one.late()).toBe(true)
  })
  it('cuts a limit that reaches beyond the deadline, which is late only where that mattered', async () => {
    const one = runner({ deadline: 300 })
    expect(await one.run(['echo', 'soon'], { limit: 60_000 })).toMatchObject({ end: 'exited' })
    expect(await one.run([bin('stubborn'), '6005'], { limit: 50 })).toMatchObject({ end: 'timeout' })
    expect(one.late()).toBe(false)
    const last = await one.run([bin('sleeper'), '6003'], { limit: 60_000 })
    expect(last).toMatchObject({ end: 'blocked', by: 'deadline' })
    expect(one.late()).toBe(true)
  })
  it('ends what runs at a signal, and starts nothing after it', async () => {
    const stop = new AbortController()
    const one = createRunner({ concurrency: 4, deadline: 60_000, env: process.env, signal: stop.signal })
    const hanging = one.run([bin('sleeper'), '6006'], { limit: 60_000 })
    setTimeout(() => stop.abort(), 50)
    expect(await hanging).toMatchObject({ end: 'blocked', by: 'deadline' })
    expect(await one.run(['echo', 'late'])).toMatchObject({ end: 'blocked', by: 'deadline' })
  })
})
