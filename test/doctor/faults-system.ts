import { all, edit, instead, put, smi, type Fault } from './faults.ts'
import { capture, changed, without } from './machine.ts'

/** Faults of containers, packages, storage and network, mostly. */
export const SYSTEM_FAULTS: Fault[] = [
  [
    'driver 595',
    'driver-newer-than-dgx-os',
    'warning',
    (c) => c.map((one) => ({ ...one, text: one.text.replaceAll('580.142', '595.84') })),
  ],
  [
    'kernel 7.0 with KHO',
    'kernel-7-cma-pinning',
    'warning',
    all(
      edit('/proc/version', '6.17.0-1014-nvidia', '7.0.0-1019-nvidia'),
      edit('/proc/meminfo', 'CmaTotal:         131072', 'CmaTotal:              0'),
      edit('/proc/meminfo', 'CmaFree:           69320', 'CmaFree:        10171004'),
    ),
  ],
  ['memory is used up', 'unified-memory-pressure', 'error', edit('/proc/pressure/memory', 'full avg10=0.00', 'full avg10=42.10')],
  [
    'hardly any memory available',
    'unified-memory-pressure',
    'warning',
    all(
      edit('/proc/meminfo', /MemAvailable: +\d+/, 'MemAvailable:    2000000'),
      edit('/proc/meminfo', /\nCached: +\d+/, '\nCached:    900000'),
    ),
  ],
  [
    'the page cache fills the memory',
    'page-cache-counted-as-used',
    'info',
    edit('/proc/meminfo', /MemFree: +\d+/, 'MemFree:         900000'),
  ],
  [
    'the kernel ended processes for memory',
    'uma-exhaustion-host-freeze',
    'warning',
    (c) =>
      changed(
        c,
        'journalctl -k',
        (text) => `${text}Nov 20 09:00:00 spark kernel: Out of memory: Killed process 4711 (python3)\n`,
      ),
  ],
  ['the driver slows the GPU down for heat', 'thermal-slowdown', 'warning', edit(smi, '0x0000000000000001', '0x0000000000000020')],
  ['a GPU at 97 C', 'thermal-slowdown', 'warning', edit(smi, '[N/A], 52, 0 %', '[N/A], 97, 0 %')],
  ['low clock under load', 'gpu-low-power-state', 'warning', edit(smi, '0 %, 2411 MHz', '96 %, 513 MHz')],
  ['busy without power', 'gpu-busy-but-idle', 'warning', edit(smi, '10.52 W, [N/A], 52, 0 %', '18.20 W, [N/A], 52, 96 %')],
  ['CPPC is not autonomous', 'cppc-autonomous-off', 'warning', edit('scaling_governor', 'auto_select:1', 'auto_select:0')],
  [
    'no GPU path into containers',
    'docker-gpu-runtime-missing',
    'error',
    all(edit('/etc/docker/daemon.json', /.+/, '{}'), (c) => [
      capture({ argv: ['nvidia-ctk', '--version'], status: 'absent', exitCode: 127 }),
      capture({ argv: ['ls', '-d', '/etc/cdi/*'], status: 'absent' }),
      ...without(c, 'nvidia-ctk', '/etc/cdi', 'dpkg-query', 'libcuda.so.580'),
    ]),
  ],
  [
    'CDI names a file that is gone',
    'cdi-spec-stale',
    'error',
    (c) =>
      c.map((one) =>
        one.argv?.includes('/usr/bin/nvidia-smi')
          ? {
              ...one,
              text: '/usr/bin/nvidia-smi\n',
              stderr: "ls: cannot access '/usr/lib/aarch64-linux-gnu/libcuda.so.580.142': No such file or directory\n",
              exitCode: 2,
            }
          : one,
      ),
  ],
  [
    'no CDI specification',
    'cdi-spec-missing',
    'info',
    (c) => [capture({ argv: ['ls', '-d', '/etc/cdi/*'], status: 'absent' }), ...without(c, '/etc/cdi', 'libcuda.so.580')],
  ],
  [
    'not in the group docker',
    'docker-socket-permission-denied',
    'warning',
    instead('docker version', {
      argv: ['docker', 'version'],
      exitCode: 1,
      text: 'Client: Docker Engine\n Version:           28.5.1\n',
      stderr: 'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
    }),
  ],
  [
    'the Docker daemon is down',
    'docker-daemon-down',
    'warning',
    instead('docker version', {
      argv: ['docker', 'version'],
      exitCode: 1,
      text: 'Client: Docker Engine\n Version:           28.5.1\n',
      stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    }),
  ],
  [
    'Docker from snap',
    'docker-from-snap',
    'warning',
    instead('/snap/bin/docker', { argv: ['ls', '-d', '/snap/bin/docker'], text: '/snap/bin/docker\n' }),
  ],
  ['an old Container Toolkit', 'container-toolkit-too-old', 'warning', edit('nvidia-ctk', '1.18.0', '1.17.4')],
  [
    'a driver package that was not set up to the end',
    'dpkg-interrupted',
    'error',
    edit('dpkg-query', 'ii  nvidia-driver-580-open', 'iF  nvidia-driver-580-open'),
  ],
  [
    'a repository with two keys',
    'apt-signed-by-conflict',
    'error',
    put({
      path: '/etc/apt/sources.list.d/cuda-ubuntu2404-sbsa.list',
      text: 'deb [signed-by=/usr/share/keyrings/cuda-archive-keyring.gpg] https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2404/sbsa/ /\n',
    }),
  ],
  [
    'the driver is marked automatic',
    'factory-driver-stack-removal',
    'info',
    (c) =>
      changed(
        c,
        'extended_states',
        (text) => `${text}\nPackage: nvidia-driver-580-open\nArchitecture: arm64\nAuto-Installed: 1\n`,
      ),
  ],
  [
    'one of two functions of the port',
    'nccl-single-rail',
    'warning',
    instead('infiniband', {
      argv: ['ibdev2netdev'],
      text: 'rocep1s0f0 port 1 ==> enp1s0f0np0 (Up)\nroceP2p1s0f0 port 1 ==> enP2p1s0f0np0 (Down)\n',
    }),
  ],
  [
    'a port at 10 Gb/s',
    'cx7-link-slow',
    'warning',
    edit('infiniband/rocep1s0f0/ports', '200 Gb/sec (4X HDR)', '10 Gb/sec (1X SDR)'),
  ],
  ['a full disk', 'disk-nearly-full', 'error', edit('df -kP /home', '3335200000', '300000')],
]
