import type { Probe } from '../host/probe.ts'
import type { Capture } from '../model/capture.ts'
import type { Kind } from './model.ts'
import { repositoriesIn } from './repositories.ts'

const read = (path: string): Probe => ({ kind: 'read', path })
const run = (argv: readonly [string, ...string[]]): Probe => ({ kind: 'run', argv, limit: 1000 })
const DMI = ['product_serial', 'product_uuid', 'board_serial', 'chassis_serial', 'board_asset_tag', 'chassis_asset_tag'].map(
  (name) => `/sys/class/dmi/id/${name}`,
)

/**
 * Where names of a machine and of its people stand. What these probes give is only ever looked for; it never goes into a
 * bundle. No driver is asked, as that might hang: a GPU's UUID is known by its shape.
 */
export const identityProbes: readonly Probe[] = [
  ...[
    '/etc/hostname',
    '/proc/sys/kernel/hostname',
    '/proc/sys/kernel/domainname',
    '/etc/mailname',
    '/etc/hosts',
    '/etc/passwd',
    '/etc/resolv.conf',
  ].map(read),
  ...[
    '/run/systemd/resolve/resolv.conf',
    '/etc/machine-id',
    '/var/lib/dbus/machine-id',
    '/proc/sys/kernel/random/boot_id',
    ...DMI,
  ].map(read),
  ...['/proc/device-tree/serial-number', '/sys/class/net/*/address'].map(read),
  ...['~/.gitconfig', '~/.config/git/config', '/etc/gitconfig'].map(read),
  { kind: 'names', path: '/etc/NetworkManager/system-connections/*' },
  { kind: 'names', path: '/var/lib/iwd/*' },
  { kind: 'names', path: '/home/*' },
  run(['nmcli', '-t', '-f', 'NAME,TYPE', 'connection', 'show']),
  run(['iwgetid', '-r']),
  run(['tailscale', 'status', '--json']),
  run(['hostname', '-A']),
]

type Word = { kind: Kind; value: string }
const all = (kind: Kind, text: string, pattern: RegExp): Word[] =>
  [...text.matchAll(pattern)].map((match) => ({ kind, value: match[1] ?? '' }))
const lines = (kind: Kind, text: string): Word[] =>
  text.split('\n').map((value) => ({ kind, value: value.replaceAll('\0', '').trim() }))

/** One address with colons, as other tools write it. */
export const spellings = (mac: string): string[] => {
  const bare = mac.replaceAll(':', '')
  return [mac, mac.replaceAll(':', '-'), bare, bare.replaceAll(/(.{4})(?=.)/g, '$1.')]
}

/** People's accounts: the uids that distributions give to people, not those of services. */
const people = (text: string): Word[] =>
  text.split('\n').flatMap((line) => {
    const [name = '', , uid = '', , gecos = '', home = ''] = line.split(':')
    const number = Number(uid)
    if (!/^\d+$/.test(uid) || number < 1000 || number >= 65_000) return []
    return [
      { kind: 'user', value: name },
      { kind: 'name', value: gecos.split(',')[0] ?? '' },
      { kind: 'home', value: home },
    ] satisfies Word[]
  })

/** `/etc/hosts`: every name but those of loopback's own, and every address but loopback itself. */
const hostsFile = (text: string): Word[] =>
  text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (names.length === 0) return []
    const loop = /^(?:127\.|::1$|f[ef]0)/.test(address)
    return [
      ...(loop ? [] : [{ kind: 'ip', value: address } as const]),
      ...names.map((value) => ({ kind: 'host', value }) as const),
    ]
  })

const resolv = (text: string): Word[] => [
  ...[...text.matchAll(/^(?:search|domain)[ \t]+(.+)$/gm)].flatMap((match) =>
    (match[1] ?? '').split(/\s+/).map((value) => ({ kind: 'domain', value }) as const),
  ),
  ...all('ip', text, /^nameserver[ \t]+(?!127\.)(\S+)/gm),
]

const tailnet = (text: string): Word[] => [
  ...all('host', text, /"(?:HostName|DNSName)":\s*"([^"]+)"/g),
  ...all('domain', text, /"MagicDNSSuffix":\s*"([^"]+)"/g),
  ...all('email', text, /"LoginName":\s*"([^"]+)"/g),
  ...all('name', text, /"DisplayName":\s*"([^"]+)"/g),
  ...all('ip', text, /"((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7})"/gi),
]

