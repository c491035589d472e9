import type { GlobalOptions } from './options.ts'

/** What may be shown where. Data goes to stdout, all else to stderr; each decides for itself about colour. */
export type Terminal = {
  out(text: string): void
  err(text: string): void
  width: number
  colourOut: boolean
  colourErr: boolean
  /** A person can watch: tasks may be redrawn in place. */
  live: boolean
  /** The home screen can be shown: a person reads stdout. */
  home: boolean
  /** A person can be asked. */
  canAsk: boolean
  /** Nobody waits for this run. */
  ci: boolean
}

let data = false
/** Whether there is data on stdout already. */
export const hasData = (): boolean => data

const CI = ['CI', 'GITHUB_ACTIONS', 'GITLAB_CI', 'BUILDKITE', 'TEAMCITY_VERSION']

/** Reads flags, environment and streams once. */
export function terminalOf(options: GlobalOptions): Terminal {
  const { env, stdin, stdout, stderr } = process
  const ci = CI.some((name) => env[name])
  const dumb = env['TERM'] === 'dumb'
  const colour = (tty: boolean): boolean => {
    if (options.color !== 'auto') return options.color === 'always'
    if (env['GB10_NO_COLOR'] || env['NO_COLOR']) return false
    return env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : tty && !dumb
  }
  return {
    out: (text) => {
      data ||= text !== ''
      stdout.write(text)
    },
    err: (text) => void stderr.write(text),
    width: Math.min(stdout.columns || stderr.columns || 80, 100),
    colourOut: !options.json && colour(stdout.isTTY === true),
    colourErr: colour(stderr.isTTY === true),
    live: stderr.isTTY === true && !ci && !dumb && !options.plain && !options.quiet && !options.verbose,
    home: stdout.isTTY === true && !ci && !dumb,
    canAsk: stdin.isTTY === true && stderr.isTTY === true && !ci && options.input && !options.json,
    ci,
  }
}
