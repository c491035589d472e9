import type { Change, Want } from '../../src/model/change.ts'

/** Where the things lie that the plan fetches, links and runs; made once for a run of the suite. */
export type Material = { http: string; wheel: string; tool: string; repository: string; revision: string; uv: string; python: string; pythonVersion: string }

/** One plan with every kind of change, and both ways of each: something new, and something that replaces what was there. */
export function everyKind(home: string, m: Material): Want[] {
  const data = `${home}/.local/share/gb10`
  const cache = `${home}/.cache/gb10`
  return [
    { kind: 'directory', path: `${home}/opt/deep`, mode: 0o750 },
    { kind: 'file', path: `${home}/opt/deep/new.conf`, content: 'a=1\n', mode: 0o640 },
    { kind: 'file', path: `${home}/old.conf`, content: 'ours\n', mode: 0o600 },
    { kind: 'block', path: `${home}/.bashrc`, name: 'demo', lines: ['export A=1', 'export B=2'] },
    { kind: 'block', path: `${home}/.zshrc`, name: 'demo', lines: ['export A=1'] },
    { kind: 'symlink', path: `${home}/bin/tool`, target: '/usr/bin/true' },
    { kind: 'symlink', path: `${home}/current`, target: 'new' },
    { kind: 'env-line', path: `${home}/environment`, name: 'PATH', value: '/new:/usr/bin' },
    { kind: 'env-line', path: `${home}/environment`, name: 'CUDA_HOME', value: '/usr/local/cuda' },
    { kind: 'cache', path: cache },
    { kind: 'download', path: `${data}/models`, files: [remote(`${m.http}/small.bin`, 'small.bin'), remote(`${m.http}/deep.bin`, 'a/b/deep.bin')], licence: null, unpack: 'none' },
    { kind: 'download', path: `${data}/tool`, files: [remote(m.tool, 'tool-1.0-py3-none-any.whl')], licence: null, unpack: 'wheel' },
    {
      kind: 'venv', path: `${data}/envs/demo-1`, python: m.python, pythonVersion: m.pythonVersion, installer: 'uv', uv: m.uv, cache,
      steps: [{ packages: [m.wheel], index: 'default' }], constraints: ['demo==1.0'], variables: { XDG_CACHE_HOME: cache },
      promised: [{ distribution: 'demo', version: '1.0', localVersion: null }],
    },
    { kind: 'symlink', path: `${data}/envs/demo`, target: `${data}/envs/demo-1` },
    { kind: 'clone', path: `${data}/src`, url: m.repository, revision: m.revision },
    { kind: 'exec', probe: ['test', '-e', `${home}/flag`], perform: ['touch', `${home}/flag`], undo: ['rm', '-f', `${home}/flag`] },
  ]
}

const remote = (url: string, name: string) => ({ url, name, sha256: null, bytes: null })

/** The wants as the changes of one recipe. */
export const changesOf = (recipe: string, wants: Want[]): Change[] =>
  wants.map((want, i) => ({ id: `${i}-${want.kind}`, recipe, want, summary: `${want.kind} ${i}`, scope: 'user', reversible: 'full', seconds: null, bytes: null }))
