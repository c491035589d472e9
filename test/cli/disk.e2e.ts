import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { gb10, newHome, start, type Home } from '../support/cli.ts'
import { manifestOf } from '../support/manifest.ts'
import { violations } from '../support/schemas.ts'
import { tiny, tinyWheels, wheelIndex } from '../support/wheel-index.ts'

type Disk = Home & { remount(options: string): void; leave(kB: number): void }

/** A home on a file system of its own, which has room for what recipes say they need until `leave` takes that away. */
function homeOnDisk(): Disk {
  const home = newHome()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20g', 'gb10-test', home.home])
  onTestFinished(() => void execFileSync('umount', ['-l', home.home]))
  const remount = (options: string): void => void execFileSync('mount', ['-o', `remount,${options}`, home.home])
  const usedKb = (): number => Number(execFileSync('df', ['-k', '--output=used', home.home]).toString().split('\n')[1])
  return { ...home, remount, leave: (kB) => remount(`size=${usedKb() + kB}k`) }
}

describe.skipIf(process.getuid!() !== 0)('disks', () => {
  test.each([0, 4, 8, 12, 16, 24])('a disk that is full but for %d kB: nothing is lost, room makes it go on, uninstall leaves nothing', async (left) => {
    const home = homeOnDisk()
    mkdirSync(`${home.home}/docs`)
    writeFileSync(`${home.home}/.bashrc`, 'alias x=y\n')
    const before = manifestOf(home.home)
    const index = await wheelIndex(tinyWheels(), { stall: 'torch' })
    const run = start(['apply', ...tiny(index.url), '--yes', '--json'], home)
    await index.stalled
    home.leave(left)
    index.release()
    const ended = await run.ended
    expect(ended.code, ended.stderr).toBe(1)
    expect(violations(ended.stdout)).toEqual([])
    expect(ended.stderr + ended.stdout).toMatch(/no space left|ENOSPC/i)
    const status = await gb10(['status', '--json'], home)
    expect(status.code).toBe(0)
    home.remount('size=20g')
    const resumed = await gb10(['resume', '-q'], home)
    expect(resumed.code, resumed.stderr).toBe(0)
    const gone = await gb10(['uninstall', '--yes', '--json'], home)
    expect(gone.code, gone.stderr + gone.stdout).toBe(0)
    expect(manifestOf(home.home)).toEqual(before)
  })

  test('on a full disk uninstall works or says what it needs; with room it leaves nothing', async () => {
    const home = homeOnDisk()
    const index = await wheelIndex(tinyWheels())
    expect((await gb10(['apply', ...tiny(index.url), '--yes', '-q'], home)).code).toBe(0)
    home.leave(0)
    const gone = await gb10(['uninstall', '--yes'], home)
    if (gone.code !== 0) {
      expect(gone.code, gone.stderr).toBe(1)
      expect(gone.stderr).toMatch(/ENOSPC[^\n]*\n +Next: make room/)
    }
    home.remount('size=20g')
    expect((await gb10(['uninstall', '--yes'], home)).code).toBe(0)
    expect(manifestOf(home.home)).toEqual([])
  })

  test('what lies behind a link is counted on the disk that the link leads to', async () => {
    const { home, env } = newHome()
    const small = homeOnDisk()
    small.leave(1000)
    mkdirSync(`${home}/.local/share/gb10`, { recursive: true })
    symlinkSync(small.home, `${home}/.local/share/gb10/envs`)
    const ended = await gb10(['plan', ...tiny('http://127.0.0.1:9/simple')], { env })
    expect([ended.code, ended.stderr + ended.stdout]).toEqual([1, expect.stringContaining(`not enough disk space on ${small.home}`)])
  })

  test('a read-only home is named, read and left alone', async () => {
    const home = homeOnDisk()
    const index = await wheelIndex(tinyWheels())
    expect((await gb10(['apply', ...tiny(index.url), '--yes', '-q'], home)).code).toBe(0)
    const before = manifestOf(home.home)
    home.remount('ro')
    expect((await gb10(['status', '--verify'], home)).code).toBe(0)
    expect((await gb10(['run', 'torch-cu130', '--', 'python', '-B', '-c', 'import torch'], home)).code).toBe(0)
    const accept = ['--accept', 'Apache-2.0', '--accept', 'CDLA-Permissive-2.0']
    for (const args of [['uninstall', '--yes'], ['apply', 'docling', '--yes', ...accept, '--set', 'path=/tmp/x/docling', ...tiny(index.url).slice(1)], ['undo', 'torch-cu130', '--yes']]) {
      const ended = await gb10(args, home)
      expect(ended.code, ended.stderr).toBeGreaterThan(0)
      expect(ended.stderr).toMatch(/Next: /i)
      expect(ended.stderr).not.toContain('a bug in gb10')
    }
    home.remount('rw')
    expect(manifestOf(home.home)).toEqual(before)
    expect((await gb10(['uninstall', '--yes'], home)).code).toBe(0)
    expect(manifestOf(home.home)).toEqual([])
  })

  test('a new run in a read-only home changes nothing', async () => {
    const home = homeOnDisk()
    home.remount('ro')
    const index = await wheelIndex(tinyWheels())
    const ended = await gb10(['apply', ...tiny(index.url), '--yes', '--json'], home)
    expect(ended.code).toBe(1)
    expect(violations(ended.stdout, 'error')).toEqual([])
    expect(ended.stderr).toMatch(/read-only/i)
    expect(existsSync(`${home.home}/.local`)).toBe(false)
  })
})
