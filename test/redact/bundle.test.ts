import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../src/cli/catalogue.ts'
import { makeBundle, type BundleRequest } from '../../src/cli/reporting.ts'
import { judge } from '../../src/doctor/judge.ts'
import { parseData } from '../../src/facts/data.ts'
import { detect } from '../../src/facts/detect.ts'
import { deepProbes } from '../../src/facts/probes-doctor.ts'
import { capturesOf, readRecording } from '../../src/host/recorded.ts'
import type { Capture } from '../../src/model/capture.ts'
import { data } from './support.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const gpus = parseData(readFileSync(`${root}/checks/_gpus.yaml`, 'utf8'))
const nobody = { home: null, user: null, hostname: null, addresses: [], macs: [] }
const request = (captures: readonly Capture[], more: Partial<BundleRequest> = {}): BundleRequest => ({
  captures,
  identity: [],
  own: nobody,
  redaction: data,
  gpus,
  doctor: null,
  includeLogs: false,
  page: false,
  redact: true,
  at: '2026-01-31T12:00:00.000Z',
  version: '0.0.0',
  ...more,
})
const capture = (more: Partial<Capture>): Capture => ({
  status: 'ok',
  text: '',
  stderr: '',
  exitCode: 0,
  excerpt: false,
  ms: 0,
  ...more,
})

