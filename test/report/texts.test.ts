import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseData } from '../../src/facts/data.ts'
import { detect } from '../../src/facts/detect.ts'
import { readRecording } from '../../src/host/recorded.ts'
import type { Event, Outcome } from '../../src/model/event.ts'
import type { SmokeResult } from '../../src/model/smoke.ts'
import type { Baseline, BaselineChange, Comparison } from '../../src/report/baseline.ts'
import { comparisonText, savedText } from '../../src/report/baseline-text.ts'
import type { Report } from '../../src/report/bundle.ts'
import { reportText, wholeText } from '../../src/report/bundle-text.ts'
import { detectJson, detectText } from '../../src/report/detect.ts'
import { eventLine } from '../../src/report/event-line.ts'
import { executedJson, executedText } from '../../src/report/executed.ts'
import { smokeExit, smokeJson, smokeText } from '../../src/report/smoke.ts'
import { statusJson, statusText } from '../../src/report/status.ts'
import { undoneJson, undoneText } from '../../src/report/undone.ts'
import { upJson, upText } from '../../src/report/up.ts'
import { capture } from '../doctor/machine.ts'
import { violations } from '../support/schemas.ts'

const run = '70bd925e92ecda6f4230'
const cache: Outcome = { id: 'cache', recipe: 'docling', kind: 'cache', summary: 'One folder for every cache of what gb10 sets up', status: 'skipped', ms: 3 }
const tree: Outcome = { id: 'environment', recipe: 'docling', kind: 'venv', summary: 'Python environment with docling 2.143.0', status: 'done', ms: 242_000 }
const error = 'python -m pip ... ended with 1:\nERROR: No matching distribution found for torch==2.14.1\nsee \u001B[31mthe log\u001B[0m of a very long line that is not wrapped because it is a tool\'s own'
const failure: Outcome = { ...tree, status: 'failed', ms: 9000, error }
const ended = { run, outcomes: [cache, tree], failed: null, stopped: false, rolledBack: null, kept: [], came: [] }
const came = [{ change: 'deepseek-ocr/weights', name: 'config.json', sha256: 'a1'.repeat(32) }]
const failed = { ...ended, outcomes: [cache, failure], failed: failure }
const rolled = {
  ...failed, outcomes: [{ ...cache, status: 'done' as const }, failure],
  rolledBack: { outcomes: [{ ...cache, status: 'undone' as const }], kept: [], failed: [], away: [] },
}
const kept = {
  change: 'docling/environment', path: '/home/me/.local/share/gb10/envs/docling', reason: '2 files were added or changed after gb10 made it (packages: numpy)',
  savedCopy: '/home/me/.local/state/gb10/kept/environment-70bd925e/docling',
}
const back = { outcomes: [{ ...tree, status: 'undone' as const, ms: 900 }, { ...cache, status: 'undone' as const }], kept: [], failed: [], differences: [], stopped: false }

const pass: SmokeResult = {
  name: 'docling', verdict: 'pass', reason: 'A page was read on the GPU: 41 of 41 words, the table with 4 rows.', device: 'cuda', model: 'real', metrics: {},
  expected: 'the words of the page', actual: '41 of 41', seconds: 31,
}
const stand: SmokeResult = { ...pass, verdict: 'blocked', model: 'stand-in', reason: 'The weights are stand-ins, so nothing is proved.\nBring the real ones: gb10 apply docling' }
const wrong: SmokeResult = { ...pass, name: 'torch', verdict: 'fail', device: 'cpu', reason: 'The product was computed on the processor, and the GPU was demanded.', expected: 'cuda', actual: 'cpu' }

const recipe = { name: 'docling', scope: 'user' as const, run, at: '2026-11-20T16:59:06.316Z', bytes: 7_234_055_935, changes: 9, unfinished: [], drift: [] }
const ledger = { scope: 'user' as const, path: '/home/me/.local/state/gb10/ledger.jsonl', records: 17, head: 'e'.repeat(64), ok: true, damage: null }
const status = { recipes: [recipe], ledgers: [ledger], resume: null, atWork: null, kept: [] }

const saved: Baseline = {
  formatVersion: '1.0', command: 'baseline', action: 'save', name: 'default', at: '2026-11-20T08:00:00.000Z', gb10: '0.1.0',
  machine: { dgxSpark: 'yes', product: null }, items: { 'driver.version': { value: '580.142', status: 'ok' }, 'cdi.version': { value: null, status: 'error' } },
}
const driver: BaselineChange = {
  id: 'driver.version', title: 'GPU driver', suspicious: true, before: '580.142', after: null, details: [],
  why: 'A driver that changed is the first suspect.', references: [{ url: 'https://example.org/driver', checked: '2026-11-20' }],
}
const wheels: BaselineChange = { ...driver, id: 'wheels', title: 'Python packages', suspicious: false, before: {}, after: { a: 1 }, details: ['numpy 2.3 is new', 'torch: 2.9 -> 2.10'], references: [] }
const grown: BaselineChange = { ...wheels, title: 'Containers', before: ['a'], after: { a: 1, b: 2 }, details: [] }
const same: Comparison = { verdict: 'same', changes: [], unknown: [], same: ['driver.version'], notCompared: [] }
const blind: Comparison = { ...same, verdict: 'unknown', same: [] }
const unread = { id: 'cdi.version', title: 'CDI specification', status: 'error', required: true } as const
const changed: Comparison = { ...same, verdict: 'suspicious', changes: [driver, wheels, grown], unknown: [unread], notCompared: ['gpu.clock'] }