const macs = (text: string): Word[] =>
  text.split('\n').flatMap((mac) => spellings(mac.trim()).map((value) => ({ kind: 'mac', value }) as const))

const BY_PATH: [RegExp, (text: string) => Word[]][] = [
  [/\/(?:hostname|mailname)$/, (text) => lines('host', text)],
  [/\/domainname$/, (text) => lines('domain', text)],
  [
    /^\/proc\/cmdline$/,
    (text) => all('host', text, /(?:^|[\s;])(?:ip=(?:[^:\s]{0,60}:){4}|systemd\.hostname=|h=)([A-Za-z][A-Za-z0-9.-]+)/g),
  ],
  [/^\/etc\/apt\/sources\.list/, (text) => repositoriesIn(text).map((value) => ({ kind: 'repository', value }))],
  [/^\/etc\/hosts$/, hostsFile],
  [/^\/etc\/passwd$/, people],
  [/\/resolv\.conf$/, resolv],
  [/\/machine-id$/, (text) => lines('machine', text)],
  [/\/boot_id$/, (text) => [...lines('boot', text), ...lines('boot', text.replaceAll('-', ''))]],
  [/\/(?:\w+_serial|serial-number|\w+_asset_tag)$/, (text) => lines('serial', text)],
  [/^\/etc\/dgx-release$/, (text) => all('serial', text, /^\s*(?:export\s+)?DGX_\w*SERIAL\w*\s*=\s*["']?([^"'\s]+)/gm)],
  [/\/product_uuid$/, (text) => lines('uuid', text)],
  [/^\/sys\/class\/net\/(?!lo\/)[^/]+\/address$/, macs],
  [/\/node_guid$/, macs],
  [/\/node_desc$/, (text) => all('host', text, /^(\S+)/gm)],
  [/\/gpus\/[^/]+\/information$/, (text) => all('gpu', text, /GPU UUID:\s*(GPU-[0-9a-f-]+)/g)],
  [
    /gitconfig$|\/git\/config$/,
    (text) => [...all('email', text, /^\s*email\s*=\s*(\S+)/gm), ...all('name', text, /^\s*name\s*=\s*(\S.*?)\s*$/gm)],
  ],
]
const NETWORK = /^\/(?:etc\/NetworkManager\/system-connections|var\/lib\/iwd)\/(.+?)(?:\.nmconnection|\.psk|\.open|\.8021x)?$/gm

/** Folders that a pattern cannot tell from the text around them. */
const foldersWithBlanks = (path: string): Word[] =>
  path.split('/').flatMap((value) => (value.includes(' ') ? [{ kind: 'folder', value } as const] : []))

/** Names that one capture holds, by the file or the command it came from. */
export function words({ path, argv, text, status }: Capture): Word[] {
  if (status !== 'ok') return []
  if (path !== undefined) return BY_PATH.find(([where]) => where.test(path))?.[1](text) ?? []
  const [tool = '', ...args] = argv ?? []
  const name = tool.split('/').at(-1)
  if (name === 'ls')
    return [
      ...all('ssid', text, NETWORK),
      ...all('model', text, /\/models--([\w.-]+?--[\w.-]+)/g),
      ...args.flatMap((arg) => (/\/(?:site|dist)-packages\//.test(arg) ? foldersWithBlanks(arg) : [])),
      ...(args.includes('/home/*') ? all('user', text, /^\/home\/(?!linuxbrew$|lost\+found$)([^/\n]+)$/gm) : []),
    ]
  if (name === 'nmcli')
    return all('ssid', text, /^(.+?):802-11-wireless$/gm).map(({ kind, value }) => ({
      kind,
      value: value.replaceAll(String.raw`\:`, ':'),
    }))
  if (name === 'ollama') return all('model', text, /^(\S+)[ \t]+[0-9a-f]{12}[ \t]/gm)
  if (name === 'iwgetid') return lines('ssid', text)
  if (name === 'tailscale') return tailnet(text)
  if (name === 'hostname') return text.split(/\s+/).map((value) => ({ kind: 'host', value }))
  if (name === 'hostnamectl') return all('host', text, /hostname:\s*(\S+)/gi)
  if (name === 'dmidecode') return [...all('serial', text, /Serial Number:\s*(\S+)/g), ...all('uuid', text, /UUID:\s*(\S+)/g)]
  return name === 'uname' && args.some((arg) => /^-\w*[an]/.test(arg)) ? all('host', text, /^Linux (\S+) \d/gm) : []
}
