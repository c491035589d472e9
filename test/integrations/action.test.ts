import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { newHome } from '../support/cli.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
type Step = { id?: string; name: string; shell: string; run: string; env: Record<string, string> }
type Action = {
  name: string
  description: string
  inputs: Record<string, { description: string; default: string }>
  outputs: Record<string, { description: string; value: string }>
  runs: { using: string; steps: Step[] }
}
const action = parse(readFileSync(`${root}action.yml`, 'utf8')) as Action
const [step] = action.runs.steps as [Step]

/** Runs the step as a runner would: its variables filled from inputs, `bash -e -o pipefail`. */
function runStep(inputs: Record<string, string>, more: Record<string, string> = {}) {
  const home = newHome()
  const output = `${home.home}/output`
  const values: Record<string, string> = { 'github.action_path': root.replace(/\/$/, '') }
  for (const [name, { default: value }] of Object.entries(action.inputs)) values[`inputs.${name}`] = inputs[name] ?? value
  const env = Object.fromEntries(
    Object.entries(step.env).map(([name, text]) => [
      name,
      text.replaceAll(/\$\{\{ (\S+) \}\}/g, (_, key: string) => values[key] ?? ''),
    ]),
  )
  writeFileSync(output, '')
  const ended = spawnSync('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', step.run], {
    cwd: home.home,
    env: {
      ...home.env,
      ...env,
      GITHUB_ACTIONS: 'true',
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: `${home.home}/summary`,
      CI: 'true',
      ...more,
    },
    encoding: 'utf8',
  })
  return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr, output: readFileSync(output, 'utf8'), home: home.home }
}

describe('action.yml', () => {
  it('has the shape of a composite action, and only known names in its expressions', () => {
    expect(Object.keys(action).sort()).toEqual(['author', 'branding', 'description', 'inputs', 'name', 'outputs', 'runs'])
    expect(action.runs.using).toBe('composite')
    for (const one of action.runs.steps) {
      expect(['bash', 'sh']).toContain(one.shell)
      expect(one.run).not.toContain('${{')
    }
    for (const input of Object.values(action.inputs)) expect(typeof input.default + typeof input.description).toBe('stringstring')
    const known = [
      'github.action_path',
      ...Object.keys(action.inputs).map((name) => `inputs.${name}`),
      'steps.doctor.outputs.exit-code',
    ]
    const used = [...JSON.stringify(action).matchAll(/\$\{\{ ([^}]+) \}\}/g)].map(([, name]) => name)
    expect(used.filter((name) => !known.includes(name!))).toEqual([])
    expect(known.filter((name) => !used.includes(name))).toEqual([])
    expect(action.runs.steps.map(({ id }) => id)).toContain('doctor')
  })
  it('its script is whole', () => {
    expect(spawnSync('bash', ['-n', '-c', step.run]).status).toBe(0)
  })
  it('runs the doctor, writes its exit code, a summary and a JUnit file', () => {
    const ran = runStep({ 'fail-on': 'never', junit: 'out.xml', area: 'driver' })
    expect(ran.code, ran.stderr).toBe(0)
    expect(ran.output).toBe('exit-code=0\n')
    expect(readFileSync(`${ran.home}/out.xml`, 'utf8')).toContain('classname="driver"')
    expect(existsSync(`${ran.home}/summary`)).toBe(true)
  })
  it('fails or passes what could not be told, as it was asked to', () => {
    const ids = { ids: 'platform-not-recognised nvcc-not-on-path' }
    const strict = runStep({ ...ids })
    expect([strict.code, strict.output]).toEqual([2, 'exit-code=2\n'])
    const lenient = runStep({ ...ids, 'could-not-tell': 'pass' })
    expect([lenient.code, lenient.output]).toEqual([0, 'exit-code=2\n'])
  })
  it.each([
    [{ strict: 'TRUE' }, 0, / --strict /],
    [{ strict: 'False' }, 0, /^(?!.*--strict)/],
    [{ strict: 'yes' }, 64, /^::error::strict is neither/],
    [{ 'could-not-tell': 'Pass' }, 64, /^::error::could-not-tell is neither/],
  ])('reads %j as it was meant, or says that it does not', (inputs, code, said) => {
    const { home } = newHome()
    writeFileSync(`${home}/gb10`, '#!/bin/sh\necho "$@"\n', { mode: 0o755 }) // stands in for gb10, and shows how it was called
    const ran = runStep(inputs, { GB10_ROOT: home })
    expect([ran.code, ran.stdout]).toEqual([code, expect.stringMatching(said)])
  })
  it('takes ids on lines of their own', () => {
    const ran = runStep({ ids: '\nnvcc-not-on-path\nplatform-not-recognised\n', 'fail-on': 'never', junit: 'out.xml' })
    expect(ran.code, ran.stderr).toBe(2)
    const names = [...readFileSync(`${ran.home}/out.xml`, 'utf8').matchAll(/<testcase [^>]*name="([^"]*)"/g)].map(([, name]) => name!)
    expect(names.sort()).toEqual(['nvcc-not-on-path', 'platform-not-recognised'])
  })
  it('takes no option from its ids', () => {
    for (const ids of ['--help', '--fix --yes', '--host /nowhere']) {
      const ran = runStep({ ids })
      expect([ran.code, ran.output, ran.stdout]).toEqual([78, 'exit-code=78\n', ''])
    }
  })
  it('takes no command from its inputs', () => {
    const ran = runStep({ ids: '$(touch hit) ; touch hit', area: '"; touch hit; "' })
    expect(ran.code).toBe(78)
    expect(existsSync(`${ran.home}/hit`)).toBe(false)
  })
})
