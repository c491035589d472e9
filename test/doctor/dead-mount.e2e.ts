import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commandLine, newHome } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'

const apart = ['-rm', '--propagation', 'private']
const able = existsSync('/dev/fuse') && spawnSync('unshare', [...apart, 'true']).status === 0

/** A file system whose server never answers: whoever looks into it waits until it is killed. It goes with its mount namespace. */
const DEAD = `exec 9<>/dev/fuse
mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 none "$1" || exit 77
shift
exec "$@"`

describe.skipIf(!able)('a dead mount in the home (needs /dev/fuse and unshare)', () => {
  it('costs one limit, and hides nothing else', (context) => {
    const { home, env } = newHome()
    for (const name of ['nas', '.cache']) mkdirSync(`${home}/${name}`)
    symlinkSync(`${home}/nas/bashrc`, `${home}/.bashrc`)
    symlinkSync(`${home}/nas/cache`, `${home}/.cache/huggingface`)
    const argv = [...apart, 'bash', '-c', DEAD, 'bash', `${home}/nas`, ...commandLine(['doctor', '--json'])]
    const started = performance.now()
    const all = { ...env, PATH: `${home}/nas/bin:${env['PATH']}`, VIRTUAL_ENV: `${home}/nas/venv` }
    const ended = spawnSync('unshare', argv, { env: all, encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL' })
    if (ended.status === 77) return context.skip('nothing can be mounted here')
    expect(ended.signal).toBeNull()
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(violations(ended.stdout)).toEqual([])
    const { results } = JSON.parse(ended.stdout) as { results: { id: string; status: string }[] }
    const of = (id: string): string | undefined => results.find((one) => one.id === id)?.status
    expect(['pass', 'fail']).toContain(of('disk-nearly-full'))
    // A tool that may lie in there is not one that does not answer.
    expect(of('driver-not-responding')).not.toBe('fail')
    expect(spawnSync('pgrep', ['-f', home]).status).toBe(1)
  })
})
