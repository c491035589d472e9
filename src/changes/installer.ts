import type { InstallStep } from '../model/change.ts'
import type { Context, WantOf } from './kind.ts'

type VenvWant = WantOf<'venv'>

const constraints = (want: VenvWant): string => `${want.path}/gb10-constraints.txt`

/** How an empty environment is made in the tree that is there already (it holds the sentinel). */
export function createArgv(want: VenvWant): string[] {
  if (want.installer === 'pip') return [want.python, '-m', 'venv', want.path]
  return [want.uv!, 'venv', '--allow-existing', '--no-project', '--no-python-downloads', '--python', want.python, want.path]
}

/** How packages get into it: one index alone for an address, the user's own configuration for `default`. */
export function installArgv(want: VenvWant, step: InstallStep): string[] {
  const python = `${want.path}/bin/python`
  if (want.installer === 'pip') {
    const index = step.index === 'default' ? [] : ['--index-url', step.index]
    return [python, '-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '-c', constraints(want), ...index, ...step.packages]
  }
  const index = step.index === 'default' ? [] : ['--default-index', step.index]
  return [want.uv!, 'pip', 'install', '--python', python, '-c', constraints(want), ...index, ...step.packages]
}

/** Further indexes and link lists of the user must not mix into a step that names its one index. */
const MIXING = ['UV_INDEX', 'UV_EXTRA_INDEX_URL', 'UV_FIND_LINKS', 'PIP_EXTRA_INDEX_URL', 'PIP_FIND_LINKS']

/**
 * The installer's own surroundings: its caches in our one cache folder, no Python of its own. uv makes a folder for credentials when it asks
 * any index but its default one: where the user has none, it is made in our cache too, and goes with it.
 */
export function installEnv(context: Context, want: VenvWant, index: string): Record<string, string> {
  const { machine } = context
  const own = { UV_CACHE_DIR: `${want.cache}/uv`, PIP_CACHE_DIR: `${want.cache}/pip`, UV_NO_PROGRESS: '1', UV_PYTHON_DOWNLOADS: 'never' }
  const data = machine.env['XDG_DATA_HOME'] || `${machine.env['HOME']}/.local/share`
  const usersCredentials = machine.env['UV_CREDENTIALS_DIR'] !== undefined || machine.lstat(`${data}/uv`) !== null
  const credentials = usersCredentials ? {} : { UV_CREDENTIALS_DIR: `${want.cache}/uv-credentials` }
  const cleared = index === 'default' ? [] : MIXING.filter((name) => name in machine.env).map((name) => [name, ''])
  return { ...Object.fromEntries(cleared), ...own, ...credentials }
}
