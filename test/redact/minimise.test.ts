import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { makeBundle } from '../../src/cli/reporting.ts'
import { parseData } from '../../src/facts/data.ts'
import { detect } from '../../src/facts/detect.ts'
import type { Capture } from '../../src/model/capture.ts'
import { collect } from '../../src/redact/collect.ts'
import { logLines } from '../../src/redact/minimise.ts'
import { partOf } from '../../src/redact/minimise-files.ts'
import { data } from './support.ts'

const capture = (more: Partial<Capture>): Capture => ({ text: '', status: 'ok', stderr: '', exitCode: 0, excerpt: false, ms: 0, ...more })
const unit = '/etc/systemd/system/ollama.service'
const list = '/etc/apt/sources.list.d/acme.list'

/** What a file holds, what of it goes along; `°` marks what may stand nowhere in a bundle. */
const cases: [what: string, of: Partial<Capture>, text: string, left: string][] = [
  [
    'DGX release without serial', { path: '/etc/dgx-release' },
    'DGX_NAME="DGX Spark"\nDGX_PLATFORM="DGX Server for KVM"\nDGX_SWBUILD_VERSION="7.2.3"\n\nDGX_OTA_VERSION="7.3.1"\nDGX_SERIAL_NUMBER="1570325012345"\nDGX_OWNER=°\n',
    'DGX_NAME="DGX Spark"\nDGX_PLATFORM="DGX Server for KVM"\nDGX_SWBUILD_VERSION="7.2.3"\nDGX_OTA_VERSION="7.3.1"\n',
  ],
  [
    'unit: known variables only', { path: unit },
    `[Service]\nExecStart=/bin/x --token °\nEnvironment="OLLAMA_DEBUG=1" "X=°" 'Y=° °' OLLAMA_KEEP_ALIVE=5m\nEnvironment="MY_PASS=°"\n# °\n`,
    '[Service]\nEnvironment="OLLAMA_DEBUG=1"\nEnvironment=OLLAMA_KEEP_ALIVE=5m\n',
  ],
  ['drop-in that takes back', { path: `${unit}.d/y.conf` }, '[Service]\nEnvironment=\nEnvironmentFile=-/etc/°\nUnsetEnvironment=OLLAMA_NUM_GPU ° "OLLAMA_DEBUG=1"\n', '[Service]\nEnvironment=\nEnvironmentFile=/file\nUnsetEnvironment=OLLAMA_NUM_GPU\nUnsetEnvironment="OLLAMA_DEBUG=1"\n'],
  ['drop-in', { path: `${unit}.d/x.conf` }, '[Service]\nEnvironment=A=°\nEnvironment=OLLAMA_NUM_GPU=0\n', '[Service]\nEnvironment=OLLAMA_NUM_GPU=0\n'],
  [
    'Docker: names of runtimes', { path: '/etc/docker/daemon.json' },
    '{"runtimes": {"nvidia": {"path": "°", "args": ["°"]}}, "labels": ["owner=°"], "registry-mirrors": ["https://°"]}',
    '{"runtimes":{"nvidia":{}}}\n',
  ],
  ['Docker: no JSON', { path: '/etc/docker/daemon.json' }, '{"labels": ["°"', '-- not JSON --\n'],
  ['Docker: no runtimes', { path: '/etc/docker/daemon.json' }, '{"labels": ["°"]}', '{}\n'],
  [
    'apt, one line each', { path: list },
    '# °\ndeb [arch=arm64 signed-by=/k.gpg] https://h/u noble main # °\n#deb https://h/°\ndeb-src https://h/° noble main\n',
    'deb [arch=arm64 signed-by=/k.gpg] https://h/u noble main \n',
  ],
  [
    'apt, stanzas', { path: '/etc/apt/sources.list.d/a.sources' },
    '# °\nX-Repolib-Name: °\n and °\nTypes: deb\nURIs: https://h/u\nSuites: noble\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\nEnabled: yes\n\nTypes: deb\nURIs: https://i\nSuites: x\n',
    'Types: deb\nURIs: https://h/u\nSuites: noble\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\nEnabled: yes\n\nTypes: deb\nURIs: https://i\nSuites: x\n\n',
  ],
  ['apt, a copy that an editor left', { path: `${list}.save` }, 'deb https://h/° noble main\n', ''],
  ['apt, a copy of stanzas', { path: '/etc/apt/sources.list.d/a.sources.save' }, 'Types: deb\nURIs: https://h/°\nSuites: noble\n', ''],
  [
    'start file of a shell', { argv: ['grep', '-HsE', '^X=', '/home/u/.bashrc'] },
    '/home/u/.bashrc:export CUDA_HOME="/usr/local/cuda"; export HF=°\n/home/u/.bashrc:  LD_LIBRARY_PATH=/x # °\n',
    '/home/u/.bashrc:export CUDA_HOME="/usr/local/cuda"\n/home/u/.bashrc:  LD_LIBRARY_PATH=/x\n',
  ],
  ['release file', { path: '/etc/os-release' }, '# °\nID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.3 LTS"\nHOME_URL="https://°/"\n', 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.3 LTS"\n'],
  ['marker of podman', { path: '/run/.containerenv' }, 'engine="podman-4.9.3"\nname="°"\nimage="registry.°/team/x:1"\n', ''],
  ['what a container told systemd', { path: '/run/systemd/container' }, 'lxc\n', 'lxc\n'],
  ['what else it told', { path: '/run/systemd/container' }, '°\n', ''],
  ['control group above the own root', { path: '/proc/1/cgroup' }, '0::/../..\n', '0::/../..\n'],
  ['control group of a container', { path: '/proc/1/cgroup' }, '1:name=systemd:/lxc/°\n0::/kubepods/burstable/pod°\n', '1:name=systemd:/lxc\n0::/kubepods\n'],
  ['control group of a machine', { path: '/proc/1/cgroup' }, '0::/init.scope\n', '0::/init.scope\n'],
  [
    'packages that came for others', { path: '/var/lib/apt/extended_states' },
    'Package: °-agent\nArchitecture: arm64\nAuto-Installed: 1\n\nPackage: nvidia-driver-580-open\nArchitecture: arm64\nAuto-Installed: 1\n',
    'Package: nvidia-driver-580-open\nArchitecture: arm64\nAuto-Installed: 1\n\n',
  ],
  [
    'enabled units', { argv: ['ls', '-d', '/etc/systemd/system/*.target.wants/*'] },
    '/etc/systemd/system/multi-user.target.wants/docker.service\n/etc/systemd/system/multi-user.target.wants/wg-quick@°.service\n/etc/systemd/system/remote-fs.target.wants/mnt-°.mount\n/etc/systemd/system/multi-user.target.wants/nvidia-fabricmanager.service\n',
    '/etc/systemd/system/multi-user.target.wants/docker.service\n/etc/systemd/system/multi-user.target.wants/nvidia-fabricmanager.service\n',
  ],
  [
    'share of a server', { argv: ['df', '-kP', '/home/u'] },
    'Filesystem 1024-blocks Used Available Capacity Mounted on\n°7.°.example:/export/° 100 50 50 50% /home\n',
    'Filesystem 1024-blocks Used Available Capacity Mounted on\nserver:/share 100 50 50 50% /home\n',
  ],
  [
    'share of Windows', { argv: ['df', '-kP', '/'] },
    'Filesystem 1024-blocks Used Available Capacity Mounted on\n//°/My ° 100 50 50 50% /\n',
    'Filesystem 1024-blocks Used Available Capacity Mounted on\n//server/share 100 50 50 50% /\n',
  ],
  [
    'context of Docker', { argv: ['docker', 'version'] },
    'Client: Docker Engine - Community\n Version:           28.5.1\n Context:           °-prod\n',
    'Client: Docker Engine - Community\n Version:           28.5.1\n',
  ],
  [
    'module without its signer', { argv: ['modinfo', 'nvidia'] },
    'filename:       /lib/nvidia.ko\nversion:        580.95.05\nlicense:        Dual MIT/GPL\nsigner:         ° key\nsig_key:        4C:BB\nsignature:      30:82\n\t\t00:11\nvermagic:       6.17.0 SMP aarch64\n',
    'filename:       /lib/nvidia.ko\nversion:        580.95.05\nlicense:        Dual MIT/GPL\nvermagic:       6.17.0 SMP aarch64\n',
  ],
]

it('host names that the kernel was started with are collected', () => {
  const text = 'root=/dev/nvme0n1p2 ip=10.2.3.4::10.2.3.1:255.255.255.0:vega-7f3a:eth0:off ds=nocloud-net;h=nas-cellar systemd.hostname=rigel.lab\n'
  const own = { home: null, user: null, hostname: null, addresses: [], macs: ['4c:bb:47:2a:9d:01'] }
  const values = collect([capture({ path: '/proc/cmdline', text }), capture({ path: '/etc/dgx-release', text: 'DGX_SERIAL_NUMBER="157032501"\n' })], own)
  expect(values.map(({ value }) => value)).toEqual(expect.arrayContaining([
    'vega-7f3a', 'vega--7f3a', 'nas-cellar', 'rigel.lab', '157032501', '4c-bb-47-2a-9d-01', '4cbb472a9d01', '4cbb.472a.9d01',
  ]))
})

it('names are collected whatever their length, up to that of a host name', () => {
  const own = { home: null, user: null, addresses: [], macs: [] }
  const named = (hostname: string) => collect([], { ...own, hostname }).map(({ value }) => value)
  expect(named('h'.repeat(255))).toContain('h'.repeat(255))
  expect(named('h'.repeat(256))).toEqual([])
})

it('what names nobody is not collected', () => {
  const hosts = '127.0.0.1 localhost localhost.localdomain # me\n::1 ip6-localhost\nff02::1 ip6-allnodes\n10.9.8.7 nas.lan.\n'
  const gitconfig = '[user]\n  name = marguerite\n'
  const own = { home: '/home/marguerite/', user: 'root', hostname: '10.1.2.3', addresses: ['127.0.0.1', '::1', '0.0.0.0', 'fe80::1%eth0'], macs: ['00:00:00:00:00:00'] }
  const found = collect([capture({ path: '/etc/hosts', text: hosts }), capture({ path: '/root/.gitconfig', text: gitconfig })], own)
  expect(found).toEqual([
    { kind: 'ip', value: 'fe80::1' },
    { kind: 'ip', value: '10.9.8.7' },
    { kind: 'host', value: 'nas.lan', as: 'nas' },
    { kind: 'host', value: 'nas', as: 'nas' },
  ])
  const home = (path: string): unknown => collect([], { ...own, addresses: [], home: path })
  expect(['/root', '/nonexistent', '/var/lib/x', '/usr/sbin', 'home', '/'].map(home)).toEqual([[], [], [], [], [], []])
  expect(home('/srv/people/nv/')).toEqual([{ kind: 'home', value: '/srv/people/nv' }])
})

it('the logs that go along are those of this boot', () => {
  const line = 'kernel: NVRM: Xid (PCI:000f:01:00): 31, pid=7\n'
  const log = (argv: [string, ...string[]], more: Partial<Capture> = {}) => capture({ argv, text: `usb 1-1: new device\n${line}`, ...more })
  expect(logLines([log(['journalctl', '-b', '-1']), log(['dmesg'], { status: 'denied' }), log(['ps'])])).toBe('')
  expect(logLines([log(['journalctl', '-k', '-b'])])).toBe(`$ journalctl -k -b\n${line}`)
})

describe('no more of a file than is read', () => {
  it.each(cases)('%s', (_what, of, text, left) => {
    expect(partOf(capture({ ...of, text }), data.variables).text).toBe(left)
  })
  it('what Docker complains about names no daemon', () => {
    const stderr = 'Cannot connect to the Docker daemon at tcp://°:2375. Is the docker daemon running?\nerror during connect: Get "http://°/v1.51/version": dial tcp: lookup ° on 127.0.0.53:53: no such host\n'
    const left = partOf(capture({ argv: ['docker', 'version'], stderr }), data.variables).stderr
    expect(left).toBe('Cannot connect to the Docker daemon at tcp://server Is the docker daemon running?\nerror during connect: Get "http://server/v1.51/version": dial tcp: lookup server on 127.0.0.53:53: no such host\n')
  })
  it('facts are the same, but for variables that gb10 does not know', async () => {
    const gpus = parseData(readFileSync('checks/_gpus.yaml', 'utf8'))
    const captures = cases.map(([, of, text]) => capture({ ...of, text: text.replaceAll('°', 'zyxwv') }))
    const nobody = { home: null, user: null, hostname: null, addresses: [], macs: [] }
    const { files, hits, leftOut } = await makeBundle({
      captures, identity: [], own: nobody, redaction: data, gpus, doctor: null, includeLogs: true, page: true, redact: true,
      at: '2026-01-31T12:00:00.000Z', version: '0.0.0',
    })
    expect({ hits, leftOut }).toEqual({ hits: [], leftOut: ['disk.root.device', 'disk.home.device', 'ollama.environment', 'shell.variables', 'services.enabled'] })
    const whole = [...files].flat().join('\n')
    for (const left of ['zyxwv', '1570325012345']) expect(whole).not.toContain(left)
    expect(detect(captures, gpus).facts['docker.runtimes']!.value).toEqual(['nvidia'])
  })
})
