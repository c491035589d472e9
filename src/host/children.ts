import { existsSync } from 'node:fs'
import { pipConfig, pipVariables, uvVariables } from './pip-config.ts'

/** Variables that steer Node or npm, an activated Python, or where pip puts things: they must not reach what gb10 starts. */
const STRIPPED = /^(NODE_|npm_|VIRTUAL_ENV|CONDA_|PYTHON(PATH|HOME|STARTUP|USERBASE)|PIP_(TARGET|PREFIX|ROOT|USER|REQUIREMENT|EDITABLE)$|GB10_REEXEC|FORCE_COLOR)/

/** `eval "$(gb10 env NAME)"` sets these for one environment; they are not for another. */
const OURS = /gb10-constraints\.txt$/

/**
 * The environment of every tool that gb10 runs: the user's, in one locale, without colours. Of pip's settings those that say where packages
 * come from are handed on, to uv too; its files are not read again, as they may also say where packages go.
 */
export function childEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined && !STRIPPED.test(pair[0]) && !OURS.test(pair[1]))
  const own = { LC_ALL: 'C.UTF-8', NO_COLOR: '1', PYTHONNOUSERSITE: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' }
  const pip = pipConfig(env)
  return { ...Object.fromEntries(kept), ...uvVariables(pip, env), ...pipVariables(pip), ...own }
}

/**
 * For asking pip something: pip runs `rustc --version` for its user agent, and rustup's rustc makes a folder in the user's home when it is
 * first run. So its folder is left out of PATH.
 */
export const pipEnvironment = (env: Record<string, string>): Record<string, string> => ({ ...env, PATH: withoutRustup(env['PATH'] ?? '') })

const withoutRustup = (path: string): string => path.split(':').filter((folder) => !existsSync(`${folder}/rustup`)).join(':')
