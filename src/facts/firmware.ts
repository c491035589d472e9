import type { Fact } from '../model/fact.ts'
import { factOf, file, tool, type Form, type Reading } from './reading.ts'

/** Texts that makers leave in place of a name. */
const PLACEHOLDER =
  /^(|not specified|not available|default string|to be filled by o\.?e\.?m\.?|system (product name|manufacturer|version)|none|unknown|n\/a|x+|0+)$/i
const real = (text: string | undefined | null): string | null =>
  text == null || PLACEHOLDER.test(text.trim()) ? null : text.trim()

/** A line of one section of `dmidecode`, which prints sections as "System Information" and indented `Key: value`. */
const dmidecode = (section: string, key: string): Form<string> => ({
  of: tool('dmidecode', (args) => !args.some((a) => a === '-s' || a.startsWith('--string'))),
  parse: (r) => {
    const block = new RegExp(`^${section}[ \\t]*$([\\s\\S]*?)(?=^\\S|(?![\\s\\S]))`, 'm').exec(r.text)?.[1] ?? ''
    return real(new RegExp(`^[ \\t]+${key}:[ \\t]*(.*)$`, 'm').exec(block)?.[1])
  },
})

/** `dmidecode -s system-product-name` prints the value alone (after comment lines). */
const dmiString = (keyword: string): Form<string> => ({
  of: tool('dmidecode', (args) => args.some((a) => a === keyword || a === `--string=${keyword}`)),
  parse: (r) => real(r.text.split('\n').find((line) => !line.startsWith('#') && line.trim() !== '')),
})

const sysfs = (name: string): Form<string> => ({ of: file(`/sys/class/dmi/id/${name}`), parse: (r) => real(r.text) })
const hostnamectl = (label: string): Form<string> => ({
  of: tool('hostnamectl'),
  parse: (r) => real(new RegExp(`${label}:[ \\t]*(\\S.*?)[ \\t]*$`, 'm').exec(r.text)?.[1]),
})

/** The device tree's strings end in NUL bytes. */
const deviceTree: Form<string> = {
  of: file('/proc/device-tree/model'),
  parse: (r: Reading) => real(r.text.replaceAll('\0', ' ').trim()),
}

/**
 * Facts `product.*` of the firmware tables (DMI): `vendor name version family board`, `product.deviceTree` (Jetson and other boards without
 * DMI), and `firmware.version`, `firmware.date`.
 */
export const firmwareFacts = (readings: readonly Reading[]): Record<string, Fact> => ({
  'product.vendor': factOf(readings, [
    sysfs('sys_vendor'),
    dmidecode('System Information', 'Manufacturer'),
    dmiString('system-manufacturer'),
    hostnamectl('Hardware Vendor'),
  ]),
  'product.name': factOf(readings, [
    sysfs('product_name'),
    dmidecode('System Information', 'Product Name'),
    dmiString('system-product-name'),
    hostnamectl('Hardware Model'),
  ]),
  'product.version': factOf(readings, [
    sysfs('product_version'),
    dmidecode('System Information', 'Version'),
    dmiString('system-version'),
  ]),
  'product.family': factOf(readings, [
    sysfs('product_family'),
    dmidecode('System Information', 'Family'),
    dmiString('system-family'),
  ]),
  'product.board': factOf(readings, [
    sysfs('board_name'),
    dmidecode('Base Board Information', 'Product Name'),
    dmiString('baseboard-product-name'),
  ]),
  'product.deviceTree': factOf(readings, [deviceTree]),
  'firmware.version': factOf(readings, [
    sysfs('bios_version'),
    dmidecode('BIOS Information', 'Version'),
    dmiString('bios-version'),
    hostnamectl('Firmware Version'),
  ]),
  'firmware.date': factOf(readings, [
    sysfs('bios_date'),
    dmidecode('BIOS Information', 'Release Date'),
    dmiString('bios-release-date'),
  ]),
})
