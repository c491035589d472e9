import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { readRecording } from '../../src/host/recorded.ts'
import { RecordingError } from '../../src/host/recording-error.ts'

const base = mkdtempSync(`${tmpdir()}/gb10-recorded-`)
afterAll(() => rmSync(base, { recursive: true }))
let folder = ''
let count = 0
beforeEach(() => {
  folder = `${base}/${count++}`
  mkdirSync(folder)
})

const write = (files: Record<string, string>): void => {
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text)
}
const refusal = async (path = folder): Promise<string> => {
  const problem = await readRecording(path).then(
    () => null,
    (p: unknown) => p,
  )
  expect(problem).toBeInstanceOf(RecordingError)
  return (problem as RecordingError).message
}

describe('a recording', () => {
  it('gives commands, files, missing files and parts', async () => {
    write({
      'host.yaml': `records:
  - {command: [nvidia-smi], stdout: smi.txt, exitCode: 0}
  - {command: [nvcc, --version], stderr: nvcc.txt, exitCode: 127}
  - {path: /etc/os-release, content: os.txt, excerpt: true}
  - {path: /etc/nv_tegra_release, stderr: missing.txt, exitCode: 1}
  - file: dmi.txt
    parts:
      - {path: /sys/class/dmi/id/sys_vendor, lines: [1, 1], strip: "sys_vendor: "}
      - {command: [uname, -m], lines: [2, 3], exitCode: 0}
  - {command: [nvidia-smi, -L], status: hung, pid: 7, wchan: rm_lock}
alternates:
  - {command: [nvidia-smi], stdout: other.txt}
texts:
  - {file: log.txt, what: log}
`,
      'smi.txt': 'table\n',
      'nvcc.txt': 'not found\n',
      'os.txt': 'ID=ubuntu',
      'missing.txt': 'cat: No such file\n',
      'dmi.txt': 'sys_vendor: ASUS\naarch64\nmore',
      'other.txt': 'x',
      'log.txt': 'x',
    })
    expect(await readRecording(folder)).toEqual([
      { argv: ['nvidia-smi'], status: 'ok', text: 'table\n', stderr: '', exitCode: 0, excerpt: false, ms: 0 },
      { argv: ['nvcc', '--version'], status: 'absent', text: '', stderr: 'not found\n', exitCode: 127, excerpt: false, ms: 0 },
      { path: '/etc/os-release', status: 'ok', text: 'ID=ubuntu', stderr: '', exitCode: null, excerpt: true, ms: 0 },
      {
        path: '/etc/nv_tegra_release',
        status: 'absent',
        text: '',
        stderr: 'cat: No such file\n',
        exitCode: 1,
        excerpt: false,
        ms: 0,
      },
      { path: '/sys/class/dmi/id/sys_vendor', status: 'ok', text: 'ASUS\n', stderr: '', exitCode: null, excerpt: false, ms: 0 },
      { argv: ['uname', '-m'], status: 'ok', text: 'aarch64\nmore\n', stderr: '', exitCode: 0, excerpt: false, ms: 0 },
      {
        argv: ['nvidia-smi', '-L'],
        status: 'hung',
        text: '',
        stderr: '',
        exitCode: null,
        excerpt: false,
        ms: 0,
        pid: 7,
        wchan: 'rm_lock',
      },
    ])
  })

  it('may be a bundle, with or without a folder of its own', async () => {
    write({ 'host.yaml': 'records: [{path: /etc/os-release, content: os.txt}]\n', 'os.txt': 'ID=ubuntu\n', 'doctor.json': '{}' })
    execFileSync('tar', ['-czf', `${base}/flat.tar.gz`, '-C', folder, 'host.yaml', 'os.txt', 'doctor.json'])
    execFileSync('tar', ['-czf', `${base}/nested.tgz`, '-C', base, folder.slice(base.length + 1)])
    execFileSync('tar', ['--format=pax', '-cf', `${base}/plain.tar`, '-C', folder, '.'])
    const plain = await readRecording(folder)
    for (const name of ['flat.tar.gz', 'nested.tgz', 'plain.tar']) expect(await readRecording(`${base}/${name}`)).toEqual(plain)
  })
})

