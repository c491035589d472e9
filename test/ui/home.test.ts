import { renderToString } from 'ink'
import { describe, expect, test, vi } from 'vitest'
import type { Status } from '../../src/apply/status.ts'
import { parseData } from '../../src/facts/data.ts'
import { detect } from '../../src/facts/detect.ts'
import { readRecording } from '../../src/host/recorded.ts'
import { homeOf, type Home } from '../../src/report/home.ts'
import { homeView } from '../../src/ui/home.ts'
import { readFileSync } from 'node:fs'

// Ink looks once, when it is loaded, whether colour can be shown.
vi.hoisted(() => void (process.env['FORCE_COLOR'] = '1'))

const data = parseData(readFileSync('checks/_gpus.yaml', 'utf8'))
const look = async (host: string) => detect(await readRecording(`test/hosts/${host}`), data)
const nothing: Status = { recipes: [], ledgers: [], resume: null, atWork: null, kept: [] }
const docling = { name: 'docling', scope: 'user' as const, run: 'r', at: '2026-11-20T16:59:06Z', bytes: 7.2e9, changes: 9, unfinished: [], drift: [] }
const damaged = { scope: 'user' as const, path: '/l', records: 3, head: '', ok: false, damage: 'line 4' }

const homes: [name: string, host: string, status: Status, problem: string | null][] = [
  ['home-new-gb10', 'gb10-live-forms', nothing, null],
  ['home-set-up', 'gb10-live-forms', { ...nothing, recipes: [docling, { ...docling, name: 'torch-cu130', bytes: 5.6e9 }] }, null],
  ['home-drift', 'rtx5090-shadowed-nvcc', { ...nothing, recipes: [{ ...docling, drift: ['x is gone'] }] }, null],
  ['home-stopped', 'library-mismatch', { ...nothing, resume: { run: '70bd925e92ecda6f4230', command: 'up' } }, null],
  ['home-at-work', 'library-mismatch', { ...nothing, atWork: 'process 4711, up' }, null],
  ['home-damaged', 'wsl2', { ...nothing, ledgers: [damaged] }, null],
  ['home-refused', 'thor', nothing, '/home/me/.local/state/gb10 is a link, not a folder'],
]

describe('the home screen', () => {
  test.each(homes)('%s', async (name, host, status, problem) => {
    const home: Home = homeOf(await look(host), status, problem)
    const text = renderToString(homeView(home, false), { columns: 80 })
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/${name}.txt`)
    const painted = renderToString(homeView(home, true), { columns: 80 })
    expect(painted).not.toBe(text)
    // oxlint-disable-next-line no-control-regex
    expect(painted.replaceAll(/\u001B\[[\d;]*m/g, '').replaceAll(/ +$/gm, '')).toBe(text)
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    for (const { command } of home.next) expect(text).toContain(command)
  })

  test('says that it looks before it knows', () => {
    expect(renderToString(homeView(null, false))).toContain('Looking at this machine')
  })
})