const bundle: Report = {
  path: '/home/me/gb10-report.tar.gz', bytes: 20_480, sha256: 'a1'.repeat(32), html: null, files: [{ name: 'README.txt', bytes: 900 }, { name: 'host.yaml', bytes: 80 }],
  redactions: [{ rule: 'ipv4', count: 2 }, { rule: 'gpu-uuid', count: 1 }], leftOut: ['os.pretty'], refused: [],
}
const page = { path: '/home/me/gb10-report.html', bytes: 4096, sha256: 'b2'.repeat(32) }

const host = async (name: string) => detect(await readRecording(`test/hosts/${name}`), parseData(readFileSync('checks/_gpus.yaml', 'utf8')))

type Text = (width: number, colour: boolean) => string | Promise<string>
const texts: [string, Text][] = [
  ['executed-done', (w) => executedText(ended, ['docling'], w, ['docling'])],
  ['executed-came', (w) => executedText({ ...ended, came }, ['docling'], w)],
  ['executed-failed', (w) => executedText(failed, ['docling'], w)],
  ['executed-rolled-back', (w) => executedText({ ...failed, rolledBack: rolled.rolledBack }, ['docling'], w)],
  ['executed-stopped', (w) => executedText({ ...ended, outcomes: [{ ...cache, status: 'done' }], stopped: true }, ['docling'], w)],
  ['undone', (w) => undoneText('undo', back, w)],
  ['undone-nothing', (w) => undoneText('uninstall', { ...back, outcomes: [] }, w)],
  ['undone-kept', (w) => undoneText('uninstall', { ...back, kept: [kept] }, w)],
  ['undone-failed', (w) => undoneText('undo', { ...back, outcomes: [failure], failed: [failure], differences: ['/home/me/.bashrc differs from before in content'] }, w)],
  ['undone-stopped', (w) => undoneText('uninstall', { ...back, outcomes: back.outcomes.slice(0, 1), stopped: true }, w)],
  ['status', (w, c) => statusText(status, null, w, c)],
  ['status-nothing', (w, c) => statusText({ recipes: [], ledgers: [], resume: null, atWork: null, kept: [] }, null, w, c)],
  ['status-at-work', (w, c) => statusText({ ...status, recipes: [], atWork: 'process 4711, up' }, null, w, c)],
  ['status-verified', (w, c) => statusText(status, { wrong: [], more: ['/home/me/.local/share/gb10/envs/.docling-1a2b3c4d holds 3 files more than gb10 put there'] }, w, c)],
  ['status-drift', (w, c) => statusText({ ...status, recipes: [{ ...recipe, drift: ['/home/me/.local/share/gb10/envs/docling is gone or has no Python any more'], unfinished: ['Model that reads tables'] }],
    resume: { run, command: 'up' }, kept: [kept] }, { wrong: ['/home/me/x was changed'], more: [] }, w, c)],
  ['status-damaged', (w, c) => statusText({ ...status, recipes: [], ledgers: [{ ...ledger, ok: false, damage: 'line 4: its hash does not fit its text' }] }, null, w, c)],
  ['smoke', (w, c) => smokeText([pass, stand, wrong], w, c)],
  ['up-proved', (w, c) => upText(ended, [pass], ['docling'], w, c)],
  ['up-came', (w, c) => upText({ ...ended, came }, [pass], ['docling'], w, c)],
  ['up-not-proved', (w, c) => upText(ended, [{ ...pass, name: 'torch' }, stand], ['torch-cu130', 'docling'], w, c)],
  ['up-failed', (w, c) => upText(failed, [], ['docling'], w, c)],
  ['baseline-saved', (w) => savedText(saved, '/home/me/default.json', '/home/me/default.1.json', w)],
  ['baseline-same', (w, c) => comparisonText(saved, same, w, c)],
  ['baseline-blind', (w, c) => comparisonText(saved, blind, w, c)],
  ['baseline-changed', (w, c) => comparisonText(saved, changed, w, c)],
  ['report', (w) => reportText(bundle, w)],
  ['report-page', (w) => reportText({ ...bundle, path: null, html: page, redactions: [], leftOut: [] }, w, false)],
  ['report-refused', (w) => reportText({ ...bundle, refused: [{ path: 'host.yaml', rule: 'base64 collected-user' }] }, w)],
  ['detect-gb10', async (w, c) => detectText(await host('gb10-live-forms'), w, c)],
  ['detect-other', async (w, c) => detectText(await host('rtx5090-shadowed-nvcc'), w, c)],
  ['detect-unknown', async (w, c) => detectText(await host('library-mismatch'), w, c)],
]

