import { all, edit, instead, put, smi, type Fault } from './faults.ts'
import { capture, changed, without } from './machine.ts'

/** Faults of driver, kernel and memory, mostly. */
export const DRIVER_FAULTS: Fault[] = [
  [
    'nvidia-smi is gone',
    'nvidia-smi-missing',
    'error',
    (c) => [capture({ argv: ['nvidia-smi', '-L'], status: 'absent', exitCode: 127 }), ...without(c, 'nvidia-smi --')],
  ],
  [
    'nvidia-smi is gone, which the CDI specification names',
    'nvidia-smi-missing',
    'error',
    (c) => [
      capture({ argv: ['nvidia-smi', '-L'], status: 'absent', exitCode: 127 }),
      ...without(c, 'nvidia-smi --').map((one) =>
        one.argv?.includes('/usr/bin/nvidia-smi')
          ? { ...one, stderr: "ls: cannot access '/usr/bin/nvidia-smi': No such file or directory\n", exitCode: 2 }
          : one,
      ),
    ],
  ],
  [
    'nvidia-smi cannot talk to the driver',
    'driver-not-loaded',
    'error',
    instead('nvidia-smi --', {
      argv: ['nvidia-smi'],
      exitCode: 9,
      text: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
    }),
  ],
  [
    'libraries and module differ',
    'driver-library-version-mismatch',
    'error',
    instead('nvidia-smi --', {
      argv: ['nvidia-smi'],
      exitCode: 18,
      text: 'Failed to initialize NVML: Driver/library version mismatch',
    }),
  ],
  [
    'the driver finds no GPU',
    'no-devices',
    'error',
    instead('nvidia-smi --', { argv: ['nvidia-smi'], exitCode: 6, text: 'No devices were found' }),
  ],
  [
    'nvidia-smi hangs',
    'driver-not-responding',
    'error',
    instead('nvidia-smi --', { argv: ['nvidia-smi', '-L'], status: 'hung', pid: 4711, wchan: 'rwsem_down', exitCode: null }),
  ],
  [
    'a driver process hangs, so the GPU is not asked',
    'driver-process-stuck',
    'error',
    all(
      (c) => changed(c, 'ps -eo', (text) => `${text}   4711 D    nvidia-smi\n`),
      instead('nvidia-smi --', { argv: ['nvidia-smi', '-L'], status: 'hung', exitCode: null }),
    ),
  ],
  [
    'the GPU fell off the bus',
    'kernel-xid-this-boot',
    'error',
    all(
      (c) =>
        changed(
          c,
          'journalctl -k',
          (text) =>
            `${text}Nov 20 08:10:00 spark kernel: NVRM: Xid (PCI:000f:01:00): 79, pid=4711, GPU has fallen off the bus.\n`,
        ),
      instead('nvidia-smi --', { argv: ['nvidia-smi', '-L'], status: 'hung', exitCode: null }),
    ),
  ],
  [
    'a program made an illegal access',
    'kernel-xid-this-boot',
    'info',
    (c) =>
      changed(
        c,
        'journalctl -k',
        (text) => `${text}Nov 20 08:10:00 spark kernel: NVRM: Xid (PCI:000f:01:00): 31, pid=4711, MMU Fault\n`,
      ),
  ],
  [
    'the proprietary modules',
    'proprietary-kernel-modules',
    'error',
    all(
      edit('/proc/driver/nvidia/version', 'UNIX Open Kernel Module for aarch64 ', 'UNIX aarch64 Kernel Module'),
      edit('journalctl -k', /UNIX Open Kernel Module for aarch64 /, 'UNIX aarch64 Kernel Module'),
      edit('modinfo', 'Dual MIT/GPL', 'NVIDIA'),
      instead('nvidia-smi --', { argv: ['nvidia-smi'], exitCode: 6, text: 'No devices were found' }),
    ),
  ],
  [
    'Secure Boot refuses the module',
    'secure-boot-key-rejected',
    'error',
    all(
      (c) =>
        changed(
          c,
          'journalctl -k',
          (text) =>
            `${text}Nov 20 08:00:01 spark kernel: Loading of module with unavailable key is rejected\nNov 20 08:00:02 spark kernel: Key was rejected by service\n`,
        ),
      edit('/proc/modules', /^nvidia.*\n/gm, ''),
      (c) => without(c, '/proc/driver/nvidia', '/sys/module/nvidia'),
      instead('nvidia-smi --', {
        argv: ['nvidia-smi'],
        exitCode: 9,
        text: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
      }),
    ),
  ],
  [
    'the GPU is lost',
    'gpu-lost',
    'error',
    edit(smi, '10.52 W, [N/A], 52, 0 %, 2411 MHz, P0', Array(6).fill('[GPU is lost]').join(', ')),
  ],
  [
    'the GPU is lost, as nvidia-smi usually says it',
    'gpu-lost',
    'error',
    instead('nvidia-smi --', {
      argv: ['nvidia-smi'],
      exitCode: 255,
      text: 'Unable to determine the device handle for GPU0: 000F:01:00.0: Unknown Error',
    }),
  ],
  [
    'a container lost the GPU',
    'nvml-unknown-error',
    'error',
    instead('nvidia-smi --', { argv: ['nvidia-smi'], exitCode: 255, text: 'Failed to initialize NVML: Unknown Error' }),
  ],
  ['a newer module waits on the disk', 'driver-staged-update', 'warning', edit('modinfo', '580.142', '580.178.04')],
  [
    'a restart is asked for',
    'driver-staged-update',
    'info',
    instead('/run/reboot-required', { argv: ['ls', '-d', '/run/reboot-required'], text: '/run/reboot-required\n' }),
  ],
  [
    'CUDA Version: ERR!',
    'cuda-version-err',
    'warning',
    put({
      argv: ['nvidia-smi'],
      text: '+---+\n| NVIDIA-SMI 580.142                Driver Version: 580.142        CUDA Version: ERR!     |\n+---+\n',
    }),
  ],
  [
    'Fabric Manager is on',
    'spark-mistaken-for-dgx-b200',
    'info',
    (c) =>
      changed(c, '.target.wants', (text) => `${text}/etc/systemd/system/multi-user.target.wants/nvidia-fabricmanager.service\n`),
  ],
]
