import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { commandLine, newHome, type Home } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'

const tools = ['mkfs.ext4', 'fsfreeze', 'losetup'].every(
  (name) => spawnSync('sh', ['-c', `PATH=$PATH:/sbin:/usr/sbin command -v ${name}`]).status === 0,
)
const root = process.getuid?.() === 0
const sbin = { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }

/**
 * A frozen file system: whoever writes to it waits inside the kernel, beyond any signal. A guard thaws it even when the test
 * is killed.
 */
function frozen(home: Home): string | null {
  const [image, mnt] = [`${home.home}/img`, `${home.home}/mnt`]
  mkdirSync(mnt)
  const make = `truncate -s 32M "${image}" && mkfs.ext4 -q -F "${image}" && mount -o loop "${image}" "${mnt}"`
  if (spawnSync('sh', ['-c', make], { env: sbin }).status !== 0) return null
  const guard = spawn('sh', ['-c', `sleep 60; fsfreeze -u "${mnt}"`], { env: sbin, detached: true, stdio: 'ignore' })
  onTestFinished(() => {
    spawnSync('sh', ['-c', `fsfreeze -u "${mnt}"; sleep 0.5; umount "${mnt}"`], { env: sbin })
    process.kill(-guard.pid!, 'SIGKILL')
  })
  return spawnSync('fsfreeze', ['-f', mnt], { env: sbin }).status === 0 ? mnt : null
}

describe.skipIf(!root || !tools)('a GPU tool in state D (needs root, mkfs.ext4 and fsfreeze)', () => {
  it('is named as hung, in time, while the others go on', async (context) => {
    const home = newHome()
    const mnt = frozen(home)
    if (mnt === null) return context.skip('no loop-mounted file system can be frozen here')
    mkdirSync(`${home.home}/bin`)
    writeFileSync(`${home.home}/bin/nvidia-smi`, `#!/bin/sh\nexec touch ${mnt}/x\n`)
    chmodSync(`${home.home}/bin/nvidia-smi`, 0o755)
    const [program = '', ...args] = commandLine(['doctor', '--json'])
    const started = performance.now()
    const env = { ...home.env, PATH: `${home.home}/bin:${home.env['PATH']}` }
    const ended = spawnSync(program, args, { env, encoding: 'utf8', timeout: 40_000 })
    const took = performance.now() - started
    // The slowest query may take 5 s, the ladder of signals 0.4 s; the rest is for a busy machine.
    expect(took).toBeLessThan(5000 + 400 + 2000)
    expect(violations(ended.stdout)).toEqual([])
    type Result = { id: string; status: string; actual: string | null }
    const { results, machine } = JSON.parse(ended.stdout) as { results: Result[]; machine: { kernel: string | null } }
    const of = (id: string): Result | undefined => results.find((one) => one.id === id)
    const named = of('driver-not-responding')
    expect(named?.status).toBe('fail')
    expect(named?.actual).toMatch(/^gpu\.name hung; hung nvidia-smi \(process \d+, waits in \w+\)$/)
    expect(machine.kernel).not.toBeNull()
    expect(['pass', 'fail']).toContain(of('disk-nearly-full')?.status)
    // That the driver does not answer is a definite failure, which wins over what could not be told for it.
    expect(ended.status).toBe(1)
    // The child is still there: nothing can kill it, and it kept nobody waiting.
    expect(spawnSync('pgrep', ['-f', `touch ${mnt}/x`]).status).toBe(0)
  })
})