describe('texts for people', () => {
  test.each(texts)('%s', async (name, text) => {
    const bare = await text(80, false)
    await expect(bare).toMatchFileSnapshot(`golden/${name}.txt`)
    expect(bare).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
    expect(bare).toMatch(/[^\n]\n$/)
    // oxlint-disable-next-line no-control-regex
    expect((await text(80, true)).replaceAll(/\u001B\[\d+m/g, '')).toBe(bare)
    for (const line of bare.split('\n')) if (line.length > 80 && !line.includes('a very long line')) expect(line.trim()).not.toContain(' ')
  })

  test.each([
    ['a tool that hangs has not seen that there is no GPU', ['nvidia-smi', '-q'], { status: 'timeout' }, 'GPU           not known: nvidia-smi gave no answer (timeout)'],
    ['no toolkit where somebody looked', ['ls', '-d', '/usr/local/cuda*'], { status: 'absent' }, 'CUDA toolkit  none found'],
    ['the slice of a divided GPU has no number of its memory and is not unified', ['nvidia-smi', '--query-gpu=name,memory.total', '--format=csv'],
      { text: 'name, memory.total [MiB]\nNVIDIA H200, [N/A]\n' }, 'NVIDIA H200, compute capability 9.0 (by its name), memory not'],
  ] as const)('detect: %s', (_what, argv, part, said) => {
    const { facts, ...rest } = detect([capture({ argv, ...part })], parseData(readFileSync('checks/_gpus.yaml', 'utf8')))
    expect(detectText({ facts, ...rest }, 80, false)).toContain(said)
  })

  test('one event a line', async () => {
    const events: Event[] = [
      { type: 'start', id: 'a', recipe: 'docling', kind: 'venv', summary: tree.summary, number: 2, of: 9 },
      { type: 'progress', id: 'a', progress: { text: 'Collecting \u001B[1mtorch\u001B[0m' } },
      { type: 'progress', id: 'a', progress: { bytes: 5e6, total: 212e6, what: 'a/b/model.bin' } },
      { type: 'end', outcome: tree }, { type: 'end', outcome: cache }, { type: 'end', outcome: failure }, { type: 'end', outcome: { ...tree, status: 'undone' } },
      { type: 'kept', kept }, { type: 'note', text: 'a note' },
    ]
    const lines = (verbose: boolean): string => events.map((event) => eventLine(event, verbose)).filter((line) => line !== null).join('\n')
    await expect(`${lines(true)}\n`).toMatchFileSnapshot('golden/events.txt')
    expect(lines(false)).not.toContain('Collecting')
  })

  test.each([
    ['up', upJson({ ...ended, came }, [pass, stand, wrong], ['docling'], 'gb10')],
    ['up', upJson(failed, [], ['docling'], null)],
    ['apply', executedJson('apply', { ...ended, stopped: true }, ['docling'])],
    ['apply', executedJson('apply', rolled, ['docling'])],
    ['smoke', smokeJson([pass, stand, wrong])],
    ['undo', undoneJson('undo', { ...back, outcomes: [failure], failed: [failure], kept: [kept], stopped: true })],
    ['status', statusJson({ ...status, resume: { run, command: 'up' }, kept: [kept] }, { wrong: ['x'], more: [] })],
    ['detect', detectJson(detect([], parseData(readFileSync('checks/_gpus.yaml', 'utf8'))))],
  ])('a document of %s fits its schema', (schema, document) => {
    expect(violations(JSON.stringify(document), schema)).toEqual([])
  })

  test('after a rollback a document says what was taken back, and names no command that would find nothing', () => {
    expect(executedJson('apply', rolled, ['docling'])).toMatchObject({
      changes: [{ id: 'cache', status: 'undone' }, { id: 'environment', status: 'failed' }], rolledBack: true, resume: null, undo: null,
    })
    const stuck = { ...rolled, rolledBack: { ...rolled.rolledBack, outcomes: [{ ...cache, status: 'failed' as const }], failed: [{ ...cache, status: 'failed' as const }] } }
    expect(executedJson('apply', stuck, ['docling'])).toMatchObject({
      changes: [{ status: 'done' }, { status: 'failed' }], rolledBack: false, resume: 'gb10 resume', undo: `gb10 undo ${run}`,
    })
    const away = { ...rolled, rolledBack: { ...rolled.rolledBack, outcomes: [], away: ['/mnt/models'] } }
    expect(executedJson('apply', away, ['docling'])).toMatchObject({ rolledBack: false, resume: null, undo: `gb10 undo ${run}` })
    expect(executedText(away, ['docling'], 80)).toContain('gb10 undo')
  })

  test('the proofs decide the exit code, the worst first', () => {
    expect([[pass], [pass, stand], [stand, wrong], []].map(smokeExit)).toEqual([0, 2, 1, 0])
  })
})

test('a bundle is shown whole, with what a terminal would obey or hide as escapes', () => {
  const shown = wholeText(new Map([['a.txt', 'one\u001B[2J\ttwo\u009B\u202E\n'], ['b.txt', 'three']]))
  expect(shown).toBe('===== a.txt (17 bytes) =====\none\\u{1b}[2J\ttwo\\u{9b}\\u{202e}\n\n===== b.txt (5 bytes) =====\nthree\n\n')
})
