import { addressV4, addressV6 } from './addresses.ts'
import { folderRule } from './folders.ts'
import type { RedactionData, Rule } from './model.ts'
import { repositoryFiles } from './repositories.ts'

const any = (): boolean => true
const PLACEHOLDER = /^(?:not|none|n\/a|unknown|default|to|system|unspecified|empty|xxx+|0+|123456789|\*+|[-.]+)$/i
/** Names that systemd gives to instances of units, which only look like mail addresses. */
const UNIT = /\.(?:service|socket|target|timer|mount|slice|scope|path|device|conf|desktop|so|py|json|yaml)$/i

/**
 * What tells about a machine or its people by its shape or by its place alone, whether or not it was collected from the
 * machine. Group `id` is what
 * is replaced, else the whole match.
 */
export const shapes = (data: RedactionData): Rule[] => [
  {
    name: 'gpu-uuid',
    kind: 'gpu',
    pattern: /\b(?:GPU|MIG)-(?!0{8}-0{4}-0{4}-0{4}-)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/dgi,
    accept: any,
  },
  {
    name: 'short-id-of-disk',
    kind: 'uuid',
    accept: any,
    pattern: /\b(?:PART)?UUID=\\?["']?(?<id>[0-9a-f]{4}-[0-9a-f]{4}(?![0-9a-z-])|[0-9a-f]{8}(?=-\d\d(?![0-9a-z-])))/dgi,
  },
  {
    name: 'builder',
    kind: 'host',
    accept: (value) => !/^(?:buildd|dvs-builder|buildbrain|build)@|@host-\d+$/.test(value),
    pattern: /(?:Linux version \S{1,100}|Release Build)[ \t]{1,4}\((?<id>[^\s()@]{1,64}@[^\s()@]{1,253})\)/dg,
  },
  {
    name: 'uuid',
    kind: 'uuid',
    accept: any,
    pattern: /(?<![0-9A-Za-z]|GPU-|MIG-)(?!0{8}-0{4}-0{4}-0{4}-)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z])/dgi,
  },
  {
    name: 'machine-id',
    kind: 'machine',
    accept: any,
    pattern: /(?:machine|boot)[ _-]?id\\?["']?(?:\s{0,4}[:=]\s{0,4}|[ \t]{1,8})\\?["']?(?<id>[0-9a-f]{32})\b/dgi,
  },
  {
    name: 'email',
    kind: 'email',
    accept: (value) => !UNIT.test(value) && !value.startsWith('git@'),
    pattern:
      /(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9@])/dg,
  },
  {
    name: 'mac',
    kind: 'mac',
    accept: (value) => !/^(?:00[:-]){5}00$|^(?:ff[:-]){5}ff$/i.test(value) && (value.includes(':') || /[a-f]/i.test(value)),
    pattern: /(?:(?<![0-9A-Za-z:.-])|(?<=[g-z]:|mac:|ifname=[a-z0-9._-]{1,15}:))[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?![0-9A-Za-z]|[:-][0-9a-f])/dgi,
  },
  {
    name: 'mac-without-colons',
    kind: 'mac',
    accept: (value) => /[a-f]/i.test(value) || !value.includes('.'),
    pattern:
      /\b(?:en|wl|ww)x(?<id>[0-9a-f]{12})\b|(?:(?<![a-z])mac(?:[ _-]?addr(?:ess)?)?|hw[ _-]?addr|ether|bssid|_guid)\W{1,6}(?<bare>[0-9a-f]{12}|[0-9a-f]{16})\b|(?<![0-9a-z.])(?<dotted>[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})(?![0-9a-z]|\.[0-9a-f])/dgi,
  },
  {
    name: 'guid-of-card',
    kind: 'mac',
    accept: (value) => !/^[0:]+$/.test(value),
    pattern:
      /(?:guid\\?["']?(?:[ \t:=]|\\t){1,40}["']?(?:0x)?(?<id>[0-9a-f]{16}|[0-9a-f]{4}(?::[0-9a-f]{4}){3})|\bmlx\d_\d{1,3}(?:[ \t]|\\t){2,40}(?<listed>[0-9a-f]{16}))(?![0-9A-Za-z])/dgi,
  },
  {
    name: 'ipv6',
    kind: 'ip',
    accept: addressV6,
    pattern: /(?:(?<![0-9A-Za-z:.])|(?<=[g-z]:|ip6:))[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}(?![0-9A-Za-z:])/dgi,
  },
  { name: 'ipv4', kind: 'ip', accept: addressV4, pattern: /(?<![0-9A-Za-z.])(?:\d{1,3}\.){3}\d{1,3}(?![0-9A-Za-z]|\.\d)/dg },
  {
    name: 'home-folder',
    kind: 'user',
    accept: (value) => !data.homes.has(value.toLowerCase()),
    pattern:
      /(?:\/(?:home|Users)\/|\\{1,2}Users\\{1,2})(?<id>[^\s/\\"':,;*()[\]{}<>]{1,64})|(?<![\w.-])(?:\/run)?\/media\/(?<mounter>[^\s/\\"':,;*()[\]{}<>]{1,64})(?=\/)/dg,
  },
  folderRule(data.folders),
  repositoryFiles(data),
  {
    name: 'internal-name',
    kind: 'domain',
    accept: any,
    pattern:
      /(?<![A-Za-z0-9.-])(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,6}(?:ts\.net|lan|internal|intranet|corp|home\.arpa|localdomain|fritz\.box)(?![A-Za-z0-9-]|\.[A-Za-z0-9])/dgi,
  },
  {
    name: 'server-of-ollama',
    kind: 'domain',
    accept: (value) => value !== 'localhost' && !/^[\d.]+$/.test(value),
    pattern:
      /(?<=\bOLLAMA_(?:HOST|ORIGINS)=["']?(?:[^\s"']{0,400}?(?:,|:\/\/|@)(?:\*\.)?)?)(?<id>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?![A-Za-z0-9.-]|:\/\/|[^\s"',/]{0,200}@)/dg,
  },
  {
    name: 'mdns-name',
    kind: 'host',
    accept: any,
    pattern: /(?<![A-Za-z0-9./~-])[A-Za-z0-9][A-Za-z0-9-]{0,62}\.local(?![A-Za-z0-9/-]|\.[A-Za-z0-9])/dgi,
  },
  {
    name: 'host-name-field',
    kind: 'host',
    accept: (value) => !PLACEHOLDER.test(value) && !/^localhost\b/.test(value),
    pattern:
      /(?:\b(?:static|transient|pretty)[ ]host[ ]?name|^[ \t]*(?:host[ _]?name|node ?name)|\bHOSTNAME)[ \t]{0,30}[:=][ \t]{0,8}(?<id>[A-Za-z0-9][A-Za-z0-9.-]{0,252})/dgim,
  },
  {
    name: 'host-name-in-log',
    kind: 'host',
    accept: (value) => !PLACEHOLDER.test(value),
    pattern:
      /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\dT[\d:.,+Z-]{8,32}) (?<id>[A-Za-z0-9][A-Za-z0-9.-]{0,252}) (?=[\w./@-]{1,64}(?:\[\d+\])?: )/dgm,
  },
  {
    name: 'host-name-of-uname',
    kind: 'host',
    accept: (value) => value !== 'version',
    pattern: /^Linux (?<id>[A-Za-z0-9][A-Za-z0-9.-]{0,252}) (?=\d+\.\d+)/dgm,
  },
  {
    name: 'serial-number',
    kind: 'serial',
    accept: (value) => !PLACEHOLDER.test(value) && value.length >= 5 && /\d/.test(value),
    pattern:
      /(?:serial(?:[ _-]?(?:number|num|no\.?|short|#))?|\b(?:asset|service)[ _-]tag|(?<![\w/.])S\/?N)\\?["']?(?:[ \t]{0,40}[:=][ \t]{0,8}|(?<=number|no|no\.|S\/N)[ \t]{1,40})\\?["']?(?<id>[A-Za-z0-9][A-Za-z0-9._/-]{2,63})/dgi,
  },
  {
    name: 'serial-in-disk-name',
    kind: 'serial',
    accept: (value) => /\d/.test(value) && (/[A-Z]/.test(value) || value.startsWith('0x')),
    pattern:
      /(?<![\w.])(?:nvme|ata|scsi|usb|mmc)-[A-Za-z0-9.+_-]{1,80}_(?<id>[A-Za-z0-9-]{8,40}?)(?=_\d|-part\d|-\d:\d|[\s"'\\,;:)]|$)/dg,
  },
  {
    name: 'number-of-disk',
    kind: 'serial',
    accept: any,
    pattern: /\b(?:eui\.|naa\.|wwn-0x)(?<id>[0-9a-f]{16,64})\b|\bnvme\.[0-9a-f]{4}-(?<long>[0-9a-f]{8,200}-[0-9a-f]{8,200})\b/dg,
  },
  {
    name: 'phone',
    kind: 'phone',
    accept: (value) => /[ ()/-]/.test(value.trim()) || value.length > 10,
    pattern: /(?<![\w.+~:/-])\+[1-9]\d{0,2}[ \t]?(?:\(\d{1,4}\))?(?:[ \t/-]?\d){6,13}(?![\w.])/dg,
  },
  {
    name: 'phone-field',
    kind: 'phone',
    accept: (value) => value.replaceAll(/\D/g, '').length >= 7,
    pattern:
      /\b(?:(?:tele)?phone|tel|telefon|mobile?|handy|cell|fax|call|whatsapp)(?:[ _-](?:no|number|nr))?\.?[ \t]{0,4}[:=]?[ \t]{0,4}(?<id>[+(]?\d[\d ()/.-]{5,20}\d)/dgi,
  },
  {
    name: 'ssid',
    kind: 'ssid',
    accept: (value) => !/^(?:off|any|\s*)$/i.test(value) && !/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(value),
    pattern: /\b(?:E?SSID|e?ssid)\b\\?["']?[ \t]{0,8}[:=][ \t]{0,8}(?:\\?"(?<id>[^"\r\n\\]{1,64})|(?<bare>[^\s"\\][^\r\n"]{0,63}))/dg,
  },
  {
    name: 'ssid-without-sign',
    kind: 'ssid',
    accept: any,
    pattern:
      /(?:(?<![\w-])|(?<=\\[nrt]))(?:(?<=^[ \t]{0,40}|["']|\\[nrt])e?ssid[ \t]{1,4}(?<id>[^\s:="'\\][^"\r\n\\]{0,63})|e?ssid[ \t]{1,4}(?<word>(?=[^\s"\\]{0,60}[A-Z0-9])[^\s:="'\\,;]{2,64}))/dgm,
  },
  {
    name: 'user-name-field',
    kind: 'user',
    accept: (value) => !PLACEHOLDER.test(value) && value !== 'root',
    pattern: /(?<![A-Za-z0-9_])(?:LOGNAME|USERNAME|SUDO_USER|USER)=["']?(?<id>[A-Za-z_][A-Za-z0-9_.-]{0,63})/dg,
  },
]