describe('a bundle of a recorded machine gives the same facts again', () => {
  it.each(readdirSync(`${root}/test/hosts`))('%s', async (name) => {
    const captures = await readRecording(`${root}/test/hosts/${name}`)
    const { files, hits, leftOut } = await makeBundle(request(captures))
    expect({ hits, leftOut }).toEqual({ hits: [], leftOut: [] })
    const [before, after] = [detect(captures, gpus), detect(await capturesOf(files, name), gpus)]
    // Names of people are tokens afterwards; nothing else may differ.
    const named = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value).replaceAll(/\/home\/user(?=["/])/g, '/home/user-1'))
    expect(after).toEqual({
      ...(named(before) as object),
      facts: named(
        Object.fromEntries(Object.entries(before.facts).map(([id, fact]) => [id, { ...fact, source: after.facts[id]!.source }])),
      ),
    })
    expect([...files.keys()].filter((file) => !/^[\w.-]+\.(txt|yaml|json)$/.test(file))).toEqual([])
  })
})

describe('a bundle gives the same verdicts again', async () => {
  const { problems } = await loadCatalogue()
  const doctor: BundleRequest['doctor'] = async (facts) => ({ results: judge(problems, facts) })
  it.each(readdirSync(`${root}/test/hosts`))('%s', async (name) => {
    const captures = await readRecording(`${root}/test/hosts/${name}`)
    const { files, hits } = await makeBundle(request(captures, { doctor, page: true, includeLogs: true }))
    const again = judge(problems, detect(await capturesOf(files, name), gpus).facts)
    expect({ hits, results: JSON.parse(files.get('doctor.json')!) as unknown }).toEqual({ hits: [], results: { results: again } })
    const before = judge(problems, detect(captures, gpus).facts)
    expect(again.map(({ id, status }) => [id, status])).toEqual(before.map(({ id, status }) => [id, status]))
  })
})

it.each(['results', 'llama', 'severity', 'headers'])('a machine or a user called %s takes no word of the verdicts along', async (name) => {
  const { problems } = await loadCatalogue()
  const doctor: BundleRequest['doctor'] = async (facts) => ({ results: judge(problems, facts) })
  const captures = await readRecording(`${root}/test/hosts/thor`)
  const { files } = await makeBundle(request(captures, { doctor, page: true, own: { ...nobody, hostname: name, user: name } }))
  const { results } = JSON.parse(files.get('doctor.json')!) as { results: { id: string; severity: string }[] }
  expect(results.map(({ id }) => id)).toEqual(judge(problems, detect(captures, gpus).facts).map(({ id }) => id))
  expect(results[0]).toHaveProperty('severity')
})

const MACHINE: Capture[] = [
  capture({ path: '/proc/version', text: 'Linux version 6.17.0-1026-nvidia (build@maker) #26\n' }),
  capture({ argv: ['uname', '-a'], text: 'Linux vega-7f3a 6.17.0-1026-nvidia #26-Ubuntu SMP aarch64 GNU/Linux\n' }),
  capture({ argv: ['which', '-a', 'python3.12'], text: '/home/marguerite/.venv/bin/python3.12\n/usr/bin/python3.12\n' }),
  capture({ argv: ['nvidia-smi', '-L'], text: 'GPU 0: NVIDIA GB10 (UUID: GPU-3f1a9c2e-7b40-5d11-9e02-c41d88a0b7f3)\n', ms: 12 }),
  capture({ argv: ['nvidia-smi', '--version'], status: 'hung', exitCode: null, pid: 4711, wchan: 'rm_[lock]' }),
  capture({
    path: '/etc/systemd/system/ollama.service',
    text: 'Environment="OLLAMA_HOST=http://margie:pw99@192.168.7.44:11434"\nEnvironment="OLLAMA_DEBUG=1"\n',
  }),
  capture({
    argv: ['dmesg', '--level=err,warn,info,notice', '--nopager'],
    text: '[    0.0] Command line: secret-project=moonshot\n[   12.3] NVRM: Xid (PCI:000f:01:00): 79, GPU has fallen off the bus.\n[   13.0] wlP9s9: associated with 4c:bb:47:2a:9d:01\n[   14.0] thermal thermal_zone0: critical\n',
  }),
  capture({
    argv: ['ps', '-eo', 'pid,stat,comm'],
    text: '  PID STAT COMMAND\n    1 Ss systemd\n   88 D    nvidia-modprobe\n   99 S    moonshot-trainer\n',
  }),
]
const IDENTITY: Capture[] = [
  capture({
    path: '/etc/passwd',
    text: 'root:x:0:0:root:/root:/bin/bash\nmarguerite:x:1000:1000:Marguerite Perey,,,:/home/marguerite:/bin/bash\nnvidia:x:1001:1001::/srv/people/nv:/bin/sh\n',
  }),
  capture({
    path: '/etc/hosts',
    text: '127.0.0.1 localhost\n127.0.1.1 vega-7f3a.lab.example.org vega-7f3a\n10.9.8.7 nas-cellar\n',
  }),
  capture({ path: '/etc/resolv.conf', text: 'nameserver 9.9.4.4\nsearch lab.example.org tail1f2e.ts.net\n' }),
  capture({
    argv: ['nmcli', '-t', '-f', 'NAME,TYPE', 'connection', 'show'],
    text: "Margie's Attic:802-11-wireless\nWired:802-3-ethernet\n",
  }),
  capture({ path: '/home/marguerite/.gitconfig', text: '[user]\n  email = m.perey@radium.example\n  name = Marguerite Perey\n' }),
]
const OWN = {
  home: '/home/marguerite',
  user: 'marguerite',
  hostname: 'vega-7f3a',
  addresses: ['192.168.7.44', '127.0.0.1', 'fe80::1234%eth0'],
  macs: ['4c:bb:47:2a:9d:01'],
}
const names = [
  'marguerite',
  'vega-7f3a',
  'perey',
  '192.168.7.44',
  '4c:bb:47',
  'lab.example.org',
  'pw99',
  '3f1a9c2e',
  'moonshot',
  'radium',
]

describe('a bundle of a machine with people on it', () => {
  it('names none of them, in no file and no file name', async () => {
    const { files, hits } = await makeBundle(request(MACHINE, { identity: IDENTITY, own: OWN }))
    expect(hits).toEqual([])
    const whole = [...files].flat().join('\n').toLowerCase()
    expect(names.filter((name) => whole.includes(name))).toEqual([])
    expect(whole).toContain('nvidia-smi')
  })
  it('keeps what facts and verdicts rest on', async () => {
    const { files, leftOut } = await makeBundle(request(MACHINE, { identity: IDENTITY, own: OWN }))
    const facts = detect(await capturesOf(files, 'bundle'), gpus)
    expect(leftOut).toEqual([])
    expect(facts.machine.dgxSpark).toBe('yes')
    expect(facts.facts['kernel.xids']!.value).toEqual([{ code: 79, address: '000f:01:00', text: 'GPU has fallen off the bus.' }])
    expect(facts.facts['driver.stuckProcesses']!.value).toEqual([{ pid: 88, name: 'nvidia-modprobe' }])
    expect(facts.facts['kernel.release']!.value).toBe('6.17.0-1026-nvidia')
    expect((await capturesOf(files, 'bundle')).find(({ status }) => status === 'hung')).toMatchObject({
      pid: 4711,
      wchan: 'rm_[lock]',
    })
  })
  it('names no model of Ollama but those of its public library', async () => {
    const names = ['gpt-oss:20b', 'qwen3:30b-a3b-instruct-2507-q4_K_M', 'moonshot-tender:latest', 'llama3.3:moonshot', 'hf.co/moonshot/Tender-GGUF:Q4_K_M', 'deepseek-r1']
    const text = `NAME    ID    SIZE    PROCESSOR    CONTEXT    UNTIL\n${names.map((name) => `${name}    aa4295ac10c3    14 GB    48%/52% CPU/GPU    4096    4 minutes from now\n`).join('')}`
    const { files, hits } = await makeBundle(request([capture({ argv: ['ollama', 'ps'], text })]))
    const loaded = detect(await capturesOf(files, 'bundle'), gpus).facts['ollama.loaded']!.value as { name: string; processor: string }[]
    expect(hits).toEqual([])
    expect(loaded.map(({ name }) => name)).toEqual([names[0], names[1], 'private/model-1', 'private/model-2', 'private/model-3', names[5]])
  })
  it('holds log lines only when asked, and then those about GPU, memory and heat', async () => {
    const without = await makeBundle(request(MACHINE, { identity: IDENTITY, own: OWN }))
    expect(without.files.has('kernel-log.txt')).toBe(false)
    expect([...without.files.values()].join('')).not.toMatch(/thermal_zone0|\[ +12\.3\]/)
    const { files, hits } = await makeBundle(request(MACHINE, { identity: IDENTITY, own: OWN, includeLogs: true }))
    expect(hits).toEqual([])
    expect(files.get('kernel-log.txt')).toMatch(/\[ +12\.3\] NVRM: Xid[^]*thermal_zone0/)
    expect(files.get('kernel-log.txt')).not.toMatch(/moonshot|wlP9s9/)
  })
  it('tells rules and counts, no values', async () => {
    const { files } = await makeBundle(request(MACHINE, { identity: IDENTITY, own: OWN }))
    const said = JSON.parse(files.get('redaction.json')!) as { rules: { rule: string; count: number }[] }
    expect(said.rules.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['collected-user', 'collected-host', 'collected-ip', 'gpu-uuid', 'url-credentials']),
    )
  })
  it('is refused when something is left in it, here hidden in base64', async () => {
    const hidden = capture({
      path: '/etc/nv_tegra_release',
      text: `{"x": "${Buffer.from('belongs to marguerite perey').toString('base64')}"}\n`,
    })
    const { hits } = await makeBundle(request([...MACHINE, hidden], { identity: IDENTITY, own: OWN }))
    expect(hits).toEqual([{ path: expect.stringMatching(/^009-etc-nv.tegra.release\.txt$/), rule: 'base64 collected-name' }])
  })
})

describe('a bundle of a machine with repositories of its owner', async () => {
  const list = (name: string, text: string): Capture => capture({ path: `/etc/apt/sources.list.d/${name}`, text })
  const cuda = 'https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2404/sbsa/'
  const captures = [
    list('kunde-x.list', 'deb [signed-by=/k/a.gpg] https://apt.kunde-x.example/geheim/ubuntu noble main\n'),
    list('intern.sources', `Types: deb\nURIs: https://apt.kunde-x.example/geheim/ubuntu/\nSuites: noble\n\nTypes: deb\nURIs: ${cuda}\nSuites: /\nSigned-By: /k/c.gpg\n`),
    list('cuda-ubuntu2404-sbsa.list', `deb [signed-by=/k/b.gpg] ${cuda} /\n`),
    list('kunde-y.list.save', ''),
    list('kunde-z.list', 'deb https://user:pw99@apt.kunde-z.example:8443/geheim noble main\n'),
  ]
  it('names neither them nor their files, and keeps those of the public', async () => {
    const { files, hits } = await makeBundle(request(captures))
    const whole = [...files].flat().join('\n')
    expect(hits).toEqual([])
    expect(['kunde', 'geheim', 'intern', 'pw99'].filter((name) => whole.includes(name))).toEqual([])
    expect(whole).toContain(`/etc/apt/sources.list.d/cuda-ubuntu2404-sbsa.list`)
    expect(whole).toContain(cuda)
    const { facts } = detect(await capturesOf(files, 'bundle'), gpus)
    expect(facts['apt.conflicts']!.value).toHaveLength(2)
  })
})

describe('a bundle of a machine with projects on it', async () => {
  const { problems } = await loadCatalogue()
  const doctor: BundleRequest['doctor'] = async (facts) => ({ results: judge(problems, facts) })
  const home = '/home/marguerite'
  const hub = `${home}/.cache/huggingface/hub`
  const sites = ['kunde-x/.venv', 'Acme Spa/venv', 'venvs/moonshot', '.venv'].map((at) => `${home}/${at}/lib/python3.12/site-packages`)
  sites.push(`${home}/env/lib/python3.13t/site-packages`)
  const captures = [
    ...(await readRecording(`${root}/test/hosts/gb10-healthy`)),
    capture({
      argv: ['ls', '-d', `${hub}/models--*`],
      text: ['deepseek-ai--DeepSeek-OCR', 'kunde-x--geheim-ocr', 'moonshot--tender.v2'].map((name) => `${hub}/models--${name}\n`).join(''),
    }),
    ...sites.flatMap((site) => [
      capture({ argv: ['ls', '-d', `${site}/*.dist-info`], text: ['torch-2.10.0', 'transformers-5.10.0', 'geheim_tool-1.0'].map((name) => `${site}/${name}.dist-info\n`).join('') }),
      capture({ path: `${site}/torch/version.py`, text: "__version__ = '2.10.0+cpu'\ncuda: Optional[str] = None\n" }),
    ]),
    capture({ argv: ['printenv'], text: `LD_LIBRARY_PATH=${home}/kunde-x/lib:${home}/miniforge3/envs/geheim-1/lib:/usr/local/cuda/lib64\n`, excerpt: true }),
  ]
  const made = await makeBundle(request(captures, { identity: IDENTITY, own: OWN, doctor, page: true }))
  const whole = [...made.files, ['page', made.page]].flat().join('\n')
  it('names neither folders nor models nor packages of its owner', () => {
    expect(made.hits).toEqual([])
    expect(['kunde', 'geheim', 'moonshot', 'Acme', 'Spa/', 'tender'].filter((name) => whole.includes(name))).toEqual([])
  })
  it('keeps what says what a folder is, and the models that checks ask for', () => {
    for (const kept of ['/env/lib/python3.13t/site-packages', '/folder-1/.venv/lib/python3.12/site-packages', '/venvs/folder-', '/miniforge3/envs/folder-', 'models--deepseek-ai--DeepSeek-OCR\n', 'models--private--model-2\n'])
      expect(whole).toContain(kept)
  })
  it('gives the same facts, but for the names, and the same verdicts again', async () => {
    expect(made.leftOut).toEqual([])
    const { facts } = detect(await capturesOf(made.files, 'bundle'), gpus)
    expect(facts['models.cached']!.value).toEqual(['deepseek-ai/DeepSeek-OCR', 'private/model-1', 'private/model-2'])
    const verdicts = (of: Parameters<typeof judge>[1]): string[] => judge(problems, of).map(({ id, status }) => `${id} ${status}`)
    expect(verdicts(facts)).toEqual(verdicts(detect(captures, gpus).facts))
    expect(verdicts(facts)).not.toContain('transformers-llamaflashattention2-removed skip')
    expect(verdicts(facts)).toContain('torch-cpu-only-wheel fail')
  })
  it('knows every folder below a home that is asked for', async () => {
    const asked = JSON.stringify(deepProbes).match(/~\/[^"]*/g) ?? []
    const captured = asked.map((path) => capture({ path: path.replace('~', home).replaceAll('*', '-1') }))
    const { files } = await makeBundle(request(captured, { own: OWN }))
    expect(asked.length).toBeGreaterThan(20)
    expect([...files.values()].join('\n').match(/\S*folder-\d\S*/g)).toBeNull()
  })
  it('knows every model that a check asks for', () => {
    const asked = [...JSON.stringify(problems).matchAll(/"models\.cached","tests":\[[^\]]*?"value":"([^"]+)"/g)].map((match) => match[1]!)
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter((name) => !data.models.has(name.toLowerCase()))).toEqual([])
  })
})
