import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandLine, newHome } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'

const project = join(import.meta.dirname, '../..')
const check = 'checks/compiler/triton-ptxas-sm121a.yaml'

/** Another clone of this repository, with packages and a compile cache of its own. */
function clone(): { root: string; doctor: (...args: string[]) => { code: number | null; stdout: string; stderr: string } } {
  const { home, env } = newHome()
  const root = `${home}/gb10`
  mkdirSync(`${root}/node_modules`, { recursive: true })
  for (const name of ['bin', 'src', 'checks', 'package.json', 'package-lock.json'])
    cpSync(join(project, name), `${root}/${name}`, { recursive: true })
  for (const name of readdirSync(join(project, 'node_modules')).filter((one) => !one.startsWith('.')))
    symlinkSync(join(project, 'node_modules', name), `${root}/node_modules/${name}`)
  const doctor = (...args: string[]) => {
    const [node = '', , ...rest] = commandLine(['doctor', '--host', join(project, 'test/hosts/gb10-healthy'), ...args])
    const { status, stdout, stderr } = spawnSync(node, [`${root}/bin/gb10.cjs`, ...rest], { env, encoding: 'utf8' })
    return { code: status, stdout, stderr }
  }
  return { root, doctor }
}

test('a malformed check is refused with its place and a suggestion, also after the catalogue was compiled', () => {
  const { root, doctor } = clone()
  expect(doctor('--json').code).toBe(0)
  const good = readFileSync(`${root}/${check}`, 'utf8')
  const line = good.split('\n').findIndex((text) => text.startsWith('title:')) + 1
  writeFileSync(`${root}/${check}`, good.replace(/^title:/m, 'titel:'))
  const misspelt = doctor('--json')
  expect([misspelt.code, violations(misspelt.stdout, 'error')]).toEqual([78, []])
  expect(misspelt.stderr).toMatch(new RegExp(`${check}:${line}:1: .*"titel".*did you mean title\\?`))
  writeFileSync(`${root}/${check}`, good)
  appendFileSync(`${root}/${check}`, 'fail: [\n')
  const torn = doctor()
  expect([torn.code, torn.stdout]).toEqual([78, ''])
  expect(torn.stderr).toMatch(new RegExp(`${check}:\\d+:\\d+: `))
})
