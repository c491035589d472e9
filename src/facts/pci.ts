import type { Fact } from '../model/fact.ts'
import { derived, file, tool, type Reading } from './reading.ts'
import { pciAddressOf } from './text.ts'

/** One PCI function. `id` = `vendor:device` in hex where shown, `name` = the text lspci gives the device. */
export type PciDevice = {
  address: string
  class: string | null
  vendor: string | null
  id: string | null
  name: string | null
  source: string
}

const SLOT = /^((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])\s+(.*)$/i

/** `lspci` in its plain, `-nn`, `-n` and `-v`/`-k` forms (indented detail lines are passed over). */
const parseLspci = (r: Reading): PciDevice[] =>
  r.text.split('\n').flatMap((line): PciDevice[] => {
    const found = SLOT.exec(line)
    const rest = found?.[2] ?? ''
    const numeric = /^([0-9a-f]{4}): ([0-9a-f]{4}):([0-9a-f]{4})/i.exec(rest)
    const address = pciAddressOf(found?.[1])
    if (address === null) return []
    if (numeric)
      return [
        {
          address,
          class: numeric[1] ?? null,
          vendor: vendorOfId(numeric[2]),
          id: `${numeric[2]}:${numeric[3]}`.toLowerCase(),
          name: null,
          source: r.source,
        },
      ]
    const named = /^([^:"]+?)(?: \[([0-9a-f]{4})\])?: (.*)$/i.exec(rest)
    if (!named) return []
    const name = (named[3] ?? '').replace(/ \(rev [0-9a-f]+\).*$/i, '')
    const vendor = /^NVIDIA/i.test(name) ? 'NVIDIA' : /^Mellanox/i.test(name) ? 'Mellanox' : null
    const device = /\[([0-9a-f]{4}):([0-9a-f]{4})\]/i.exec(name)
    const bare = vendor === 'NVIDIA' ? /\bDevice ([0-9a-f]{4})\b/i.exec(name)?.[1] : undefined
    const id = device ? `${device[1]}:${device[2]}` : bare ? `10de:${bare}` : null
    return [{ address, class: named[1] ?? null, vendor, id: id?.toLowerCase() ?? null, name, source: r.source }]
  })

const vendorOfId = (id: string | undefined): string | null =>
  ({ '10de': 'NVIDIA', '15b3': 'Mellanox' })[id?.toLowerCase() ?? ''] ?? null

/** `/sys/bus/pci/devices/ADDRESS/uevent`: PCI_CLASS, PCI_ID and PCI_SLOT_NAME of one function. */
const parseUevent = (r: Reading): PciDevice[] => {
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(r.text)?.[1]?.trim()
  const address = pciAddressOf(value('PCI_SLOT_NAME') ?? r.path?.split('/').at(-2))
  const id = value('PCI_ID')?.toLowerCase() ?? null
  if (address === null) return []
  return [
    {
      address,
      class: value('PCI_CLASS')?.padStart(6, '0').slice(0, 4) ?? null,
      vendor: vendorOfId(id?.split(':')[0]),
      id,
      name: null,
      source: r.source,
    },
  ]
}

/** All PCI functions that the captures list. */
export const pciDevices = (readings: readonly Reading[]): PciDevice[] =>
  readings
    .filter((r) => r.status === 'ok')
    .flatMap((r) =>
      tool('lspci')(r) ? parseLspci(r) : file(/^\/sys\/bus\/pci\/devices\/[^/]+\/uevent$/)(r) ? parseUevent(r) : [],
    )

/** NVIDIA functions that draw or compute (class 03xx); bridges, audio and root ports are none. */
export const nvidiaGpus = (devices: readonly PciDevice[]): PciDevice[] =>
  devices.filter((d) => d.vendor === 'NVIDIA' && /^03|VGA|3D controller|Display controller/i.test(d.class ?? ''))

/** Facts `pci.gpus` (NVIDIA GPUs on the bus, whether or not a driver runs them) and `pci.connectx` (Mellanox network functions). */
export const pciFacts = (devices: readonly PciDevice[]): Record<string, Fact> => {
  const source = devices[0]?.source ?? ''
  const shown = (list: PciDevice[]) =>
    derived(devices.length === 0 ? null : list.map(({ address, id, name }) => ({ address, id, name })), source)
  return {
    'pci.gpus': shown(nvidiaGpus(devices)),
    'pci.connectx': shown(
      devices.filter((d) => d.vendor === 'Mellanox' && /^02|Ethernet|Infiniband|Network/i.test(d.class ?? '')),
    ),
  }
}
