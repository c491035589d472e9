import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { doctorProbes } from '../../src/facts/probes-doctor.ts'
import { probeLive } from '../../src/host/live.ts'
import type { Probe } from '../../src/host/probe.ts'
import type { Capture } from '../../src/model/capture.ts'
import type { Verdict } from '../../src/model/verdict.ts'
import { commandLine, gb10 } from '../support/cli.ts'
import { furnished, RECIPES, wheelsOf, type Place } from '../support/recipe-home.ts'
import { wheelIndex } from '../support/wheel-index.ts'
import { healthy, judgeCaptures } from './machine.ts'

// Doctor must find no fault with what gb10 itself set up: neither on the machine of this test, nor on a GB10, which is played by
// the recorded healthy one with this home in the place of its own.

const BAD: Record<Verdict['status'], number> = { pass: 0, skip: 0, waived: 0, blocked: 1, unknown: 1, fail: 2 }
type Found = Pick<Verdict, 'id' | 'status' | 'actual' | 'why' | 'remedy'>

/** What is said against the second look: verdicts that got worse, and findings that name something in this home. */
const against = (before: readonly Found[], after: readonly Found[], home: string): string[] =>
  after
    .filter((now) => {
      const then = before.find(({ id }) => id === now.id)
      const named = now.status === 'fail' && JSON.stringify(now).includes(home)
      return named || BAD[now.status] > BAD[then?.status ?? 'pass']
    })
    .map(({ id, status, actual, why }) => `${id}: ${status}: ${actual ?? why}`)

/** Probes of what lies in a home or comes from its user's environment. */
const isOwn = (probe: Probe): boolean =>
  probe.kind === 'sites' || probe.kind === 'variables' || (probe.kind === 'names' && probe.path.startsWith('~')) ||
  (probe.kind === 'which' && probe.name === 'nvcc') || (probe.kind === 'run' && ['nvcc', 'grep', 'uv'].includes(probe.argv[0]))

/** Captures that those probes make, and all else of the recorded user's home. */
const isTheirs = ({ argv, path }: Capture): boolean => {
  const said = path ?? argv?.join(' ') ?? ''
  return /\/home\/user\/(?!$)|~\/|^printenv$|^which -a nvcc$|^nvcc |\.bashrc/.test(said)
}

async function asGb10(env: Record<string, string>): Promise<Verdict[]> {
  const machine = (await healthy()).filter((capture) => !isTheirs(capture))
  return judgeCaptures([...machine, ...(await probeLive(doctorProbes.filter(isOwn), { env }))])
}

/** The environment after `eval "$(gb10 env NAME)"`; that of a recipe without variables stays as it is. */
function entered({ env }: Place, recipe: string): Record<string, string> {
  const [node = '', script = '', ...args] = commandLine(['env', recipe])
  const line = 'eval "$("$@" 2>/dev/null)"; exec env -0'
  const { stdout } = spawnSync('/bin/sh', ['-c', line, 'sh', node, script, ...args], { env, encoding: 'utf8' })
  const pairs = stdout.split('\0').filter(Boolean)
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]))
}

describe('after a recipe doctor finds nothing that gb10 itself made', () => {
  test.each(RECIPES)('%s', async (recipe) => {
    const { url } = await wheelIndex(await wheelsOf(recipe))
    const place = furnished(recipe, url)
    const { home, env, args } = place
    mkdirSync(`${home}/cuda/bin`, { recursive: true })
    writeFileSync(`${home}/cuda/bin/nvcc`, '#!/bin/sh\necho "Cuda compilation tools, release 13.0, V13.0.88"\n', { mode: 0o755 })
    env['PATH'] = `${home}/.local/bin:${env['PATH']}`
    const look = async (variables: Record<string, string>): Promise<Found[]> =>
      (JSON.parse((await gb10(['doctor', '--json'], { env: variables })).stdout) as { results: Found[] }).results
    const [before, beforeOnGb10] = [await look(env), await asGb10(env)]
    const toolkit = recipe === 'nvcc-on-path' ? ['--set', `toolkit=${home}/cuda`] : []
    const applied = await gb10(['apply', ...args, ...toolkit, '--yes'], place)
    expect(applied.code, applied.stderr + applied.stdout).toBe(0)
    for (const variables of [env, entered(place, recipe)]) {
      expect(against(before, await look(variables), home)).toEqual([])
      expect(against(beforeOnGb10, await asGb10(variables), home)).toEqual([])
    }
    const made = recipe === 'nvcc-on-path' ? 'nvcc-not-on-path' : 'torch-cpu-only-wheel'
    expect((await asGb10(env)).find(({ id }) => id === made)?.status).toBe('pass')
  })
})
