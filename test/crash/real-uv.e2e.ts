import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { mismatches } from './coverage.ts'
import { workshop, type Workshop } from './material.ts'
import { appliedShape, parallel, reach, sample, strike, type Scenario } from './suite.ts'

// The other suite has a stand-in for uv; this one takes the uv on PATH, or else what pip brings.
const found = (command: string, ...args: string[]): string | null => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return null
  }
}
const python = found('sh', '-c', 'command -v python3')
const tools = mkdtempSync(join(tmpdir(), 'gb10-uv-'))

function bringUv(): string | null {
  const [tool] = (parse(readFileSync(new URL('../../recipes/_tools.yaml', import.meta.url), 'utf8')) as { tools: { version: string }[] }).tools
  const said = found('python3', '-m', 'pip', 'install', '--quiet', '--no-deps', '--target', tools, `uv==${tool!.version}`)
  return said === null ? null : `${tools}/bin/uv`
}
const uv = found('sh', '-c', 'command -v uv') ?? bringUv()
const version = python && found(python, '-c', 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')

let shop: Workshop | undefined
beforeAll(async () => {
  if (uv && python && version) shop = await workshop({ uv, python, pythonVersion: version })
})
afterAll(() => {
  shop?.close()
  rmSync(tools, { recursive: true })
})

test.skipIf(!uv || !version)('an environment made by uv: killed at every kind of call', async () => {
  const finish = await appliedShape(shop!)
  for (const scenario of [{ name: 'apply', before: [], command: 'apply' }, { name: 'undo', before: ['apply'], command: 'undo' }] satisfies Scenario[]) {
    const points = sample((await reach(shop!, scenario)).filter((p) => /:(venv|cache):/.test(p.cell)), 1)
    const results = await parallel(points, (p, i) => strike(shop!, scenario, { ...p, how: 'signal=SIGKILL' }, i % 2 === 0 ? { finish } : {}))
    process.stdout.write(`real uv, ${scenario.name}: ${results.length} crash points, ${mismatches(results).length} mismatches\n`)
    expect(mismatches(results)).toEqual([])
  }
})
