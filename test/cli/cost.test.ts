import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commandLine, gb10, newHome, type Home } from '../support/cli.ts'

const healthy = new URL('../hosts/gb10-healthy', import.meta.url).pathname

/** A home in which Node runs a few lines of ours before gb10. */
function withHook(code: string): Home {
  const home = newHome()
  writeFileSync(`${home.home}/hook.mjs`, code)
  home.env['NODE_OPTIONS'] = `--import=file://${home.home}/hook.mjs`
  return home
}

describe('what draws is loaded', () => {
  const DRAWS = /\/node_modules\/(ink|react|react-reconciler|yoga-layout|listr2)\//
  const listing = (): Home => {
    const home = withHook(`import { registerHooks } from 'node:module'
      import { appendFileSync } from 'node:fs'
      registerHooks({
        load(url, context, next) {
          appendFileSync(process.env.HOME + '/modules', url + '\\n')
          return next(url, context)
        },
      })`)
    delete home.env['CI']
    return home
  }
  const drawn = ({ home }: Home): string[] => {
    const all = readFileSync(`${home}/modules`, 'utf8').split('\n')
    expect(all.some((url) => url.endsWith('/src/cli/program.ts'))).toBe(true)
    return all.filter((url) => DRAWS.test(url))
  }
  const host = ['--host', healthy]
  const commands = [[], ['doctor', ...host], ['detect', ...host], ['status'], ['plan', 'docling', ...host]].map((args) => [args])
  it.each(commands)('not without a terminal: gb10 %j', async (args) => {
    const home = listing()
    await gb10(args, home)
    expect(drawn(home)).toEqual([])
  })
  const terminal = (home: Home, more: Record<string, string>): string[] => {
    const line = commandLine([]).join(' ')
    const env = { ...home.env, ...more, TERM: 'xterm' }
    spawnSync('script', ['-qec', line, '/dev/null'], { env, stdio: 'ignore', timeout: 20_000 })
    return drawn(home)
  }
  it.skipIf(!existsSync('/usr/bin/script'))('on a terminal, but not in CI (needs script)', () => {
    expect(terminal(listing(), { CI: 'true' })).toEqual([])
    expect(terminal(listing(), {}).some((url) => url.includes('/node_modules/ink/'))).toBe(true)
  })
})

it('a quick doctor takes at most 90 MB', async () => {
  const home = withHook(`process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS + ' KiB\\n'))`)
  await gb10(['doctor', '--json'], home) // the first run of a clone also compiles the program and the catalogue
  const { stderr } = await gb10(['doctor', '--json'], home)
  expect(Number(/^peak (\d+) KiB$/m.exec(stderr)?.[1]) * 1024).toBeLessThan(90e6)
})
