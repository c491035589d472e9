import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { gb10, newHome } from '../support/cli.ts'

const folder = fileURLToPath(new URL('../../integrations/systemd/', import.meta.url))
const service = readFileSync(`${folder}gb10-doctor.service`, 'utf8')
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0

it.skipIf(!hasAnalyze)('systemd finds no fault in the units (skipped where systemd-analyze is missing)', () => {
  const copy = mkdtempSync(join(tmpdir(), 'gb10-units-'))
  onTestFinished(() => rmSync(copy, { recursive: true }))
  cpSync(folder, copy, { recursive: true })
  // The program is not installed here; everything else is verified as it stands.
  writeFileSync(`${copy}/gb10-doctor.service`, service.replace('/usr/local/bin/gb10', '/bin/true'))
  const verify = (...units: string[]) =>
    spawnSync('systemd-analyze', ['verify', ...units.map((unit) => `${copy}/${unit}`)], { encoding: 'utf8' })
  const ended = verify('gb10-doctor.service', 'gb10-doctor.timer')
  expect([ended.status, ended.stderr.split('\n').filter((line) => line.includes('gb10-doctor'))]).toEqual([0, []])
  writeFileSync(`${copy}/gb10-doctor.service`, service.replace('Type=oneshot', 'Typo=oneshot'))
  expect(verify('gb10-doctor.service').stderr).toContain('Typo')
})

it('the command of the service writes the metrics', async () => {
  const home = newHome()
  const command = /^ExecStart=\S+ (.*)$/m.exec(service)?.[1]?.replace('/var/lib/prometheus/node-exporter', home.home)
  const ended = await gb10((command ?? '').split(' '), home)
  expect([0, 1, 2]).toContain(ended.code)
  expect(readFileSync(`${home.home}/gb10.prom`, 'utf8')).toContain('gb10_check_status{')
})
