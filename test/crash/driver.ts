// node driver.ts apply|undo|resume|uninstall STATE HOME MATERIAL.json [MUTANT]: the real commands on a plan of every kind of change.
// The kill suite runs it under strace. Prints one line of JSON: the exit code, and what was kept or differed.
import { existsSync, readFileSync } from 'node:fs'
import { execute } from '../../src/cli/execute.ts'
import type { App } from '../../src/cli/app.ts'
import { realMachine } from '../../src/host/real.ts'
import { sha256 } from '../../src/ledger/chain.ts'
import type { PlanRecord } from '../../src/apply/plan-record.ts'
import { marked } from './marks.ts'
import { mutated } from './mutants.ts'
import { changesOf, everyKind, type Material } from './wants.ts'

const [command, state, home, material, mutant] = process.argv.slice(2) as [string, string, string, string, string?]
const changes = changesOf('demo', everyKind(home, JSON.parse(readFileSync(material, 'utf8')) as Material))
const env = { PATH: process.env['PATH']!, LC_ALL: 'C.UTF-8', HOME: home, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
const ledger = `${state}/ledger.jsonl`
const records = existsSync(ledger) ? readFileSync(ledger, 'utf8').split('\n').length : 0
let named = 0
// Names that are the same in every run and new in every command: a call on a file can be found again by the file's name.
const newId = (): string => sha256(`${records} ${named++}`).slice(0, 20)
// But processes are found by these names too, and other homes are at work beside this one.
const here = (op: string): string => `${op}-${sha256(home).slice(0, 8)}`
const real = realMachine(env)
const alone: typeof real = {
  ...real,
  newId,
  run: (argv, options) => real.run(argv, { ...options, env: { ...options?.env, ...(options?.env?.['GB10_OP'] && { GB10_OP: here(options.env['GB10_OP']) }) } }),
  endSurvivors: (ops) => real.endSurvivors(new Set([...ops].map(here))),
}
const machine = mutated(marked(alone, command, command === 'apply' || command === 'resume' ? changes : []), mutant)
let shown: object = {}
const app = {
  options: { json: true, quiet: true, plain: true, verbose: false, color: 'never', input: false, sources: {} },
  owner: { home, state, data: `${home}/.local/share/gb10`, cache: `${home}/.cache/gb10`, config: `${home}/.config/gb10` },
  signal: new AbortController().signal,
  machine: async () => machine,
  show: (json: () => object) => void (shown = json()),
  note: () => undefined,
} as unknown as App

const recipe = { name: 'demo', title: 'demo', parameters: {}, licences: [], smoke: [], verifiedOn: [], env: {} }
const record: PlanRecord = { recipes: [recipe], changes, asserted: [], device: null }

async function run(): Promise<number> {
  if (command === 'apply') {
    const { outcomes, failed, code } = await execute(app, record, { command: 'apply demo', onFailure: 'keep' })
    shown = { outcomes: outcomes.length, error: failed?.error ?? null }
    return code
  }
  if (command === 'resume') return (await import('../../src/cli/commands/resume.ts')).run(app)
  if (command === 'undo') return (await import('../../src/cli/commands/undo.ts')).run(app, ['demo'], { yes: true })
  return (await import('../../src/cli/commands/uninstall.ts')).run(app, { yes: true })
}

try {
  const code = await run()
  process.stdout.write(`${JSON.stringify({ code, ...shown })}\n`)
} catch (error) {
  process.stdout.write(`${JSON.stringify({ code: 1, thrown: (error as Error).message, stack: (error as Error).stack })}\n`)
}
