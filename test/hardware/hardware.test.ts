import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseData } from '../../src/facts/data.ts'
import { detect } from '../../src/facts/detect.ts'
import { readRecording } from '../../src/host/recorded.ts'
import { hardwareOf, readHardwareData } from '../../src/report/hardware.ts'
import { specificationText, topologyText } from '../../src/report/hardware-text.ts'
import { commandLine, gb10, newHome } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'

const hosts = fileURLToPath(new URL('../hosts', import.meta.url))
const data = parseData(readFileSync(new URL('../../checks/_gpus.yaml', import.meta.url), 'utf8'))
const texts = readHardwareData(parse(readFileSync(new URL('../../checks/_hardware.yaml', import.meta.url), 'utf8')))
const read = async (name: string) =>
  hardwareOf(
    detect(await readRecording(`${hosts}/${name}`), data),
    { status: 'ok', text: 'GPU0\tX\n' },
    { at: '2026-01-31T12:00:00.000Z', version: '0.0.0', data: texts },
  )

type Case = { host: string; says: string[]; never: string[]; unified: boolean | null; differs: string[] }
const cases: Case[] = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8')) as Case[]

describe('the specification says plainly what the machine is and what that means', () => {
  test.each(cases)('$host', async ({ host, says, never, unified, differs }) => {
    const hardware = await read(host)
    const text = specificationText(hardware)
    for (const part of says) expect(text).toContain(part)
    for (const part of never) expect(text).not.toContain(part)
    expect(hardware.memory.unified).toBe(unified)
    expect(hardware.checks.filter(({ status }) => status === 'differs').map(({ component }) => component)).toEqual(differs)
  })
  test.each(readdirSync(hosts))('%s: one statement, no empty cell', async (host) => {
    const text = specificationText(await read(host))
    expect(text.match(/^\*\*.*\*\*$/gm)).toHaveLength(1)
    expect(text).not.toMatch(/null|undefined|\| +\|/)
  })
})

test.each([{}, { statement: { yes: 'a' } }, { statement: texts.statement, means: [{ text: 'a' }] }])(
  'texts without what they rest on: %j',
  (document) => {
    expect(() => readHardwareData(document)).toThrow('checks/_hardware.yaml')
  },
)

test('a topology that is not known says why', () => {
  expect(topologyText({ status: 'hung', text: '' })).toContain('(hung)')
  expect(topologyText({ status: 'ok', text: 'GPU0\t X \n' })).toBe('$ nvidia-smi topo -m\nGPU0\t X\n')
})

describe('gb10 detect --hardware', () => {
  const files = ['hardware_baseline.json', 'specification.md', 'topology.txt']
  const write = (home: ReturnType<typeof newHome>, host: string) =>
    gb10(['detect', '--host', `${hosts}/${host}`, '--hardware', `${home.home}/docs/hw`, '--json'], home)

  test('writes its three files, again over its own, and the document follows its schema', async () => {
    const home = newHome()
    for (const host of ['gb10-live-forms', 'b200-topology-only']) {
      const ended = await write(home, host)
      expect(ended.code).toBe(0)
      expect(violations(ended.stdout, 'detect')).toEqual([])
      expect(readdirSync(`${home.home}/docs/hw`).sort()).toEqual(files)
      expect(violations(readFileSync(`${home.home}/docs/hw/hardware_baseline.json`, 'utf8'), 'hardware')).toEqual([])
    }
    expect(readFileSync(`${home.home}/docs/hw/topology.txt`, 'utf8')).toContain('NV18')
    expect(readFileSync(`${home.home}/docs/hw/specification.md`, 'utf8')).toContain('8 GPUs')
  })

  test.each(files)('writes nothing when %s is somebody else’s, was edited, or is a link', async (name) => {
    const home = newHome()
    const path = `${home.home}/docs/hw/${name}`
    mkdirSync(`${home.home}/docs/hw`, { recursive: true })
    writeFileSync(path, 'by hand\n')
    const refused = await write(home, 'thor')
    expect([refused.code, readFileSync(path, 'utf8'), readdirSync(`${home.home}/docs/hw`)]).toEqual([1, 'by hand\n', [name]])
    expect(refused.stderr).toContain('nothing was written')

    const other = newHome()
    const edited = `${other.home}/docs/hw/${name}`
    await write(other, 'thor')
    writeFileSync(edited, `${readFileSync(edited, 'utf8')} `)
    expect((await write(other, 'thor')).code).toBe(1)

    const third = newHome()
    mkdirSync(`${third.home}/docs/hw`, { recursive: true })
    symlinkSync('/etc/hostname', `${third.home}/docs/hw/${name}`)
    expect((await write(third, 'thor')).code).toBe(1)
  })

  test('a file where the folder should be is named as what it is, and stays', async () => {
    const home = newHome()
    mkdirSync(`${home.home}/docs`)
    writeFileSync(`${home.home}/docs/hw`, 'mine\n')
    const refused = await write(home, 'thor')
    expect([refused.code, readFileSync(`${home.home}/docs/hw`, 'utf8')]).toEqual([1, 'mine\n'])
    expect(refused.stderr).toMatch(/docs\/hw is no folder: nothing was written\n +Next: gb10 detect --hardware /)
  })

  test('of a recorded machine whose nvidia-smi hangs it is not said that no GPU was seen', async () => {
    const home = newHome()
    writeFileSync(`${home.home}/host.yaml`, 'records:\n  - {command: [nvidia-smi], stdout: empty.txt, status: hung}\n')
    writeFileSync(`${home.home}/empty.txt`, '')
    await gb10(['detect', '--host', home.home, '--hardware', `${home.home}/hw`], home)
    expect(readFileSync(`${home.home}/hw/specification.md`, 'utf8')).toContain('| GPU | not known |')
  })

  test('a name that is empty is not the folder somebody is in', async () => {
    const { home, env } = newHome()
    const [program, ...rest] = commandLine(['detect', '--host', `${hosts}/thor`, '--hardware', ''])
    const { status } = spawnSync(program!, rest, { env, cwd: home })
    expect([status, readdirSync(home)]).toEqual([64, []])
  })

  test('this machine', async () => {
    const home = newHome()
    const ended = await gb10(['detect', '--hardware', `${home.home}/hw`], home)
    expect(ended.stderr).toContain('written: ')
    expect(readdirSync(`${home.home}/hw`).sort()).toEqual(files)
  })
})
