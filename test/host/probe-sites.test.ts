import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { probeLive } from '../../src/host/live.ts'
import { sitesOf } from '../../src/host/probe-sites.ts'
import type { Probe } from '../../src/host/probe.ts'
import { mountsIn, reachOf } from '../../src/host/reach.ts'

const folder = (): string => {
  const made = realpathSync(mkdtempSync(`${tmpdir()}/gb10-sites-`))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}
const put = (path: string, text: string): void => {
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true })
  writeFileSync(path, text)
}
const sites = (...paths: string[]): Probe => ({
  kind: 'sites',
  paths: paths.map((home) => `${home}/lib/python3.*/site-packages`),
  files: ['torch/version.py'],
})

describe('sites', () => {
  it('lists packages of each environment once, whatever leads to it', async () => {
    const home = folder()
    const site = `${home}/envs/a-1/lib/python3.12/site-packages`
    put(`${site}/torch-2.14.0+cu130.dist-info/METADATA`, '')
    put(`${site}/torch/version.py`, "cuda = '13.0'\n")
    put(`${site}/torch/__init__.py`, 'raise SystemExit("imported")\n')
    symlinkSync(`${home}/envs/a-1`, `${home}/envs/a`)
    const captures = await probeLive([sites('~/envs/*', '$VIRTUAL_ENV', '$CONDA_PREFIX')], {
      env: { HOME: home, VIRTUAL_ENV: `${home}/envs/a/` },
    })
    expect(captures.map(({ argv, path, text }) => [argv?.at(-1) ?? path, text])).toEqual([
      [
        `${home}/envs/a/lib/python3.12/site-packages/*.dist-info`,
        `${home}/envs/a/lib/python3.12/site-packages/torch-2.14.0+cu130.dist-info\n`,
      ],
      [`${home}/envs/a/lib/python3.12/site-packages/torch/version.py`, "cuda = '13.0'\n"],
    ])
  })
  it('looks at what stands on PATH, with or without a variable of its own', async () => {
    const home = folder()
    put(`${home}/app/.venv/bin/python3`, '')
    for (const env of ['app/.venv', 'none']) put(`${home}/${env}/lib/python3.12/site-packages/a-1.dist-info/METADATA`, '')
    const captures = await probeLive([sites('$PATH')], { env: { PATH: `bin:${home}/app/.venv/bin:${home}/none/bin` } })
    expect(captures.map(({ text }) => text)).toEqual([`${home}/app/.venv/lib/python3.12/site-packages/a-1.dist-info\n`])
  })
  it('says that it looked when there is none', async () => {
    const captures = await probeLive([sites('~/envs/*')], { env: { HOME: folder() } })
    expect(captures.map(({ argv, status }) => [argv?.[0], status])).toEqual([['ls', 'absent']])
  })
  it('says what it did not look at: more than it may, and a place that may hang', () => {
    const home = folder()
    for (let n = 0; n < 201; n += 1) put(`${home}/envs/${n}/lib/python3.12/site-packages/a-1.dist-info/METADATA`, '')
    const unseen = (mounts: string, ...paths: string[]): string[] =>
      sitesOf(paths.map((path) => `${home}/${path}/lib/python3.*/site-packages`), [], reachOf(mountsIn(mounts)))
        .filter(({ status }) => status === 'unrecorded')
        .map(({ argv }) => argv?.at(-1) ?? '')
    const local = 'dev / ext4 rw 0 0\n'
    const all = ['*/site-packages/*.dist-info']
    expect(unseen(local, 'envs/*')).toEqual(all)
    expect(unseen(local, 'envs/1*')).toEqual([])
    expect(unseen(`${local}nas:/ ${home}/far nfs4 rw 0 0\n`, 'envs/1*', 'far/*')).toEqual(all)
    expect(unseen(`${local}nas:/ ${home}/envs/7 nfs4 rw 0 0\n`, 'envs/1*', '*')).toEqual([])
  })
})

it('mentioned: tells which of the paths in a file exist', async () => {
  const home = folder()
  put(`${home}/there`, '')
  put(`${home}/spec.yaml`, `- hostPath: ${home}/there\n- hostPath: ${home}/gone\n`)
  const [spec, list] = await probeLive([
    { kind: 'mentioned', paths: [`${home}/*.yaml`], pattern: String.raw`hostPath:\s*(/\S+)` },
  ])
  expect(spec?.path).toBe(`${home}/spec.yaml`)
  expect(list).toMatchObject({ argv: ['ls', '-d', `${home}/there`, `${home}/gone`], text: `${home}/there\n`, exitCode: 2 })
  expect(list?.stderr).toBe(`ls: cannot access '${home}/gone': No such file or directory\n`)
})

it('variables: shows the chosen ones only', async () => {
  const [shown] = await probeLive([{ kind: 'variables', names: ['LD_LIBRARY_PATH', 'PYTORCH_JIT'] }], {
    env: { LD_LIBRARY_PATH: '/a:/b', HF_TOKEN: 'secret' },
  })
  expect(shown).toMatchObject({ argv: ['printenv'], text: 'LD_LIBRARY_PATH=/a:/b\n' })
})

it('first: asks the next command only where the one before gave nothing whole', async () => {
  const run = (...argv: [string, ...string[]]) => ({ kind: 'run', argv }) as const
  const asked = async (...of: ReturnType<typeof run>[]) => (await probeLive([{ kind: 'first', of }])).map(({ argv }) => argv?.[0])
  expect(await asked(run('echo', 'one'), run('printf', 'two'))).toEqual(['echo'])
  expect(await asked(run('false'), run('printf', 'two'))).toEqual(['false', 'printf'])
  expect(await asked(run('head', '-c', '70000', '/dev/zero'), run('printf', 'two'))).toEqual(['head', 'printf'])
})
