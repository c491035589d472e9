import { expect, it } from 'vitest'
import type { Fact, FactStatus } from '../../src/model/fact.ts'
import type { Detection } from '../../src/model/machine.ts'
import { planMachine } from '../../src/plan/machine.ts'

const fact = (value: unknown, status: FactStatus = 'ok'): Fact => ({ value, status, source: 'test', ms: 0 })

const detection = (facts: Record<string, Fact>): Detection => ({
  machine: { dgxSpark: 'unknown', product: null, vendor: null, evidence: [] },
  gpus: [],
  driver: { version: null, cuda: null, module: null, flavour: null, library: null },
  toolkits: [],
  arch: 'aarch64',
  kernel: null,
  os: { id: null, version: null, pretty: null, dgxOs: null, l4t: null, wsl: null },
  memTotalKiB: null,
  cpu: { models: [], logical: null },
  problems: [],
  facts,
})

it('takes Pythons, with those on PATH first, and free space from the facts', () => {
  const other = { version: '3.12', path: '/opt/bin/python3.12', onPath: false, ensurepip: null, pip: null, headers: null }
  const machine = planMachine(
    detection({
      'python.interpreters': fact([other, { ...other, path: '/usr/bin/python3.12', onPath: true }]),
      'disk.root.mount': fact('/'),
      'disk.root.availableBytes': fact(1000),
      'disk.home.mount': fact('/'),
      'disk.home.availableBytes': fact(1000),
    }),
    { platform: 'linux', uv: 'none' },
  )
  expect(machine.pythons?.map(({ path }) => path)).toEqual(['/usr/bin/python3.12', '/opt/bin/python3.12'])
  expect(machine.disks).toEqual([{ mount: '/', freeBytes: 1000 }])
})

it('keeps "was not found out" apart from "there is none"', () => {
  const machine = planMachine(detection({ 'python.interpreters': fact(null, 'unrecorded') }), { platform: null, uv: null })
  expect(machine).toMatchObject({ pythons: null, disks: null, uv: null, platform: null })
})
