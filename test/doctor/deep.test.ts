import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { detect } from '../../src/facts/detect.ts'
import type { Environment } from '../../src/facts/environments.ts'
import { importProbes, importable } from '../../src/facts/deep.ts'
import type { Capture } from '../../src/model/capture.ts'
import { gb10, newHome, type Home } from '../support/cli.ts'
import { manifestOf } from '../support/manifest.ts'
import { violations } from '../support/schemas.ts'
import { capture, data, healthy, judgeCaptures, root } from './machine.ts'

const child = (lines: object[], part: Partial<Capture> = {}, path = '/v/bin/python3'): Capture =>
  capture({
    argv: [path, '-B', '/p/smoke/_deep.py', '--packages', 'torch'],
    text: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    ...part,
  })
const load = (samples: (number | null)[][], part: Partial<Capture> = {}): Capture => ({
  ...child([{ load: samples, seconds: 10, teraflops: 80 }, { done: true }], part),
  argv: ['/v/bin/python3', '-B', '/p/smoke/_deep.py', '--load', '10'],
})
const fine = [{ importing: 'torch' }, { imported: 'torch', error: null }]
const ok = { kernel: 'ok', device: 'NVIDIA GB10', capability: '12.1', error: null }
const deepOn = async (...captures: Capture[]): Promise<Record<string, string>> =>
  Object.fromEntries(
    judgeCaptures([...(await healthy()), ...captures])
      .filter(({ id }) => /does-not-import|kernel-fails|own-load/.test(id))
      .map(({ id, status, reason }) => [
        id.replace(/^.*-(import|gpu|load)$/, '$1'),
        reason === null ? status : `${status} ${reason}`,
      ]),
  )
const busy = (clock: number): number[][] => Array.from({ length: 6 }, () => [97, clock, 60])

