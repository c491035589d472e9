import type { Change, Want } from '../../src/model/change.ts'

/**
 * The recipes of the proof, each in three versions: every kind of change, shared folders, files that several edit, trees beside
 * each other.
 */
export const RECIPES: Record<string, (home: string, version: number) => Want[]> = {
  one: (h, v) => [
    { kind: 'directory', path: `${h}/shared/dir`, mode: 0o755 },
    { kind: 'file', path: `${h}/shared/dir/one.conf`, content: `one ${v}\n`, mode: 0o600 },
    { kind: 'file', path: `${h}/old.conf`, content: `ours ${v}\n`, mode: 0o644 },
    { kind: 'block', path: `${h}/.bashrc`, name: 'one', lines: [`A=${v}`, 'B=2'] },
    { kind: 'env-line', path: `${h}/environment`, name: 'PATH', value: `/new/${v}` },
    { kind: 'exec', probe: ['test', '-e', `${h}/flag`], perform: ['touch', `${h}/flag`], undo: ['rm', '-f', `${h}/flag`] },
  ],
  two: (h, v) => [
    { kind: 'directory', path: `${h}/shared/dir`, mode: 0o755 },
    { kind: 'block', path: `${h}/.bashrc`, name: 'two', lines: [`C=${v}`] },
    { kind: 'block', path: `${h}/twin`, name: 'two', lines: [`C=${v}`, 'export C'] },
    { kind: 'symlink', path: `${h}/current`, target: `new-${v}` },
    { kind: 'env-line', path: `${h}/environment`, name: 'CUDA', value: '/cuda' },
    { kind: 'cache', path: `${h}/cache` },
  ],
  env: (h, v) => [
    { kind: 'cache', path: `${h}/cache` },
    {
      kind: 'venv',
      path: treeOf(h, v),
      python: '/usr/bin/python3',
      pythonVersion: '3.12',
      installer: 'uv',
      uv: 'uv',
      cache: `${h}/cache`,
      steps: [{ packages: [`demo==${v}`], index: 'default' }],
      constraints: [`demo==${v}`],
      variables: { XDG_CACHE_HOME: `${h}/cache` },
      promised: [{ distribution: 'demo', version: String(v), localVersion: null }],
    },
    { kind: 'symlink', path: `${h}/envs/demo`, target: treeOf(h, v) },
    { kind: 'block', path: `${h}/fresh`, name: 'env', lines: ['D=4'] },
    {
      kind: 'download',
      path: modelsOf(h, v),
      files: [remote('weights', v), remote('deep/er/weights', 1)],
      licence: null,
      unpack: 'none',
    },
    { kind: 'symlink', path: `${h}/models`, target: modelsOf(h, v) },
  ],
}

/** The hidden names of a version of the environment and of the models, as the planner forms them: with eight digits of a hash. */
export const treeOf = (home: string, version: number): string => `${home}/envs/.demo-1111111${version}`
export const modelsOf = (home: string, version: number): string => `${home}/.models-1111111${version}`

const remote = (name: string, v: number) => ({ url: `http://models.invalid/${name}?${v}`, name, sha256: null, bytes: null })

export const NAMES = Object.keys(RECIPES)

/** A recipe's wants as the changes of a plan. */
export const changesOf = (recipe: string, wants: Want[]): Change[] =>
  wants.map((want, i) => ({
    id: `${i}-${want.kind}`,
    recipe,
    want,
    summary: `${want.kind} ${i}`,
    scope: 'user',
    reversible: 'full',
    seconds: null,
    bytes: null,
  }))
