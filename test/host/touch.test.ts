import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { deepProbes } from '../../src/facts/probes-doctor.ts'
import { readPlain } from '../../src/host/probe-files.ts'
import { processTable } from '../../src/host/processes.ts'
import { probeLive } from '../../src/host/live.ts'
import { mountsIn, reachOf } from '../../src/host/reach.ts'

// What this very process asks the kernel for, whatever its children do: every path that a function of node:fs is given.
const seen = vi.hoisted(() => ({ calls: [] as string[], mounts: null as string | null }))
vi.mock('node:fs', async (original) => {
  const real = await original<Record<string, unknown>>()
  const watched = Object.entries(real).map(([name, value]) => [
    name,
    typeof value === 'function' && name.endsWith('Sync')
      ? (...args: unknown[]) => {
          if (typeof args[0] === 'string') seen.calls.push(`${name} ${args[0]}`)
          const table = seen.mounts !== null && name === 'openSync' && args[0] === '/proc/self/mounts'
          return (value as (...all: unknown[]) => unknown)(...(table ? [seen.mounts, ...args.slice(1)] : args))
        }
      : value,
  ])
  return Object.fromEntries(watched) as object
})
// Starting a program waits until it is loaded.
vi.mock('node:child_process', async (original) => {
  const real = await original<typeof import('node:child_process')>()
  const started = (file: string, ...rest: never[]): unknown => {
    seen.calls.push(`openSync ${file}`)
    return (real.spawn as (...all: unknown[]) => unknown)(file, ...rest)
  }
  return { ...real, spawn: started }
})

const folder = (): string => {
  const made = realpathSync(mkdtempSync(`${tmpdir()}/gb10-touch-`))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}
beforeEach(() => {
  seen.calls = []
  seen.mounts = null
})

describe('this process', () => {
  it('reads no file of a process but its stat', async () => {
    const at = folder()
    copyFileSync('/bin/sleep', `${at}/a) D (b`)
    const child = spawn(`${at}/a) D (b`, ['60'], { stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    seen.calls = []
    await expect.poll(processTable).toMatch(new RegExp(`^ *${child.pid} S {4}a\\) D \\(b$`, 'm'))
    expect(seen.calls.filter((call) => !/^(readdirSync \/proc|readFileSync \/proc\/\d+\/stat)$/.test(call))).toEqual([])
  })
  it('does not open a FIFO or a device', () => {
    const fifo = `${folder()}/fifo`
    execFileSync('mkfifo', [fifo])
    seen.calls = []
    expect([readPlain(fifo).status, readPlain('/dev/zero').status]).toEqual(['error', 'error'])
    expect(seen.calls.filter((call) => call.startsWith('open'))).toEqual([])
  })
  it('touches nothing on a mount that may hang, and asks children about it', async () => {
    const [home, nas, bin] = [folder(), folder(), folder()]
    for (const name of ['bin', 'venv/lib/python3.12/site-packages/torch-2.14.1.dist-info', 'conda-meta', 'hub/models--a'])
      mkdirSync(`${nas}/${name}`, { recursive: true })
    writeFileSync(`${nas}/bin/nvcc`, '#!/bin/sh\necho release 13.0, V13.0.88\n', { mode: 0o755 })
    writeFileSync(`${nas}/conda-meta/history`, '')
    symlinkSync(nas, `${home}/nas`)
    symlinkSync(`${nas}/venv`, `${home}/venv`)
    mkdirSync(`${home}/.cache`)
    symlinkSync(nas, `${home}/.cache/huggingface`)
    symlinkSync(`${nas}/bin/nvcc`, `${bin}/ollama`)
    seen.mounts = `${folder()}/mounts`
    writeFileSync(seen.mounts, `/dev/vda / ext4 rw 0 0\nserver:/nas ${nas} nfs4 rw 0 0\n`)
    seen.calls = []
    const env = { HOME: home, PATH: `${bin}:${nas}/bin:/usr/bin:/bin`, VIRTUAL_ENV: `${nas}/venv` }
    const captures = await probeLive(deepProbes, { env })
    const beyond = [nas, `${home}/nas/`, `${home}/venv/`, `${home}/.cache/huggingface/`]
    expect(seen.calls.filter((call) => beyond.some((path) => call.includes(` ${path}`)))).toEqual([])
    expect(seen.calls.filter((call) => /^(stat|open|realpath)Sync/.test(call) && call.endsWith(`${bin}/ollama`))).toEqual([])
    const of = (argv: string): object | undefined => captures.find((one) => one.argv?.join(' ') === argv)
    expect(of('which -a nvcc')).toMatchObject({ status: 'ok', text: `${nas}/bin/nvcc\n` })
    expect(of('nvcc --version')).toMatchObject({ status: 'ok', text: 'release 13.0, V13.0.88\n', program: `${nas}/bin/nvcc` })
    expect(of('ollama --version')).toMatchObject({ status: 'ok', program: `${bin}/ollama` })
    expect(of('ls -d ~/.cache/huggingface/hub/models--*'.replace('~', home))).toMatchObject({ status: 'unrecorded' })
  })
})

describe('what may be touched', () => {
  const mounts = 'dev / ext4 rw\nserver:/ /my\\040nas nfs4 rw\nx /proc/sys/fs/binfmt_misc autofs rw\ngvfsd /run/gvfs fuse.gvfsd rw\n'
  const reach = reachOf(mountsIn(mounts))
  it.each([
    ['/etc/os-release', true],
    ['/my nas', false],
    ['/my nas/../etc', true],
    ['/my nash/x', true],
    ['/run/gvfs/x', false],
    ['/proc/sys/fs/binfmt_misc/x', true],
  ])('%s: %s', (path, wanted) => expect(reach(path)).toBe(wanted))
  it('ends where links go round', () => {
    const at = folder()
    symlinkSync(`${at}/b`, `${at}/a`)
    symlinkSync(`${at}/a`, `${at}/b`)
    expect(reach(`${at}/a/x`)).toBe(false)
  })
})