describe('a deep run', () => {
  it.each<[string, Capture[], Record<string, string>]>([
    ['was not asked for', [], { import: 'skip not-asked', gpu: 'skip not-asked', load: 'skip not-asked' }],
    ['finds all well', [child([...fine, ok, { done: true }]), load(busy(2400))], { import: 'pass', gpu: 'pass', load: 'pass' }],
    ['finds a low clock', [child([...fine, ok, { done: true }]), load(busy(851))], { import: 'pass', gpu: 'pass', load: 'fail' }],
    [
      'is inconclusive where the GPU was not busy all the time',
      [child([...fine, ok, { done: true }]), load([...busy(851), [40, 600, 12]])],
      { import: 'pass', gpu: 'pass', load: 'unknown error' },
    ],
    [
      'skips the clock where it is not told',
      [child([...fine, ok, { done: true }]), load(Array.from({ length: 6 }, () => [97, null, 60]))],
      { import: 'pass', gpu: 'pass', load: 'skip unsupported' },
    ],
    [
      'finds a wrong product',
      [child([...fine, { ...ok, kernel: 'wrong' }, { done: true }])],
      { import: 'pass', gpu: 'fail', load: 'skip explained' },
    ],
    [
      'finds a kernel that never ends',
      [child([...fine, { kernel: 'begun' }], { status: 'timeout', exitCode: null })],
      { import: 'unknown timeout', gpu: 'fail', load: 'skip explained' },
    ],
    [
      'names a package that crashes',
      [child([...fine, { importing: 'vllm' }], { exitCode: null })],
      { import: 'fail', gpu: 'blocked missing', load: 'blocked missing' },
    ],
    [
      'does not call well what it did not come to',
      [
        child([...fine, ok, { done: true }]),
        capture({ argv: ['python3', '-B', '/p/smoke/_deep.py', '--left'], status: 'unrecorded' }),
      ],
      { import: 'unknown timeout', gpu: 'pass', load: 'blocked missing' },
    ],
    [
      'has no interpreter',
      [child([], { status: 'absent' })],
      { import: 'unknown error', gpu: 'blocked missing', load: 'blocked missing' },
    ],
  ])('%s', async (_what, captures, expected) => {
    expect(await deepOn(...captures)).toEqual(expected)
  })
  it('says which package of which environment, and why', () => {
    const lines = [
      ...fine,
      { importing: 'docling' },
      { imported: 'docling', error: 'ImportError: libGL.so.1' },
      { importing: 'vllm' },
    ]
    expect(detect([child(lines, { status: 'timeout' })], data).facts['python.imports']?.value).toEqual([
      { path: '/v/bin/python3', package: 'torch', state: 'ok', error: null },
      { path: '/v/bin/python3', package: 'docling', state: 'failed', error: 'ImportError: libGL.so.1' },
      { path: '/v/bin/python3', package: 'vllm', state: 'timeout', error: null },
    ])
  })
  it('says of a kernel how it ended, and of a load what was measured', () => {
    const { facts } = detect([child([...fine, { kernel: 'begun' }], { status: 'timeout' }), load(Array.from({ length: 3 }, () => [97, 2400, null]))], data)
    expect(facts['python.kernelFailures']?.value).toEqual(['torch: it did not end in time (/v/bin/python3)'])
    const stuck = [child([...fine, { kernel: 'begun' }, { stuck: true }], { status: 'timeout' })]
    expect(detect(stuck, data).facts['python.kernelFailures']?.value).toEqual(['torch: it hangs inside the kernel (/v/bin/python3)'])
    expect(facts['gpu.load']?.value).toEqual({ utilizationPercent: 97, clockSmMHz: 2400, powerW: null, teraflops: 80 })
    expect(detect([load([], { status: 'timeout', text: '' })], data).facts['gpu.load']).toMatchObject({ status: 'timeout', source: expect.stringMatching(/^python3 /) as string })
    const short = load([[97, 2400, 60], [97, 2400, 60]])
    expect(detect([short], data).facts['gpu.load']).toMatchObject({ value: null, status: 'error' })
  })
  it('imports a package by the name of its module, once', () => {
    const env: Environment = { path: '/v', kind: 'conda', python: '3.12', torch: '2.14.0', 'flash-attn': '2.8', 'opencv-python': '4', 'opencv-python-headless': '4' }
    expect(importProbes([env], '/s', true)[0]).toMatchObject({ argv: ['/v/bin/python3.12', '-E', '-B', '/s', '--packages', 'torch,flash_attn,cv2'] })
  })
  it('asks the Python whose packages they are, where several share a folder', () => {
    const env = (python: string): Environment => ({ path: '/usr/local', kind: 'venv', python, torch: '2.14.0' })
    const asked = importProbes(['3.9', '3.12', '3.13t'].map(env), '/s', true).map((probe) => probe.kind === 'run' && probe.argv[0])
    expect(asked).toEqual(['/usr/local/bin/python3', '/usr/local/bin/python3.12', '/usr/local/bin/python3.13t'])
  })
  it('enters a bounded number of environments, and none that it only knows from a list', () => {
    const env = (path: string, kind: Environment['kind']): Environment => ({ path, kind, python: '3.12', torch: '2.14.0' })
    const many = Array.from({ length: 20 }, (_, at) => env(`/v${at}`, 'venv'))
    expect([importProbes(many, '/s', true).length, importable(many)]).toEqual([8, 20])
    expect(importProbes([env('/x', 'listed'), { ...env('/y', 'venv'), torch: undefined }], '/s', true)).toEqual([])
    expect(importProbes([env('/usr/lib/python3/dist-packages', 'system')], '/s', false)[0]).toMatchObject({
      argv: ['/usr/bin/python3.12', '-E', '-B', '/s', '--packages', 'torch', '--no-gpu'],
    })
  })
})

