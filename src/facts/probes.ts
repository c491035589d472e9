import type { Probe } from '../host/probe.ts'

const read = (path: string): Probe => ({ kind: 'read', path })
const names = (path: string): Probe => ({ kind: 'names', path })
const link = (path: string): Probe => ({ kind: 'link', path })
const run = (argv: readonly [string, ...string[]], limit = 2000): Probe => ({ kind: 'run', argv, limit })

/** Fields of the one nvidia-smi query that feeds every GPU fact. */
const GPU_FIELDS = [
  'index',
  'name',
  'pci.bus_id',
  'pci.device_id',
  'driver_version',
  'compute_cap',
  'memory.total',
  'power.draw',
  'power.limit',
  'temperature.gpu',
  'utilization.gpu',
  'clocks.sm',
  'pstate',
  'vbios_version',
  'mig.mode.current',
]

const gpuQuery = (fields: readonly string[]): Extract<Probe, { kind: 'run' }> => ({
  kind: 'run', argv: ['nvidia-smi', `--query-gpu=${fields.join(',')}`, '--format=csv'], gpu: true, limit: 5000,
  shows: new RegExp(`^[^,\\n]+(,[^,\\n]+){${fields.length - 1}}$`, 'm'),
})

const smi = (...args: string[]): Extract<Probe, { kind: 'run' }> => ({ kind: 'run', argv: ['nvidia-smi', ...args], gpu: true, limit: 5000 })

/** The query; where its fields are not known, the same without the newest one, and then the forms that every nvidia-smi has. */
const GPU_FORMS = [
  gpuQuery([...GPU_FIELDS, 'clocks_event_reasons.active']),
  gpuQuery(GPU_FIELDS),
  { ...smi('-q'), shows: /^Attached GPUs/m },
  smi(),
]

const kernel: Probe[] = [
  '/proc/version',
  '/proc/cmdline',
  '/proc/cpuinfo',
  '/proc/meminfo',
  '/proc/swaps',
  '/proc/pressure/memory',
  '/proc/modules',
  '/proc/1/cgroup',
  '/sys/module/nvidia/version',
  '/proc/driver/nvidia/version',
].map(read)

const release: Probe[] = [
  '/etc/os-release',
  '/etc/dgx-release',
  '/etc/nv_tegra_release',
  '/proc/device-tree/model',
  ...['sys_vendor', 'product_name', 'product_version', 'product_family', 'board_name', 'bios_version', 'bios_date'].map(
    (n) => `/sys/class/dmi/id/${n}`,
  ),
  '/sys/bus/pci/devices/*/uevent',
  '/.dockerenv',
  '/run/.containerenv',
  '/run/systemd/container',
].map(read)

/** Where interpreters live: the system's, an administrator's, and those of uv and pyenv. */
const PYTHON_HOMES = ['/usr', '/usr/local', '~/.local/share/uv/python/*', '~/.pyenv/versions/*']
const python: Probe[] = [
  ...PYTHON_HOMES.flatMap((home) =>
    ['bin/python3.*', 'lib/python3.*/ensurepip', 'include/python3.*/Python.h', 'lib/python3*/*-packages/pip'].map((p) =>
      names(`${home}/${p}`),
    ),
  ),
  names('/usr/include/python3.*/patchlevel.h'),
  ...['python3', 'python3.10', 'python3.11', 'python3.12', 'python3.13', 'python3.14'].map(
    (name): Probe => ({ kind: 'which', name }),
  ),
]

const cuda: Probe[] = [
  { kind: 'which', name: 'nvcc' },
  link('/usr/local/cuda'),
  link('/usr/lib/*-linux-gnu/libnvidia-ml.so.1'),
  names('/usr/local/cuda*'),
  names('/usr/lib/*-linux-gnu/libnvidia-ml.so.*'),
  names('/usr/lib/*-linux-gnu/libcudnn.so.*'),
  names('/usr/lib/*-linux-gnu/libnccl.so.*'),
  run(['nvcc', '--version']),
  run(['/usr/local/cuda*/bin/nvcc', '--version']),
]

const services: Probe[] = [
  read('/etc/docker/daemon.json'),
  names('/etc/cdi/*'),
  names('/var/run/cdi/*'),
  // What cron's PATH does not lead to.
  names('/snap/bin/docker'),
  names('/usr/local/bin/ollama'),
  names('~/*/conda-meta/history'),
  names('/opt/*/conda-meta/history'),
  { kind: 'which', name: 'docker' },
  { kind: 'which', name: 'ollama' },
  { kind: 'which', name: 'conda' },
  run(['docker', 'version']),
  run(['nvidia-ctk', '--version']),
  run(['ollama', '--version']),
  run(['uv', '--version']),
]

const storage: Probe[] = [
  { kind: 'space', path: '/' },
  { kind: 'space', path: '~' },
]

const network: Probe[] = [
  names('/sys/class/infiniband/*/device/net/*'),
  { kind: 'readSlow', paths: ['/sys/class/infiniband/*/ports/*/state', '/sys/class/infiniband/*/ports/*/rate'] },
]

/** Tools that talk to the driver: last, one at a time, after `gpuGuard` had a look at the others. */
const gpu: Probe[] = [
  // A driver before 535 does not know that field, and answers nothing at all of a query that names it.
  { kind: 'first', of: GPU_FORMS },
  smi('--version'),
]

/** Everything `detect` asks a live machine, in order: kernel and release files first, GPU tools last. */
export const probes: readonly Probe[] = [
  ...kernel,
  { kind: 'processes' },
  run(['dmesg', '--level=err,warn,info,notice', '--nopager'], 1000),
  ...release,
  ...cuda,
  ...python,
  ...services,
  ...storage,
  ...network,
  ...gpu,
]