describe('a recording is refused', () => {
  it.each([
    ['../outside.txt', 'must be a plain file name'],
    ['/etc/passwd', 'must be a plain file name'],
    ['sub/file.txt', 'must be a plain file name'],
    ['gone.txt', 'is not in the recording'],
  ])('when it names %s', async (name, reason) => {
    write({ 'host.yaml': `records:\n  - {path: /etc/os-release, content: ${JSON.stringify(name)}}\n` })
    expect(await refusal()).toContain(reason)
  })
  it('when a file is a link', async () => {
    write({ 'host.yaml': 'records: []\n' })
    symlinkSync('/etc/hostname', `${folder}/a.txt`)
    expect(await refusal()).toContain('a.txt: is a link')
  })
  it('when a file is a FIFO', async () => {
    write({ 'host.yaml': 'records: []\n' })
    execFileSync('mkfifo', [`${folder}/a.txt`])
    expect(await refusal()).toContain('a.txt: is not a plain file')
  })
  it('when a file is too large', async () => {
    write({ 'host.yaml': 'records: []\n' })
    execFileSync('truncate', ['-s', '9M', `${folder}/a.txt`])
    expect(await refusal()).toContain('a.txt: is larger than 8 MiB')
  })
  it.each([
    ['has no index', null, 'has no host.yaml'],
    ['is not YAML', 'records: [', 'host.yaml: '],
    ['is no map', '- 1', 'must be a map'],
    ['has no records', 'texts: []', 'records must be a list'],
    ['has neither command nor path', 'records: [{stdout: host.yaml}]', 'needs either command'],
    ['has both', 'records: [{command: [a], path: /b}]', 'needs either command'],
    ['has a shell line', 'records: [{command: "nvidia-smi | head"}]', 'needs either command'],
    ['has lines beyond the file', 'records: [{file: host.yaml, parts: [{path: /a, lines: [1, 99]}]}]', 'ends at 99'],
    ['has aliases', 'records: [&a {path: /a, content: host.yaml}, *a]', 'Alias'],
    ['repeats a key', 'records: []\nrecords: []', 'same key twice'],
    ['has an odd exit code', 'records: [{path: /a, content: host.yaml, exitCode: "x"}]', 'exitCode must be a number'],
  ])('when it %s', async (_, text, reason) => {
    if (text !== null) write({ 'host.yaml': text })
    expect(await refusal()).toContain(reason)
  })
  it('when it does not exist', async () => {
    expect(await refusal(`${base}/nowhere`)).toContain('does not exist')
  })
  it.each([
    ['on one line', `records: ${'['.repeat(5000)}`],
    ['over many lines', `records: ${'[\n'.repeat(100_000)}`],
    ['in blocks', `records:\n${'- '.repeat(100_000)}`],
    ['with brackets far apart', `${`${'x'.repeat(20_000)}[`.repeat(19)}${'x'.repeat(20_000)}\n${'['.repeat(5000)}`],
  ])('when it nests without end %s', async (_, text) => {
    write({ 'host.yaml': text })
    expect(await refusal()).toContain('nested too deeply')
  })
  it('when a key of very many comes again', async () => {
    write({ 'host.yaml': `${Array.from({ length: 40_000 }, (_, at) => `k${at}: 1\n`).join('')}k7: 2\n` })
    expect(await refusal()).toContain('same key twice')
  })
  it.each([
    ['records', (again: string) => `records:\n${again}`, '  - {path: /a, content: a.txt}\n'],
    ['parts', (again: string) => `records:\n  - file: a.txt\n    parts:\n${again}`, '      - {path: /a, lines: [1, 4000]}\n'],
  ])('when %s name one file again and again', async (_, text, again) => {
    write({ 'host.yaml': text(again.repeat(8000)), 'a.txt': 'ten letters\n'.repeat(4000) })
    expect(await refusal()).toContain('more than 64 MiB')
  })
  it('when a bundle holds a link', async () => {
    write({ 'host.yaml': 'records: []\n' })
    symlinkSync('/etc/hostname', `${folder}/a.txt`)
    execFileSync('tar', ['-czf', `${base}/link.tgz`, '-C', folder, '.'])
    expect(await refusal(`${base}/link.tgz`)).toContain('is a link or a special file')
  })
  it('when a bundle points outside', async () => {
    write({ 'host.yaml': 'records: []\n' })
    execFileSync('tar', ['-cPf', `${base}/out.tar`, '--transform', 's,^,../../,', '-C', folder, 'host.yaml'])
    expect(await refusal(`${base}/out.tar`)).toContain('points outside')
  })
  it('when a bundle is cut or is something else', async () => {
    writeFileSync(`${base}/cut.tar.gz`, gzipSync(Buffer.alloc(2000, 7)))
    expect(await refusal(`${base}/cut.tar.gz`)).toContain('not a tar archive')
    writeFileSync(`${base}/torn.tar.gz`, gzipSync(Buffer.alloc(100_000)).subarray(0, 60))
    expect(await refusal(`${base}/torn.tar.gz`)).toContain('cannot be unpacked')
  })
  it('when a bundle unpacks to more than it should', async () => {
    writeFileSync(`${base}/bomb.tar.gz`, gzipSync(Buffer.alloc(70 << 20)))
    expect(await refusal(`${base}/bomb.tar.gz`)).toContain('larger than 64 MiB')
  })
})
