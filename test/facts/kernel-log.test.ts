import { expect, it } from 'vitest'
import { gpuGuard } from '../../src/facts/kernel-log.ts'
import { doctorProbes } from '../../src/facts/probes-doctor.ts'
import { detect } from '../../src/facts/detect.ts'
import { isCut, OUTPUT_CAP } from '../../src/model/capture.ts'
import type { Fact } from '../../src/model/fact.ts'
import { capture, data } from '../doctor/machine.ts'

const line = (code: number): string => `[1.0] NVRM: Xid (PCI:000f:01:00): ${code}, pid=7, name=python\n`
const full = `${line(31)}${'[2.0] usb 1-1: new high-speed USB device\n'.repeat(2000)}`.slice(0, OUTPUT_CAP)
const dmesg = capture({ argv: ['dmesg'], text: full })
const codes = ({ value }: Fact): number[] => [...new Set((value as { code: number }[]).map(({ code }) => code))]
const xids = (text: string): Fact => detect([capture({ argv: ['dmesg'], text })], data).facts['kernel.xids']!

it('a log of as much as is kept of an output is cut', () => {
  expect(xids(full)).toMatchObject({ partial: true })
  expect(xids(full.slice(1))).not.toHaveProperty('partial')
})

it('a table of very many processes is whole', () => {
  const text = `    PID STAT COMMAND\n      1 S    systemd\n${'   4711 S    kworker/u40:1\n'.repeat(3000)}`
  expect(detect([capture({ argv: ['ps', '-eo', 'pid,stat,comm'], text })], data).facts['driver.stuckProcesses']?.value).toEqual([])
})

it.each<[string[], number, boolean]>([
  [['journalctl', '-k', '-n', '3'], 3, true],
  [['journalctl', '-k', '-n', '3'], 2, false],
  [['/usr/bin/journalctl', '-kn3'], 3, true],
  [['journalctl', '--lines=3', '-k'], 3, true],
  [['journalctl', '-k', '-n', 'all'], 9, false],
  [['dmesg', '-n', '3'], 9, false],
])('%j with %i lines is cut: %s', (argv, count, wanted) => {
  expect(isCut({ argv, text: '[1.0] a line\n'.repeat(count), excerpt: false })).toBe(wanted)
})

it.each<[string[], string, boolean]>([
  [['dmesg'], 'dmesg: read kernel buffer failed: Operation not permitted\n', true],
  [['sudo', 'dmesg'], 'sudo: a password is required\n', true],
  [['journalctl', '-k', '-b'], '-- No entries --\n', true],
  [['journalctl', '-k', '-b', '-g', 'NVRM'], '-- No entries --\n', false],
  [['dmesg'], '\n-- no line about the GPU or its driver --\n', false],
  [['dmesg'], 'NVRM: loading NVIDIA UNIX Open Kernel Module for aarch64  580.142\n', false],
  [['dmesg', '-x'], 'kern  :info  : [    0.000000] Booting Linux\n', false],
  [['dmesg'], '[    0.000000][    T0] Booting Linux\n', false],
  [['dmesg', '-T'], '[Fr Nov 20 10:00:00 2026] Booting Linux\n', false],
  [['dmesg', '-T'], '[ven. nov. 20 10:00:00 2026] Booting Linux\n', false],
  [['dmesg', '-H'], '[  +0.000003] Booting Linux\n', false],
  [['ps', '-eo', 'pid,stat,comm'], '  PID STAT COMMAND\n 4711 Ss   bash\n', true],
  [['ps', '-eo', 'pid,stat,comm'], 'error: unsupported option\n', true],
  [['ps', '-eo', 'pid,stat,comm'], '  PID STAT COMMAND\n    1 Ss   systemd\n', false],
  [['ps', '-eo', 'pid,stat,comm'], '  PID STAT COMMAND\n', false],
])('%j is cut where it shows no log, or not the processes of others: %j', (argv, text, wanted) => {
  expect(isCut({ argv, text, excerpt: false })).toBe(wanted)
})

it('a lost GPU is seen behind hundreds of faults of programs, and the list stays short', () => {
  const fact = xids(`${line(31).repeat(300)}${line(79)}`)
  expect(codes(fact)).toEqual([31, 79])
  expect((fact.value as unknown[]).length).toBe(101)
})

it('the GPU is spared when only the journal beside a cut log says that it is lost', () => {
  expect(gpuGuard([dmesg])).toBeNull()
  expect(gpuGuard([dmesg, capture({ argv: ['journalctl', '-k'], text: line(79) })])).toMatch(/Xid 79/)
})

it.each([
  [79, true],
  [119, true],
  [120, true],
  [31, false],
  [43, false],
])('after Xid %i the GPU is spared: %s', (code, spared) => {
  expect(gpuGuard([capture({ argv: ['dmesg'], text: line(code) })]) !== null).toBe(spared)
})

it('what is counted is also asked for', () => {
  const said = [
    'NVRM: nvCheckOkFailedNoLog: Check failed: Out of memory [NV_ERR_NO_MEMORY] (0x51)',
    'NVRM: _iovaspaceCreateMappingDataFromMemDesc: failed to allocate',
    'NVRM: sysmemConstruct_IMPL: *** Cannot allocate sysmem through fb heap',
    'NVRM: GPU 000f:01:00.0: RmInitAdapter failed! (0x62:0x1a:2631)',
    'NVRM: This GPU requires use of the NVIDIA open kernel modules',
    'Loading of module with unavailable key is rejected',
    'Key was rejected by service',
    'Out of memory: Killed process 4711 (python3)',
    'mlx5_core: failed to pin pages',
    'Long-term pin failed',
  ]
  const commands = doctorProbes.flatMap((probe) => (probe.kind === 'first' ? probe.of.map(({ argv }) => argv) : []))
  const journal = commands.find(([name]) => name === 'journalctl')!
  const asked = new RegExp(journal[journal.indexOf('-g') + 1]!)
  expect(said.filter((text) => !asked.test(text))).toEqual([])
  const { value } = detect([capture({ argv: ['dmesg'], text: said.join('\n') })], data).facts['kernel.messages']!
  expect(Object.entries(value as Record<string, number>).filter(([, count]) => count === 0)).toEqual([])
})
