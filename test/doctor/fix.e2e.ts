import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commandLine, newHome, type Home } from '../support/cli.ts'
import { manifestOf } from '../support/manifest.ts'
import { violations } from '../support/schemas.ts'

const root = process.getuid?.() === 0
const nvcc = '#!/bin/sh\necho "Cuda compilation tools, release 13.0, V13.0.88"\n'

/** gb10 on a machine that has a toolkit, off PATH: a mount namespace with another /usr/local. `answers`: what a person types. */
function onToolkit(home: Home, args: string[], { path = `${home.home}/.local/bin:/usr/bin:/bin`, answers = '' } = {}) {
  const words = commandLine(args)
    .map((word) => `'${word}'`)
    .join(' ')
  const asked = answers === '' ? words : `script -qefc "${words.replaceAll('"', '\\"')}" /dev/null`
  const setup = `mount -t tmpfs none /usr/local && mkdir -p /usr/local/cuda-13.0/bin && ln -s cuda-13.0 /usr/local/cuda &&
    printf '%s' "$NVCC" >/usr/local/cuda-13.0/bin/nvcc && chmod 755 /usr/local/cuda-13.0/bin/nvcc && ${asked}`
  const env = { ...home.env, PATH: path, NVCC: nvcc, TERM: 'dumb' }
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', setup], { env, encoding: 'utf8', input: answers })
  return { code: status, stdout, stderr }
}
const mended = (stdout: string): { id: string; outcome: string; run: string | null }[] =>
  (JSON.parse(stdout) as { mended: { id: string; outcome: string; run: string | null }[] }).mended

describe.skipIf(!root)('doctor --fix', () => {
  it('mends, looks again, and undo takes it back', () => {
    const home = newHome()
    const before = manifestOf(home.home)
    const found = onToolkit(home, ['doctor', '--json', 'nvcc-not-on-path'])
    expect((JSON.parse(found.stdout) as { summary: { fail: number } }).summary.fail, found.stderr).toBe(1)
    const fixed = onToolkit(home, ['doctor', '--fix', '--yes', '--json', 'nvcc-not-on-path'])
    expect(violations(fixed.stdout)).toEqual([])
    expect(mended(fixed.stdout)).toEqual([
      expect.objectContaining({ id: 'nvcc-not-on-path', recipe: 'nvcc-on-path', outcome: 'fixed' }),
    ])
    expect(fixed.code, fixed.stderr).toBe(0)
    expect(existsSync(`${home.home}/.local/bin/nvcc`)).toBe(true)
    const again = onToolkit(home, ['doctor', '--fix', '--yes', 'nvcc-not-on-path'])
    expect(again.stdout).toContain('Nothing was found that could be mended.')
    expect(onToolkit(home, ['undo', 'nvcc-on-path', '--yes']).code).toBe(0)
    expect(onToolkit(home, ['uninstall', '--yes']).code).toBe(0)
    expect(manifestOf(home.home)).toEqual(before)
  })
  it('says that it helped nothing where the folder is not on PATH', () => {
    const ended = onToolkit(newHome(), ['doctor', '--fix', '--yes', '--json', 'nvcc-not-on-path'], { path: '/usr/bin:/bin' })
    expect(mended(ended.stdout).map(({ outcome }) => outcome)).toEqual(['unchanged'])
  })
  it('asks on a terminal, and changes nothing without a yes', () => {
    const home = newHome()
    const before = manifestOf(home.home)
    const no = onToolkit(home, ['doctor', '--fix', 'nvcc-not-on-path'], { answers: 'n\n' })
    expect(no.stdout).toMatch(/To mend: CUDA is installed[\s\S]*Make these changes\? \[y\/N\][\s\S]*DECLINED/)
    expect(manifestOf(home.home)).toEqual(before)
    const yes = onToolkit(home, ['doctor', '--fix', 'nvcc-not-on-path'], { answers: 'y\n' })
    expect(yes.stdout).toMatch(/FIXED +\[nvcc-not-on-path\]/)
  })
  it('does nothing where nobody can be asked', () => {
    const home = newHome()
    const ended = onToolkit(home, ['doctor', '--fix', 'nvcc-not-on-path'])
    expect([ended.code, ended.stdout]).toEqual([64, ''])
    expect(ended.stderr).toContain('--yes')
    expect(existsSync(`${home.home}/.local`)).toBe(false)
  })
  it("keeps the user's own nvcc in that place", () => {
    const home = newHome()
    mkdirSync(`${home.home}/.local/bin`, { recursive: true })
    writeFileSync(`${home.home}/.local/bin/nvcc`, 'mine\n', { mode: 0o644 })
    const before = manifestOf(home.home)
    expect(mended(onToolkit(home, ['doctor', '--fix', '--yes', '--json', 'nvcc-not-on-path']).stdout)[0]?.outcome).toBe('refused')
    expect(manifestOf(home.home)).toEqual(before)
  })
})
