import type { Fact } from '../model/fact.ts'
import { derived, tool, type Reading } from './reading.ts'
import { inOrder } from './text.ts'

/** One RDMA port. `state` as the kernel says it, in lower case (`active`, `down`) or as ibdev2netdev does (`up`, `down`). */
export type RdmaPort = { device: string; port: number; interface: string | null; state: string | null; rateGbps: number | null }

const PORT_FILE = /^\/sys\/class\/infiniband\/([^/]+)\/ports\/(\d+)\/(state|rate)$/
const NET = /\/sys\/class\/infiniband\/([^/\s]+)\/device\/net\/(\S+)/g

const fromIbdev = (r: Reading): RdmaPort[] =>
  r.text.split('\n').flatMap((line) => {
    const found = /^(?:\S+\s+)?(\S+) port (\d+) ==> (\S+) \((\w+)\)/.exec(line.trim())
    return found
      ? [
          {
            device: found[1] ?? '',
            port: Number(found[2]),
            interface: found[3] ?? null,
            state: found[4]?.toLowerCase() ?? null,
            rateGbps: null,
          },
        ]
      : []
  })

/** Ports from sysfs: `4: ACTIVE`, `200 Gb/sec (4X HDR)`, and the network interface beside the device. */
const fromSysfs = (readings: readonly Reading[]): RdmaPort[] => {
  const interfaces = new Map(
    readings
      .filter((r) => r.tool === 'ls' && r.status === 'ok')
      .flatMap((r) => [...r.text.matchAll(NET)].map((m) => [m[1] ?? '', m[2] ?? ''] as const)),
  )
  const ports = new Map<string, RdmaPort>()
  for (const r of readings) {
    const found = PORT_FILE.exec(r.path ?? '')
    if (!found) continue
    const [device, number, what] = [found[1] ?? '', Number(found[2]), found[3]]
    const port = ports.get(`${device}/${number}`) ?? {
      device,
      port: number,
      interface: interfaces.get(device) ?? null,
      state: null,
      rateGbps: null,
    }
    // A file that cannot be read is a port all the same, of which this is not known.
    ports.set(`${device}/${number}`, port)
    if (r.status !== 'ok') continue
    if (what === 'state') port.state = /^\d+:\s*(\w+)/.exec(r.text)?.[1]?.toLowerCase() ?? null
    else {
      const rate = /^([\d.]+) Gb\/sec/.exec(r.text)?.[1]
      port.rateGbps = rate === undefined ? null : Number(rate)
    }
  }
  return [...ports.values()]
}

const UP = /^(active|up)$/

/** Devices of which something is so, and whether there are others of which it is not known. */
type Told = { devices: string[]; open: boolean }
const told = (answers: [device: string, answer: boolean | null][]): Told => ({
  devices: answers.flatMap(([device, answer]) => (answer === true ? [device] : [])),
  open: answers.some(([, answer]) => answer === null),
})

/** One QSFP socket of a GB10 is two PCIe functions, `rocep1s0f0` and `roceP2p1s0f0`: those that are up while their twin is not. */
const halfUsed = (ports: readonly RdmaPort[]): Told =>
  told(
    ports.map(({ device, state }) => {
      const found = /^roce(P2)?p1s0f(\d)$/.exec(device)
      const twin = found ? ports.find((p) => p.device === `roce${found[1] === undefined ? 'P2' : ''}p1s0f${found[2]}`) : undefined
      if (twin === undefined || (state !== null && !UP.test(state))) return [device, false]
      return [device, state === null || twin.state === null ? null : !UP.test(twin.state)]
    }),
  )

/** A ConnectX-7 port of a GB10 can carry 200 Gb/s. Those that are up with less than half of it. */
const LEAST_GBPS = 100
const slow = (ports: readonly RdmaPort[]): Told =>
  told(
    ports.map(({ device, state, rateGbps }) => {
      if (state !== null && !UP.test(state)) return [device, false]
      return [device, rateGbps === null ? null : rateGbps < LEAST_GBPS && (state === null ? null : true)]
    }),
  )

/**
 * Facts `rdma.ports`: every RDMA port (ConnectX on a GB10: two PCIe functions for each socket), sorted by device; `rdma.halfUsed`: devices
 * that are up while the other function of their socket is not; `rdma.slow`: devices that are up with less than 100 Gb/s.
 */
export const networkFacts = (readings: readonly Reading[]): Record<string, Fact> => {
  const tools = readings.filter((r) => tool('ibdev2netdev')(r) && r.status === 'ok')
  const read = fromSysfs(readings)
  const named = tools.flatMap(fromIbdev).map((port) => ({
    ...port,
    rateGbps: read.find((other) => other.device === port.device && other.port === port.port)?.rateGbps ?? null,
  }))
  const ports = (tools.length > 0 ? named : read).sort(
    (a, b) => inOrder(a.device.toLowerCase(), b.device.toLowerCase()) || a.port - b.port,
  )
  const listings = readings.filter((r) => r.tool === 'ls' && r.args.some((a) => a.includes('infiniband')))
  const none = listings.length > 0 && listings.every((r) => r.status === 'absent' || (r.status === 'ok' && r.text.trim() === ''))
  const source = '/sys/class/infiniband'
  const missing = none ? 'absent' : 'unrecorded'
  const of = ({ devices, open }: Told): Fact<string[]> => {
    if (ports.length === 0) return derived<string[]>(null, source, missing)
    if (!open) return derived(devices, source)
    return devices.length === 0 ? derived<string[]>(null, source) : { ...derived(devices, source), partial: true }
  }
  return {
    'rdma.ports': derived(ports.length > 0 ? ports : null, tools[0]?.source ?? source, missing),
    'rdma.halfUsed': of(halfUsed(ports)),
    'rdma.slow': of(slow(ports)),
  }
}
