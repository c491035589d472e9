import { existsSync } from 'node:fs'
import { pipConfig, uvVariables } from './pip-config.ts'

/** Variables that steer Node or npm, or an activated Python: they must not reach what gb10 starts. */
const STRIPPED = /^(NODE_|npm_|VIRTUAL_ENV|CONDA_|PYTHON(PATH|HOME|STARTUP|USERBASE)|GB10_REEXEC|FORCE_COLOR)/

/** The environment of every tool that gb10 runs: the user's, in one locale, without colours, with pip's settings handed on to uv. */
export function childEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined && !STRIPPED.test(pair[0]))
  const own = { LC_ALL: 'C.UTF-8', NO_COLOR: '1', PYTHONNOUSERSITE: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' }
  return { ...Object.fromEntries(kept), ...uvVariables(pipConfig(env), env), ...own }
}

/**
 * For asking pip something: pip runs `rustc --version` for its user agent, and rustup's rustc makes a folder in the user's home when it is
 * first run. So its folder is left out of PATH.
 */
export const pipEnvironment = (env: Record<string, string>): Record<string, string> => ({ ...env, PATH: withoutRustup(env['PATH'] ?? '') })

const withoutRustup = (path: string): string => path.split(':').filter((folder) => !existsSync(`${folder}/rustup`)).join(':')
