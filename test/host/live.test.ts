import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir, userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { gpuGuard } from '../../src/facts/kernel-log.ts'
import { doctorProbes } from '../../src/facts/probes-doctor.ts'
import { probes } from '../../src/facts/probes.ts'
import { probeLive } from '../../src/host/live.ts'
import { expand, onPath, readPlain } from '../../src/host/probe-files.ts'
import type { Probe } from '../../src/host/probe.ts'
import { readRecording } from '../../src/host/recorded.ts'

/** Processes to see instead of this machine's own. */
const table = vi.hoisted(() => ({ text: null as string | null }))
vi.mock('../../src/host/processes.ts', async (original) => {
  const real = await original<typeof import('../../src/host/processes.ts')>()
  return { ...real, processTable: async () => table.text ?? real.processTable() }
})

const base = mkdtempSync(`${tmpdir()}/gb10-live-`)
afterAll(() => rmSync(base, { recursive: true }))

/** A folder for PATH with small shell programs. */
const tools = (name: string, programs: Record<string, string>): string => {
  const folder = `${base}/${name}`
  mkdirSync(folder)
  for (const [tool, body] of Object.entries(programs)) writeFileSync(`${folder}/${tool}`, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return `${folder}:/usr/bin:/bin`
}
const smi = (...args: string[]): Probe => ({ kind: 'run', argv: ['nvidia-smi', ...args], gpu: true, limit: 200 })

describe('the live prober', () => {
  it.each([undefined, ''])('knows the home of a service that is started with HOME %j', async (home) => {
    vi.stubEnv('HOME', home)
    const asked = await probeLive([{ kind: 'run', argv: ['echo', '~/a'] }])
    vi.unstubAllEnvs()
    expect(asked[0]?.text).toBe(`${userInfo().homedir}/a\n`)
  })
  it.each([undefined, ''])('finds the tools of the system with PATH %j', async (path) => {
    vi.stubEnv('PATH', path)
    const asked = await probeLive([{ kind: 'run', argv: ['sh', '-c', 'echo "$PATH"'] }, { kind: 'which', name: 'sh' }])
    vi.unstubAllEnvs()
    expect(asked).toMatchObject([{ text: '/usr/local/bin:/usr/bin:/bin\n' }, { status: 'ok', text: expect.stringContaining('/bin/sh\n') as string }])
  })
  it('gives captures in the order of the probes and asks the GPU last', async () => {
    const log = `${base}/order.log`
    const PATH = tools('order', { 'nvidia-smi': `echo gpu >> ${log}; echo table`, slowtool: `sleep 0.2; echo slow >> ${log}` })
    const captures = await probeLive([smi(), { kind: 'run', argv: ['slowtool'] }, { kind: 'which', name: 'slowtool' }], {
      env: { PATH },
    })
    expect(captures.map((c) => c.argv?.join(' '))).toEqual(['nvidia-smi', 'slowtool', 'which -a slowtool'])
    expect(captures[0]).toMatchObject({ status: 'ok', text: 'table\n', exitCode: 0, excerpt: false })
    expect(readFileSync(log, 'utf8')).toBe('slow\ngpu\n')
  })
  it('names a hung tool once and spares its later calls', async () => {
    const PATH = tools('hung', { 'nvidia-smi': `echo called >> ${base}/hung-calls; exec sleep 6100` })
    const captures = await probeLive([smi(), smi('-L'), { kind: 'run', argv: ['echo', 'fine'] }], { env: { PATH } })
    expect(captures.map((c) => c.status)).toEqual(['timeout', 'timeout', 'ok'])
    expect(readFileSync(`${base}/hung-calls`, 'utf8')).toBe('called\n')
    expect(captures[1]?.stderr).toContain('not run')
  })
  it('spares the GPU when its guard says so', async () => {
    const PATH = tools('guard', {
      'nvidia-smi': `echo called >> ${base}/guard-calls`,
      dmesg: 'echo "[1.0] NVRM: Xid (PCI:000f:01:00): 79, GPU has fallen off the bus."',
    })
    const captures = await probeLive([{ kind: 'run', argv: ['dmesg'] }, smi()], { env: { PATH }, guard: gpuGuard })
    expect(captures[1]).toMatchObject({ status: 'hung', stderr: 'not run: the kernel log reports Xid 79 for GPU 000f:01:00' })
    expect(() => readFileSync(`${base}/guard-calls`)).toThrow('ENOENT')
  })
  it.each([
    ['an older driver', `case $1 in *new*) echo 'Field "new" is not a valid field to query.'; exit 2;; --q*) echo NVIDIA GB10, 1;; esac`, [0], 'NVIDIA GB10, 1\n'],
    ['one that knows no query', `case $1 in --q*) echo Invalid combination of input arguments.; exit 2;; -q) echo full;; esac`, [0], 'full\n'],
    ['one that knows its table only', `case $1 in -*) exit 2;; *) echo '| table |';; esac`, [0], '| table |\n'],
    ['one that always prints its table', `echo '| table |'`, [0], '| table |\n'],
    ['a failing one', 'echo Unknown Error; exit 255', [255], 'Unknown Error\n'],
    ['one that finds no GPU', 'echo No devices were found; exit 6', [6], 'No devices were found\n'],
  ])('asks %s again in words that it knows, and any other failure not again', async (name, body, codes, last) => {
    const form = (arg: string, shows?: RegExp): Extract<Probe, { kind: 'run' }> => {
      const argv: [string, ...string[]] = ['nvidia-smi', ...(arg === '' ? [] : [arg])]
      return { kind: 'run', argv, gpu: true, ...(shows ? { shows } : {}) }
    }
    const of = [form('--query-gpu=name,new', /,/), form('--query-gpu=name,old', /,/), form('-q', /full/), form('')]
    const captures = await probeLive([{ kind: 'first', of }], { env: { PATH: tools(`forms of ${name}`, { 'nvidia-smi': body }) } })
    expect([captures.map((c) => c.exitCode), captures.at(-1)?.text]).toEqual([codes, last])
  })
  it('tells a missing tool and a missing file apart from failures', async () => {
    const captures = await probeLive(
      [
        { kind: 'run', argv: ['no-such-tool-here'] },
        { kind: 'read', path: '/etc/no-such-file' },
        { kind: 'names', path: '/etc/no-such-*' },
      ],
      {},
    )
    expect(captures).toMatchObject([
      { status: 'absent', exitCode: 127 },
      { status: 'absent', path: '/etc/no-such-file' },
      { status: 'absent', text: '' },
    ])
  })
  it.each([
    ['[    0.000000] Linux version 6.17\n[   44.1] usb', false],
    ['[44650.242846] EXT4-fs (loop1): recovery complete', true],
    ['Linux version 6.17 without times', false],
  ])('knows a kernel log that does not begin with the boot: %j', async (log, cut) => {
    const PATH = tools(`log ${log.slice(0, 8)}`, { dmesg: `echo '${log}'` })
    expect(await probeLive([{ kind: 'run', argv: ['dmesg'] }], { env: { PATH } })).toMatchObject([{ status: 'ok', excerpt: cut }])
  })
  it('reads start files of a shell in any encoding', async () => {
    const home = `${base}/latin`
    mkdirSync(home)
    writeFileSync(`${home}/.bashrc`, Buffer.from('export LD_LIBRARY_PATH=/home/m\xfcller/cuda-12/lib64\nexport HF_HUB_OFFLINE=1\n\0', 'latin1'))
    const shell = doctorProbes.filter((p) => p.kind === 'run' && p.argv[0] === 'grep')
    const [asked] = await probeLive(shell, { env: { HOME: home, PATH: '/usr/bin:/bin' } })
    expect(asked?.text).toMatch(/cuda-12\/lib64\n.*HF_HUB_OFFLINE=1\n$/)
  })
  it('does not take a program without its interpreter for a missing one', async () => {
    const PATH = tools('shim', {})
    writeFileSync(`${base}/shim/nvidia-smi`, '#!/no/such/python\n', { mode: 0o755 })
    const captures = await probeLive([smi()], { env: { PATH } })
    expect(captures).toMatchObject([{ status: 'error', stderr: `${base}/shim/nvidia-smi: its interpreter is missing` }])
  })
  it('tells a folder that may not be listed from an empty one', async () => {
    const root = process.geteuid!() === 0
    const at = `${base}/closed`
    const spec = `${base}/spec`
    mkdirSync(at, 0o000)
    writeFileSync(spec, `at ${at}/socket`)
    chmodSync(base, 0o755)
    if (root) process.seteuid!(65534)
    try {
      const sites: Probe = { kind: 'sites', paths: [`${at}/*/lib/python3.*/site-packages`], files: [] }
      const captures = await probeLive([{ kind: 'names', path: `${at}/*` }, { kind: 'read', path: `${at}/*.list` }, sites])
      expect(captures.map(({ status }) => status)).toEqual(['denied', 'denied', 'denied'])
      const mentioned = await probeLive([{ kind: 'mentioned', paths: [spec], pattern: 'at (.*)' }])
      expect(mentioned.at(-1)?.stderr).toBe(`ls: cannot access '${at}/socket': Permission denied\n`)
    } finally {
      if (root) process.seteuid!(0)
    }
  })
  it('tells a plain file from a link that leads nowhere', async () => {
    const at = `${base}/links`
    mkdirSync(at)
    writeFileSync(`${at}/libcudart.so.12`, '')
    symlinkSync('libcudart.so.13', `${at}/libcudart.so.12.8`)
    const captures = await probeLive([{ kind: 'link', path: `${at}/*` }])
    expect(captures.map(({ argv, text }) => [argv?.at(-1), text])).toEqual([[`${at}/libcudart.so.12`, `${at}/libcudart.so.12\n`]])
  })
  it('runs at most 16 children at a time, and two for each core', async () => {
    const log = `${base}/width.log`
    const PATH = tools('width', { slow: `echo 1 >> ${log}; sleep 0.05; echo -1 >> ${log}` })
    await probeLive(Array.from({ length: 40 }, (_, at): Probe => ({ kind: 'run', argv: ['slow', String(at)] })), { env: { PATH } })
    let running = 0
    const most = Math.max(...readFileSync(log, 'utf8').trim().split('\n').map((step) => (running += Number(step))))
    expect(most).toBeLessThanOrEqual(Math.min(16, 2 * availableParallelism()))
    expect(most).toBeGreaterThan(1)
  })
  it('stops at the deadline, and takes that for no proof that a tool hangs', async () => {
    const PATH = tools('deadline', { slowtool: 'exec sleep 6101', 'nvidia-smi': 'echo table' })
    const captures = await probeLive([{ kind: 'run', argv: ['slowtool'], limit: 60_000 }, smi()], {
      env: { PATH },
      deadline: 200,
    })
    expect(captures.map((c) => c.status)).toEqual(['error', 'error'])
  })
  it.each<[string, string, boolean]>([
    ['a machine', '    PID STAT COMMAND\n      1 S    systemd\n      2 S    kthreadd\n', true],
    ['a container', '    PID STAT COMMAND\n      1 S    bash\n      2 S    python3\n', false],
    ['no /proc', '    PID STAT COMMAND\n', false],
  ])('takes the processes of %s for all there are or not', async (_what, text, whole) => {
    table.text = text
    onTestFinished(() => void (table.text = null))
    expect(await probeLive([{ kind: 'processes' }])).toMatchObject([{ text, excerpt: !whole }])
  })
  it('reads this machine', async () => {
    const captures = await probeLive(probes, { guard: gpuGuard })
    expect(captures.find((c) => c.path === '/proc/meminfo')?.text).toContain('MemTotal:')
    expect(captures.every((c) => c.argv !== undefined || c.path !== undefined)).toBe(true)
  }, 60_000)
})

describe('the recorded machine in live forms', () => {
  const form = (text: string): string => text.replace(/\/home\/user/, '~')
  it('holds only what the probe list asks for', async () => {
    const patterns = probes.flatMap((p) =>
      p.kind === 'read'
        ? [p.path]
        : p.kind === 'which'
          ? [`which -a ${p.name}`]
          : p.kind === 'link'
            ? [`readlink -f ${p.path}`]
            : p.kind === 'names'
              ? [`ls -d ${p.path}`]
              : p.kind === 'space'
                ? [`df -kP ${p.path}`]
                : p.kind === 'processes'
                  ? ['ps -eo pid,stat,comm']
                  : p.kind === 'readSlow'
                    ? ['grep -Hs ']
                    : p.kind === 'run'
                      ? [p.argv.join(' ')]
                      : p.kind === 'first'
                        ? p.of.map(({ argv }) => argv.join(' '))
                        : [],
    )
    const asked = (text: string): boolean =>
      patterns.some(
        (p) =>
          p === text ||
          (p.startsWith('grep -Hs') && text.startsWith(p)) ||
          (!p.startsWith('ls') &&
            p.includes('*') &&
            new RegExp(`^${p.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`).test(text)),
      )
    const captures = await readRecording(fileURLToPath(new URL('../hosts/gb10-live-forms', import.meta.url)))
    expect(captures.map((c) => form(c.argv?.join(' ') ?? c.path ?? '')).filter((text) => !asked(text))).toEqual([])
  })
})

describe('files of the prober', () => {
  it('refuses what is no plain file, without waiting', () => {
    expect(readPlain('/dev/zero').status).toBe('error')
    expect(readPlain('/etc').status).toBe('error')
  })
  it('expands patterns by segment', () => {
    mkdirSync(`${base}/glob/cuda-13.0/bin`, { recursive: true })
    mkdirSync(`${base}/glob/cuda-12`, { recursive: true })
    writeFileSync(`${base}/glob/cuda-13.0/bin/nvcc`, '')
    expect(expand(`${base}/glob/cuda*/bin/nvcc`)).toEqual([`${base}/glob/cuda-13.0/bin/nvcc`])
    expect(expand(`${base}/glob/cuda-1*`)).toEqual([`${base}/glob/cuda-12`, `${base}/glob/cuda-13.0`])
  })
  it('passes over relative folders of PATH', () => {
    expect(onPath('sh', '.:bin:/bin')).toEqual(['/bin/sh'])
  })
})
