import type { Probe } from '../host/probe.ts'
import { probes } from './probes.ts'

const read = (path: string): Probe => ({ kind: 'read', path })
const names = (path: string): Probe => ({ kind: 'names', path })
const run = (argv: readonly [string, ...string[]], limit = 2000): Probe => ({ kind: 'run', argv, limit })

/**
 * Where Python environments are looked for: gb10's own, the active one, those on PATH, the folders of home and their `venv`, the projects in folders
 * for projects, where the tools keep them, `/opt`, the user's and the system's. No folder of unknown size is searched for more.
 */
const SITES = [
  '$XDG_DATA_HOME/gb10/envs/*',
  '~/.local/share/gb10/envs/*',
  '$VIRTUAL_ENV',
  '$CONDA_PREFIX',
  '$PATH',
  '~/*',
  ...['venv', '.venv', 'env'].map((name) => `~/*/${name}`),
  ...['venvs', '.venvs', 'envs', '.envs', '.virtualenvs'].map((name) => `~/${name}/*`),
  ...['projects', 'src', 'code', 'git', 'repos', 'dev', 'work', 'workspace'].flatMap((name) => [
    `~/${name}/*/venv`,
    `~/${name}/*/.venv`,
  ]),
  ...['miniconda3', 'miniforge3', 'mambaforge', 'anaconda3', 'micromamba', '.conda'].map((name) => `~/${name}/envs/*`),
  ...['mamba/envs', 'uv/tools', 'pipx/venvs', 'virtualenvs'].map((name) => `~/.local/share/${name}/*`),
  ...['.cache/pypoetry/virtualenvs', '.pyenv/versions'].map((name) => `~/${name}/*`),
  ...['*', '*/venv', '*/.venv', '*/envs/*'].map((name) => `/opt/${name}`),
].map((home) => `${home}/lib/python3.*/site-packages`)

/** Variables that early guides set, or that choose libraries and devices. None of them holds a secret. */
const VARIABLES = `TRITON_PTXAS_PATH TRITON_PTXAS_BLACKWELL_PATH TORCH_CUDA_ARCH_LIST PYTORCH_JIT LD_LIBRARY_PATH LD_PRELOAD
  CUDA_HOME CUDA_PATH CUDA_VISIBLE_DEVICES PIP_CONSTRAINT BNB_CUDA_VERSION XLA_PYTHON_CLIENT_PREALLOCATE
  XLA_PYTHON_CLIENT_MEM_FRACTION OLLAMA_LLM_LIBRARY OLLAMA_NEW_ENGINE OLLAMA_FLASH_ATTENTION HF_HUB_OFFLINE
  DOCLING_DEVICE`.split(/\s+/)

/** Lines of the kernel log that the catalogue knows; the journal may be read by members of the groups adm and systemd-journal. */
const KERNEL_LINES = 'NVRM|nvidia|Xid|Out of memory|(was|is) rejected|to pin|term pin|insufficient power|cx7-pcie-hotplug'

const PACKAGES = [
  'nvidia-*',
  'libnvidia-*',
  'cuda-*',
  'libcudnn*',
  'libnccl*',
  'docker*',
  'containerd*',
  'linux-image-*',
  'linux-modules-nvidia-*',
]

const extra: Probe[] = [
  { kind: 'variables', names: VARIABLES },
  {
    kind: 'sites',
    paths: [...SITES, '/usr/lib/python3/dist-packages', '/usr/local/lib/python3.*/dist-packages'],
    files: ['torch/version.py', 'torchvision/version.py', 'onnxruntime/capi/build_and_package_info.py'],
  },
  { kind: 'mentioned', paths: ['/etc/cdi/*', '/var/run/cdi/*'], pattern: String.raw`"?hostPath"?:\s*["']?(/[^\s"',}]+)` },
  names('/usr/local/cuda*/lib64/libcudart.so.12*'),
  names('/usr/local/cuda*/targets/*/lib/libcudart.so.12*'),
  names('~/cuda-compat/libcudart.so.12*'),
  { kind: 'link', path: '/usr/local/cuda*/lib64/libcudart.so.12*' },
  { kind: 'link', path: '/usr/local/cuda*/targets/*/lib/libcudart.so.12*' },
  { kind: 'link', path: '~/cuda-compat/libcudart.so.12*' },
  ...[
    '/etc/systemd/system/ollama.service',
    '/usr/lib/systemd/system/ollama.service',
    '/etc/systemd/system/ollama.service.d/*.conf',
  ].map(read),
  names('/etc/systemd/system/*.target.wants/*'),
  ...['/etc/apt/sources.list', '/etc/apt/sources.list.d/*', '/var/lib/apt/extended_states', '/run/reboot-required.pkgs'].map(
    read,
  ),
  names('/run/reboot-required'),
  names('~/.cache/huggingface/hub/models--*'),
  names('~/DeepSeek-OCR-Web*'),
  {
    kind: 'readSlow',
    paths: ['/sys/devices/system/cpu/cpufreq/*/scaling_governor', '/sys/devices/system/cpu/cpufreq/*/auto_select'],
  },
  run([
    'grep',
    // A name in another encoding makes no binary file of a start file.
    '-aHsE',
    `^[[:space:]]*(export[[:space:]]+)?(${VARIABLES.join('|')})=`,
    '~/.bashrc',
    '~/.profile',
    '~/.bash_profile',
    '~/.zshrc',
  ]),
  run(['dpkg-query', '-W', '-f', '${db:Status-Abbrev} ${Package} ${Version}\\n', ...PACKAGES]),
  run(['modinfo', 'nvidia']),
  run(['ollama', 'ps']),
]

/** What only `doctor --deep` reads: slower, or of use only after an incident. */
const slow: Probe[] = [
  run(['journalctl', '-b', '-1', '--no-pager', '-o', 'short', '-n', '40'], 5000),
  run(['fwupdmgr', 'get-devices', '--json', '--no-unreported-check'], 8000),
  { kind: 'run', argv: ['nvidia-smi', '--query-compute-apps=pid,used_memory,name', '--format=csv'], gpu: true, limit: 5000 },
]

const isDmesg = (probe: Probe): probe is Extract<Probe, { kind: 'run' }> => probe.kind === 'run' && probe.argv[0] === 'dmesg'

/** The kernel's own buffer, else the journal's copy of it: slower, but open to members of the groups adm and systemd-journal. */
const kernelLog = (dmesg: Extract<Probe, { kind: 'run' }>): Probe => ({
  kind: 'first',
  of: [
    dmesg,
    { kind: 'run', argv: ['journalctl', '-k', '-b', '--no-pager', '-o', 'short', '-n', '400', '-g', KERNEL_LINES], limit: 2000 },
  ],
})

/** Everything that `doctor` asks a live machine: what `detect` asks, and what the catalogue needs beyond it. */
export const doctorProbes: readonly Probe[] = [...probes.map((probe) => (isDmesg(probe) ? kernelLog(probe) : probe)), ...extra]
export const deepProbes: readonly Probe[] = [...doctorProbes, ...slow]

/** One more look at load and clock, repeated when the first look shows a busy GPU with a low clock. */
export const clockSample = {
  kind: 'run',
  argv: ['nvidia-smi', '--query-gpu=utilization.gpu,clocks.sm,power.draw', '--format=csv,noheader,nounits'],
  gpu: true,
  limit: 2000,
} as const satisfies Probe
