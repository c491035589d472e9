import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { gb10, newHome } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'

const host = (name: string): string => new URL(`../hosts/${name}`, import.meta.url).pathname

describe('gb10 baseline', () => {
  test('saves this machine, finds nothing suspicious at once, and goes with uninstall without a trace', async () => {
    const home = newHome()
    const saved = await gb10(['baseline', 'save', '--json'], home)
    expect(violations(saved.stdout, 'baseline')).toEqual([])
    expect(saved.code).toBe(0)
    const { path } = JSON.parse(saved.stdout) as { path: string }
    expect(path).toBe(`${home.home}/.local/state/gb10-baselines/default.json`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const again = await gb10(['baseline', 'save', '--json'], home)
    const { earlier } = JSON.parse(again.stdout) as { earlier: string }
    expect(existsSync(earlier)).toBe(true)
    const compared = await gb10(['baseline', 'compare', '--json'], home)
    expect(violations(compared.stdout, 'baseline')).toEqual([])
    expect(compared.code).toBe(0)
    const gone = await gb10(['uninstall', '--yes', '--json'], home)
    expect(violations(gone.stdout, 'uninstall')).toEqual([])
    expect(gone.code).toBe(0)
    expect(readdirSync(home.home)).toEqual([])
  })

  test('uninstall leaves folders that others use', async () => {
    const home = newHome()
    mkdirSync(`${home.home}/.local/state/other`, { recursive: true })
    await gb10(['baseline', 'save'], home)
    expect((await gb10(['uninstall', '--yes'], home)).stderr).toBe('removed too: the baselines default\n')
    expect(readdirSync(`${home.home}/.local/state`)).toEqual(['other'])
  })

  test('uninstall keeps what lies beside the baselines, and says so', async () => {
    const home = newHome()
    await gb10(['baseline', 'save', '--host', host('thor')], home)
    const folder = `${home.home}/.local/state/gb10-baselines`
    writeFileSync(`${folder}/notes.json`, '{"my": "notes"}')
    const { code, stderr } = await gb10(['uninstall', '--yes'], home)
    expect([code, readdirSync(folder)]).toEqual([0, ['notes.json']])
    expect(stderr).toContain(`${folder} stays`)
  })

  test('every earlier baseline of a name is kept, however quickly they follow', async () => {
    const home = newHome()
    for (let at = 0; at < 4; at++) await gb10(['baseline', 'save', '--host', host('thor')], home)
    expect(readdirSync(`${home.home}/.local/state/gb10-baselines`).filter((name) => name.startsWith('default'))).toHaveLength(4)
  })

  test('--gate: 1 when something suspicious changed, 2 when it cannot be told', async () => {
    const home = newHome()
    await gb10(['baseline', 'save', 'good', '--host', host('gb10-live-forms')], home)
    const same = await gb10(['baseline', 'compare', 'good', '--gate', '--host', host('gb10-live-forms'), '--json'], home)
    expect([same.code, (JSON.parse(same.stdout) as { verdict: string }).verdict]).toEqual([0, 'same'])
    const other = await gb10(['baseline', 'compare', 'good', '--gate', '--host', host('gh200-french')], home)
    expect(other.code).toBe(1)
    expect(other.stdout).toMatch(/1\. SUSPICIOUS/)
    expect((await gb10(['baseline', 'compare', 'good', '--host', host('gh200-french')], home)).code).toBe(0)
    const blind = await gb10(['baseline', 'compare', 'good', '--gate', '--host', host('b200-topology-only'), '--json'], home)
    expect([blind.code, (JSON.parse(blind.stdout) as { verdict: string }).verdict]).toEqual([2, 'unknown'])
    const none = await gb10(['baseline', 'compare', 'never-saved', '--gate'], home)
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('Next: gb10 baseline save never-saved   # ')])
  })

  test('an environment that could not be looked at now is not called the same, nor gone', async () => {
    const home = newHome()
    const machine = `${home.home}/machine`
    const recorded = (status: string): void => {
      mkdirSync(machine, { recursive: true })
      const site = (name: string): string => `/home/user/${name}/lib/python3.12/site-packages`
      writeFileSync(`${machine}/a.txt`, `${site('a')}/torch-2.9.1+cu130.dist-info\n`)
      writeFileSync(`${machine}/b.txt`, `${site('b')}/torch-2.9.1+cu130.dist-info\n`)
      const record = (name: string, of: string): string =>
        `  - {command: [ls, -d, "${site(name)}/*.dist-info"], stdout: ${name}.txt, status: ${of}}\n`
      writeFileSync(`${machine}/host.yaml`, `records:\n${record('a', 'ok')}${record('b', status)}`)
    }
    recorded('ok')
    await gb10(['baseline', 'save', '--host', machine], home)
    recorded('denied')
    const { code, stdout } = await gb10(['baseline', 'compare', '--gate', '--host', machine], home)
    expect([code, stdout]).toEqual([2, expect.stringMatching(/told now: .*GPU packages in Python environments \(error\)/)])
  })

  test('refuses a damaged record and an odd name', async () => {
    const home = newHome()
    await gb10(['baseline', 'save', '--host', host('thor')], home)
    const path = `${home.home}/.local/state/gb10-baselines/default.json`
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 100))
    expect((await gb10(['baseline', 'compare'], home)).code).toBe(78)
    for (const name of ['../x', 'a/b', '.hidden', '', 'made']) expect((await gb10(['baseline', 'save', name], home)).code).toBe(64)
    expect((await gb10(['baseline', 'forget'], home)).code).toBe(64)
  })
})
