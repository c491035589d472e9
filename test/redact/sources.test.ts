import { describe, expect, it } from 'vitest'
import type { Capture } from '../../src/model/capture.ts'
import { identityProbes, words } from '../../src/redact/sources.ts'

const capture = (of: string | readonly string[], text: string, more: Partial<Capture> = {}): Capture => ({
  ...(typeof of === 'string' ? { path: of } : { argv: of }), text, status: 'ok', stderr: '', exitCode: 0, excerpt: false, ms: 0, ...more,
})
const mac = ['mac 4c:bb:47:2a:9d:01', 'mac 4c-bb-47-2a-9d-01', 'mac 4cbb472a9d01', 'mac 4cbb.472a.9d01']
const dmi = '/sys/class/dmi/id'

/** What is asked for names alone: its text, and every name in it. */
const asked: [of: string | readonly string[], text: string, found: string[]][] = [
  ['/etc/hostname', 'vega\n', ['host vega']],
  ['/proc/sys/kernel/hostname', 'vega\n', ['host vega']],
  ['/proc/sys/kernel/domainname', 'lab.example\n', ['domain lab.example']],
  ['/etc/mailname', 'mail.example\n', ['host mail.example']],
  ['/etc/hosts', '127.0.1.1 vega # x\nfe80::1 a\n\n10.1.1.1 nas nas.lan\n', ['host vega', 'ip fe80::1', 'host a', 'ip 10.1.1.1', 'host nas', 'host nas.lan']],
  [
    '/etc/passwd', 'daemon:x:999:1:D E:/d:\nann:x:1000:1:Ann Bell,,,:/home/ann:/bin/sh\nbob:x:64999:1::/b:\nnobody:x:65000:1:N O:/n:\n+:x:1000x:1:N I S:/o:\n',
    ['user ann', 'name Ann Bell', 'home /home/ann', 'user bob', 'home /b'],
  ],
  ['/etc/resolv.conf', '# x\nnameserver 127.0.0.53\nnameserver 9.9.4.4\nsearch lab.example a.ts.net\n', ['domain lab.example', 'domain a.ts.net', 'ip 9.9.4.4']],
  ['/run/systemd/resolve/resolv.conf', '# x\ndomain lab.example\n', ['domain lab.example']],
  ['/etc/machine-id', '0a1b2c\n', ['machine 0a1b2c']],
  ['/var/lib/dbus/machine-id', '0a1b2c\n', ['machine 0a1b2c']],
  ['/proc/sys/kernel/random/boot_id', '0a1b-2c\n', ['boot 0a1b-2c', 'boot 0a1b2c']],
  ...['product_serial', 'board_serial', 'chassis_serial', 'board_asset_tag', 'chassis_asset_tag'].map((name): [string, string, string[]] => [`${dmi}/${name}`, 'S1\n', ['serial S1']]),
  [`${dmi}/product_uuid`, 'u-1\n', ['uuid u-1']],
  ['/proc/device-tree/serial-number', '142\0', ['serial 142']],
  ['/sys/class/net/*/address', '4c:bb:47:2a:9d:01\n', mac],
  ...['~/.gitconfig', '~/.config/git/config', '/etc/gitconfig'].map((path): [string, string, string[]] => [path, '[user]\n  email = a@b.example\n\tname = Ann Bell \n  nickname = no\n[x]\n  to-email = no\n', ['email a@b.example', 'name Ann Bell']]),
  [['ls', '-d', '/etc/NetworkManager/system-connections/*'], '/etc/NetworkManager/system-connections/Attic.nmconnection\n', ['ssid Attic']],
  [['ls', '-d', '/var/lib/iwd/*'], '/var/lib/iwd/Attic.psk\n/var/lib/iwd/Cafe.open\n', ['ssid Attic', 'ssid Cafe']],
  [['ls', '-d', '/home/*'], '/home/ann\n/home/linuxbrew\n/home/lost+found\n', ['user ann']],
  [['nmcli', '-t', '-f', 'NAME,TYPE', 'connection', 'show'], 'Wired:802-3-ethernet\nAt\\:tic:802-11-wireless\nCafe:802-11-wireless\n', ['ssid At:tic', 'ssid Cafe']],
  [['iwgetid', '-r'], 'Attic\n', ['ssid Attic']],
  [
    ['tailscale', 'status', '--json'], '{"HostName": "vega", "DNSName": "vega.a.ts.net.", "MagicDNSSuffix": "a.ts.net", "LoginName": "a@b.example", "LoginName": "c@d.example", "DisplayName": "Ann Bell", "x": ["100.64.1.2", "fd7a::2"]}',
    ['host vega', 'host vega.a.ts.net.', 'domain a.ts.net', 'email a@b.example', 'email c@d.example', 'name Ann Bell', 'ip 100.64.1.2', 'ip fd7a::2'],
  ],
  [['hostname', '-A'], 'vega nas.lan \n', ['host vega', 'host nas.lan']],
]

/** What is captured for facts as well. */
const others: typeof asked = [
  [['uname', '-a'], 'Linux vega 6.17.0 #1\n', ['host vega']],
  [['uname', '-r'], 'Linux vega 6.17.0\n', []],
  [['echo', '-n'], 'Linux vega 6.17.0\n', []],
  [['sudo-like/dmidecode'], 'Serial Number: S1\nUUID: u-1\n', ['serial S1', 'uuid u-1']],
  [['hostnamectl'], ' Static hostname: vega\nPretty hostname: Box\n', ['host vega', 'host Box']],
  [['ollama', 'ps'], 'NAME ID\nacme:1b    aa4295ac10c3    x\n', ['model acme:1b']],
  [['ls', '-d', '/h/models--*'], '/h/models--acme--m1\n', ['model acme--m1']],
  ['/etc/apt/sources.list.d/a.sources', 'URIs: https://u:pw@apt.kunde.example:8443/pub/x/ http://localhost:3142/u\n https://b.example\n', ['repository apt.kunde.example:8443', 'repository apt.kunde.example:8443/pub/x', 'repository b.example', 'repository b.example']],
  ['/proc/driver/nvidia/gpus/0/information', 'GPU UUID: GPU-3f1a\n', ['gpu GPU-3f1a']],
  ['/sys/class/infiniband/mlx5_0/node_desc', 'vega mlx5_0\n', ['host vega']],
]

describe('names are found in', () => {
  it.each([...asked, ...others])('%s', (of, text, found) => {
    const told = (one: Capture): string[] => words(one).flatMap(({ kind, value }) => (value === '' ? [] : [`${kind} ${value}`]))
    expect(told(capture(typeof of === 'string' ? of.replace('*', 'eth0') : of, text))).toEqual(found)
    expect(told(capture(of, text, { status: 'denied' }))).toEqual([])
  })
  it('all that is asked for names', () => {
    const probes = identityProbes.map((probe) => (probe.kind === 'run' ? probe.argv : probe.kind === 'names' ? ['ls', '-d', probe.path] : 'path' in probe ? probe.path : null))
    expect(new Set(asked.map(([of]) => String(of)))).toEqual(new Set(probes.map(String)))
  })
})