/** Puts a package into a virtual environment of a home, which is made with the first; gives the folder of packages. */
function packageIn({ home }: Home, name: string, code: string): string {
  if (!existsSync(`${home}/venv`)) execFileSync('python3', ['-m', 'venv', '--without-pip', `${home}/venv`])
  const site = `${home}/venv/lib/${readdirSync(`${home}/venv/lib`)[0]}/site-packages`
  mkdirSync(`${site}/${name}-1.0.dist-info`)
  mkdirSync(`${site}/${name}`)
  writeFileSync(`${site}/${name}/__init__.py`, code)
  return site
}

/** Writes into the home, the temporary folder and, through a helper, beside its own files; starts what outlives it in a session of its own. */
const LITTERING = `import os, subprocess, sys, tempfile
os.mkdir(os.path.expanduser("~/.litter"))
tempfile.mkdtemp()
if "HELPER" not in os.environ:
    subprocess.run([sys.executable, "-c", "import docling.helper"], env=dict(os.environ, HELPER="1", HOME=tempfile.mkdtemp()), check=True)
    child = subprocess.Popen(["sleep", "300"], start_new_session=True)
    open("PID", "w").write(str(child.pid))
`

const hasPython = spawnSync('python3', ['-c', 'import venv']).status === 0
describe.skipIf(!hasPython)('gb10 doctor --deep', () => {
  it('imports in children, names what fails or crashes, and leaves no trace', async () => {
    const home = newHome()
    const add = (name: string, code: string): string => packageIn(home, name, code)
    add('rapidocr', 'print("hello {" * 9)\nimport os\nopen(os.environ["XDG_CACHE_HOME"] + "/x", "w").write("x")\n')
    add('docling', 'raise ImportError("libGL.so.1: cannot open")\n')
    add('vllm', 'import sys\nsys.exit(3)\n')
    add('ctranslate2', 'import os\nos.abort()\n')
    const before = manifestOf(home.home)
    const { stdout, stderr } = await gb10(['doctor', '--deep', '--json', 'python-package-does-not-import'], home)
    expect(violations(stdout)).toEqual([])
    const [result] = (JSON.parse(stdout) as { results: { status: string; actual: string }[] }).results
    expect(result?.status, stderr).toBe('fail')
    for (const name of ['docling', 'vllm', 'ctranslate2']) expect(result?.actual).toContain(`${name}: `)
    expect(result?.actual).not.toContain('rapidocr')
    expect(manifestOf(home.home)).toEqual(before)
    expect(readdirSync(`${home.home}/..`).filter((name) => name.startsWith('gb10-deep'))).toEqual([])
  })
  it("imports what is in the environment, whatever the caller's variables say to Python", async () => {
    const home = newHome()
    packageIn(home, 'docling', 'raise ImportError("mine")\n')
    mkdirSync(`${home.home}/other/docling`, { recursive: true })
    writeFileSync(`${home.home}/other/docling/__init__.py`, '')
    const variables = { PYTHONPATH: `${home.home}/other`, PYTHONHOME: '/nonexistent', PYTHONWARNINGS: 'error' }
    const { stdout } = await gb10(['doctor', '--deep', '--json', 'python-package-does-not-import'], home, variables)
    expect(stdout).toContain('docling: ImportError: mine')
  })
  it('says which Python could not be asked, and how it ended', async () => {
    const home = newHome()
    packageIn(home, 'docling', '')
    const python = readdirSync(`${home.home}/venv/bin`).find((name) => name.startsWith('python3.')) ?? 'python3'
    rmSync(`${home.home}/venv/bin/${python}`)
    writeFileSync(`${home.home}/venv/bin/${python}`, '#!/bin/sh\necho "libpython3.12.so.1.0: cannot open shared object file" >&2; exit 127\n', { mode: 0o755 })
    const { stdout, stderr } = await gb10(['doctor', '--deep', '--json', 'python-package-does-not-import'], home)
    expect((JSON.parse(stdout) as { results: { status: string }[] }).results[0]?.status).toBe('unknown')
    expect(stderr).toContain(`nothing could be imported by ${home.home}/venv/bin/${python}: libpython3.12.so.1.0: cannot open shared object file`)
  })
  it('leaves the GPU alone where nvidia-smi fell silent after its first answer', async () => {
    const home = newHome()
    const words = `${home.home}/../words`
    packageIn(home, 'docling', `import sys\nopen("${words}", "w").write(" ".join(sys.argv))\n`)
    mkdirSync(`${home.home}/bin`)
    const answers = `case "$*" in *compute-apps*) sleep 60 ;; *) exec ${root}test/doctor/stand-in/nvidia-smi "$@" ;; esac`
    writeFileSync(`${home.home}/bin/nvidia-smi`, `#!/bin/sh\n${answers}\n`, { mode: 0o755 })
    const variables = { PATH: `${home.home}/bin:/usr/bin:/bin`, GPU_BUSY: '/nonexistent' }
    await gb10(['doctor', '--deep', '--json', 'python-package-does-not-import'], home, variables)
    expect(readFileSync(words, 'utf8')).toMatch(/ --no-gpu$/)
  })
  it('leaves nothing of what packages store, start, or compile', async () => {
    const home = newHome()
    const pid = `${home.home}/../pid`
    const site = packageIn(home, 'docling', LITTERING.replace('PID', pid))
    writeFileSync(`${site}/docling/helper.py`, '')
    const before = manifestOf(home.home)
    const { stdout, stderr } = await gb10(['doctor', '--deep', '--json', 'python-package-does-not-import'], home)
    expect((JSON.parse(stdout) as { results: { status: string }[] }).results[0]?.status, stderr + stdout).toBe('pass')
    expect(manifestOf(home.home)).toEqual(before)
    expect(existsSync(`/proc/${readFileSync(pid, 'utf8')}`)).toBe(false)
    expect(readdirSync(`${home.home}/..`).toSorted()).toEqual(['pid', 'user'])
  })
  it('compares with the baseline, where one was saved', async () => {
    const home = newHome()
    const notes = async (): Promise<string> => {
      const ended = await gb10(['doctor', '--deep', '--json', 'python-package-does-not-import'], home)
      return (JSON.parse(ended.stdout) as { notes: string[] }).notes.join('\n')
    }
    expect(await notes()).toBe('')
    expect((await gb10(['baseline', 'save'], home)).code).toBe(0)
    const file = `${home.home}/.local/state/gb10-baselines/default.json`
    const saved = readFileSync(file, 'utf8')
    const other = saved.replace(/("kernel\.release": \{\s*"value": ")[^"]+/, '$16.1.0-other')
    expect(other).not.toBe(saved)
    writeFileSync(file, other)
    expect(await notes()).toMatch(/changed since the baseline of \d{4}-\d\d-\d\d: 6\.1\.0-other -> /)
    const document = JSON.parse(saved) as { items: Record<string, { value: unknown; status: string }> }
    writeFileSync(file, JSON.stringify({ ...document, items: { 'driver.version': { value: null, status: 'hung' } } }))
    expect(await notes()).toMatch(/^nothing that could be told changed since the baseline of \d{4}-\d\d-\d\d$/)
    const settled = Object.values(document.items).filter(({ status }) => ['ok', 'absent', 'unsupported'].includes(status))
    for (const held of settled.slice(0, 7)) Object.assign(held, { value: 'something else', status: 'ok' })
    writeFileSync(file, JSON.stringify(document))
    const told = (await notes()).split('\n')
    expect([told.length, told[5]]).toEqual([6, expect.stringMatching(/^\d+ more changed or could not be compared: gb10 baseline compare/)])
  })
  it('says what it could not do without a GPU', async () => {
    const ended = await gb10(['doctor', '--deep', '--json'], newHome())
    const { results } = JSON.parse(ended.stdout) as { results: { id: string; status: string; why: string }[] }
    const open = results.filter(({ id }) => /does-not-import|kernel-fails|own-load/.test(id))
    expect(open.map(({ status }) => status).filter((status) => status !== 'skip' && status !== 'blocked')).toEqual([])
    expect(open.every(({ why }) => why !== '')).toBe(true)
  })
})
