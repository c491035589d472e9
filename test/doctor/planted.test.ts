import { describe, expect, it } from 'vitest'
import type { Capture } from '../../src/model/capture.ts'
import { isJudged } from '../../src/doctor/order.ts'
import { capture, changed, healthy, judgeCaptures, problems, without } from './machine.ts'

type Fault = [what: string, id: string, severity: 'error' | 'warning' | 'info', plant: (captures: Capture[]) => Capture[]]

const put = (part: Partial<Capture>) => (captures: Capture[]): Capture[] => [capture(part), ...captures]
/** Replaces the captures of a path or command by one. */
const instead = (which: string, part: Partial<Capture>) => (captures: Capture[]): Capture[] => [capture(part), ...without(captures, which)]
const edit = (which: string, from: string | RegExp, to: string) => (captures: Capture[]): Capture[] =>
  changed(captures, which, (text) => {
    const edited = text.replace(from, to)
    if (edited === text) throw new Error(`nothing to change in ${which}`)
    return edited
  })
const all = (...steps: ((captures: Capture[]) => Capture[])[]) => (captures: Capture[]): Capture[] => steps.reduce((now, step) => step(now), captures)
const smi = 'nvidia-smi --query-gpu'
const site = '/home/user/.local/share/gb10/envs/torch-cu130/lib/python3.12/site-packages'
const ocr = '/home/user/venvs/ocr/lib/python3.12/site-packages'
const add = (folder: string, name: string) => (captures: Capture[]): Capture[] => changed(captures, `${folder}/*.dist-info`, (text) => `${text}${folder}/${name}.dist-info\n`)
const torch = (version: string, cuda: string) => all(
  edit(`${site}/*.dist-info`, 'torch-2.14.0+cu130', `torch-${version}`),
  edit('/torch/version.py', /'2.14.0\+cu130'/, `'${version}'`),
  edit('/torch/version.py', /= '13.0'/, `= ${cuda}`),
)

const FAULTS: Fault[] = [
  ['nvidia-smi is gone', 'nvidia-smi-missing', 'error', (c) => [capture({ argv: ['nvidia-smi', '-L'], status: 'absent', exitCode: 127 }), ...without(c, 'nvidia-smi --')]],
  ['nvidia-smi cannot talk to the driver', 'driver-not-loaded', 'error', instead('nvidia-smi --', { argv: ['nvidia-smi'], exitCode: 9, text: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver." })],
  ['libraries and module differ', 'driver-library-version-mismatch', 'error', instead('nvidia-smi --', { argv: ['nvidia-smi'], exitCode: 18, text: 'Failed to initialize NVML: Driver/library version mismatch' })],
  ['the driver finds no GPU', 'no-devices', 'error', instead('nvidia-smi --', { argv: ['nvidia-smi'], exitCode: 6, text: 'No devices were found' })],
  ['nvidia-smi hangs', 'driver-not-responding', 'error', instead('nvidia-smi --', { argv: ['nvidia-smi', '-L'], status: 'hung', pid: 4711, wchan: 'rwsem_down', exitCode: null })],
  ['a driver process hangs, so the GPU is not asked', 'driver-process-stuck', 'error', all(
    (c) => changed(c, 'ps -eo', (text) => `${text}   4711 D    nvidia-smi\n`),
    instead('nvidia-smi --', { argv: ['nvidia-smi', '-L'], status: 'hung', exitCode: null }),
  )],
  ['the GPU fell off the bus', 'kernel-xid-this-boot', 'error', all(
    (c) => changed(c, 'journalctl -k', (text) => `${text}Nov 20 08:10:00 spark kernel: NVRM: Xid (PCI:000f:01:00): 79, pid=4711, GPU has fallen off the bus.\n`),
    instead('nvidia-smi --', { argv: ['nvidia-smi', '-L'], status: 'hung', exitCode: null }),
  )],
  ['a program made an illegal access', 'kernel-xid-this-boot', 'info', (c) => changed(c, 'journalctl -k', (text) => `${text}Nov 20 08:10:00 spark kernel: NVRM: Xid (PCI:000f:01:00): 31, pid=4711, MMU Fault\n`)],
  ['the proprietary modules', 'proprietary-kernel-modules', 'error', all(
    edit('/proc/driver/nvidia/version', 'UNIX Open Kernel Module for aarch64 ', 'UNIX aarch64 Kernel Module'),
    edit('journalctl -k', /UNIX Open Kernel Module for aarch64 /, 'UNIX aarch64 Kernel Module'),
    edit('modinfo', 'Dual MIT/GPL', 'NVIDIA'),
    instead('nvidia-smi --', { argv: ['nvidia-smi'], exitCode: 6, text: 'No devices were found' }),
  )],
  ['Secure Boot refuses the module', 'secure-boot-key-rejected', 'error', all(
    (c) => changed(c, 'journalctl -k', (text) => `${text}Nov 20 08:00:01 spark kernel: Loading of module with unavailable key is rejected\nNov 20 08:00:02 spark kernel: Key was rejected by service\n`),
    instead('nvidia-smi --', { argv: ['nvidia-smi'], exitCode: 9, text: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver." }),
  )],
  ['a newer module waits on the disk', 'driver-staged-update', 'warning', edit('modinfo', '580.142', '580.178.04')],
  ['a restart is asked for', 'driver-staged-update', 'info', instead('/run/reboot-required', { argv: ['ls', '-d', '/run/reboot-required'], text: '/run/reboot-required\n' })],
  ['CUDA Version: ERR!', 'cuda-version-err', 'warning', put({ argv: ['nvidia-smi'], text: '+---+\n| NVIDIA-SMI 580.142                Driver Version: 580.142        CUDA Version: ERR!     |\n+---+\n' })],
  ['Fabric Manager is on', 'spark-mistaken-for-dgx-b200', 'info', (c) => changed(c, '.target.wants', (text) => `${text}/etc/systemd/system/multi-user.target.wants/nvidia-fabricmanager.service\n`)],
  ['driver 595', 'driver-newer-than-dgx-os', 'warning', (c) => c.map((one) => ({ ...one, text: one.text.replaceAll('580.142', '595.84') }))],
  ['kernel 7.0 with KHO', 'kernel-7-cma-pinning', 'warning', all(
    edit('/proc/version', '6.17.0-1014-nvidia', '7.0.0-1019-nvidia'), edit('/proc/meminfo', 'CmaTotal:         131072', 'CmaTotal:              0'), edit('/proc/meminfo', 'CmaFree:           69320', 'CmaFree:        10171004'),
  )],
  ['memory is used up', 'unified-memory-pressure', 'error', edit('/proc/pressure/memory', 'full avg10=0.00', 'full avg10=42.10')],
  ['hardly any memory available', 'unified-memory-pressure', 'warning', all(edit('/proc/meminfo', /MemAvailable: +\d+/, 'MemAvailable:    2000000'), edit('/proc/meminfo', /\nCached: +\d+/, '\nCached:    900000'))],
  ['the page cache fills the memory', 'page-cache-counted-as-used', 'info', edit('/proc/meminfo', /MemFree: +\d+/, 'MemFree:         900000')],
  ['the kernel ended processes for memory', 'uma-exhaustion-host-freeze', 'warning', (c) => changed(c, 'journalctl -k', (text) => `${text}Nov 20 09:00:00 spark kernel: Out of memory: Killed process 4711 (python3)\n`)],
  ['low clock under load', 'gpu-low-power-state', 'warning', edit(smi, '0 %, 2411 MHz', '96 %, 513 MHz')],
  ['busy without power', 'gpu-busy-but-idle', 'warning', edit(smi, '10.52 W, [N/A], 52, 0 %', '18.20 W, [N/A], 52, 96 %')],
  ['CPPC is not autonomous', 'cppc-autonomous-off', 'warning', edit('scaling_governor', 'auto_select:1', 'auto_select:0')],
  ['no GPU path into containers', 'docker-gpu-runtime-missing', 'error', all(
    edit('/etc/docker/daemon.json', /.+/, '{}'),
    (c) => [capture({ argv: ['nvidia-ctk', '--version'], status: 'absent', exitCode: 127 }), capture({ argv: ['ls', '-d', '/etc/cdi/*'], status: 'absent' }), ...without(c, 'nvidia-ctk', '/etc/cdi', 'dpkg-query', 'libcuda.so.580')],
  )],
  ['CDI names a file that is gone', 'cdi-spec-stale', 'error', (c) => c.map((one) => (one.argv?.includes('/usr/bin/nvidia-smi') ? { ...one, text: '/usr/bin/nvidia-smi\n', stderr: "ls: cannot access '/usr/lib/aarch64-linux-gnu/libcuda.so.580.142': No such file or directory\n", exitCode: 2 } : one))],
  ['no CDI specification', 'cdi-spec-missing', 'info', (c) => [capture({ argv: ['ls', '-d', '/etc/cdi/*'], status: 'absent' }), ...without(c, '/etc/cdi', 'libcuda.so.580')]],
  ['not in the group docker', 'docker-socket-permission-denied', 'warning', instead('docker version', { argv: ['docker', 'version'], exitCode: 1, text: 'Client: Docker Engine\n Version:           28.5.1\n', stderr: 'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock' })],
  ['the Docker daemon is down', 'docker-daemon-down', 'warning', instead('docker version', { argv: ['docker', 'version'], exitCode: 1, text: 'Client: Docker Engine\n Version:           28.5.1\n', stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' })],
  ['Docker from snap', 'docker-from-snap', 'warning', instead('/snap/bin/docker', { argv: ['ls', '-d', '/snap/bin/docker'], text: '/snap/bin/docker\n' })],
  ['an old Container Toolkit', 'container-toolkit-too-old', 'warning', edit('nvidia-ctk', '1.18.0', '1.17.4')],
  ['a repository with two keys', 'apt-signed-by-conflict', 'error', put({ path: '/etc/apt/sources.list.d/cuda-ubuntu2404-sbsa.list', text: 'deb [signed-by=/usr/share/keyrings/cuda-archive-keyring.gpg] https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2404/sbsa/ /\n' })],
  ['the driver is marked automatic', 'factory-driver-stack-removal', 'info', (c) => changed(c, 'extended_states', (text) => `${text}\nPackage: nvidia-driver-580-open\nArchitecture: arm64\nAuto-Installed: 1\n`)],
  ['one of two functions of the port', 'nccl-single-rail', 'warning', instead('infiniband', { argv: ['ibdev2netdev'], text: 'rocep1s0f0 port 1 ==> enp1s0f0np0 (Up)\nroceP2p1s0f0 port 1 ==> enP2p1s0f0np0 (Down)\n' })],
  ['a full disk', 'disk-nearly-full', 'error', edit('df -kP /home', '3335200000', '300000')],
  ['a cu126 torch', 'torch-wheel-lacks-sm12x', 'error', all(torch('2.14.0+cu126', "'12.6'"), edit(`${site}/*.dist-info`, 'torchvision-0.29.0+cu130', 'torchvision-0.29.0+cu126'), edit('/torchvision/version.py', 'cu130', 'cu126'))],
  ['a cu128 torch with its old Triton', 'torch-cu128-nvrtc-invalid-arch', 'warning', all(torch('2.14.0+cu128', "'12.8'"), edit(`${site}/*.dist-info`, 'triton-3.8.0', 'triton-3.4.0'))],
  ['a CPU torch', 'torch-cpu-only-wheel', 'warning', all(torch('2.14.0+cpu', 'None'), edit('/torchvision/version.py', 'cu130', 'cpu'), edit(`${site}/*.dist-info`, 'torchvision-0.29.0+cu130', 'torchvision-0.29.0+cpu'))],
  ['a cu132 torch on driver 580', 'ptx-newer-than-driver', 'warning', torch('2.14.0+cu132', "'13.2'")],
  ['Triton 3.5', 'triton-ptxas-sm121a', 'error', edit(`${site}/*.dist-info`, 'triton-3.8.0', 'triton-3.5.1')],
  ['torchvision of another release', 'torchvision-torch-mismatch', 'error', edit(`${site}/*.dist-info`, 'torchvision-0.29.0+cu130', 'torchvision-0.27.0+cu130')],
  ['both ONNX Runtime packages', 'onnxruntime-cpu-fallback', 'warning', add(ocr, 'onnxruntime-1.29.0')],
  ['an old ONNX Runtime', 'onnxruntime-cuda-session-fails', 'info', edit(`${ocr}/*.dist-info`, 'onnxruntime_gpu-1.29.0', 'onnxruntime_gpu-1.23.0')],
  ['CPU ONNX Runtime beside Docling', 'docling-ocr-runs-on-cpu', 'info', add(site, 'onnxruntime-1.29.0')],
  ['TensorFlow', 'tensorflow-cpu-only-aarch64', 'info', add(ocr, 'tensorflow-2.20.0')],
  ['PaddlePaddle', 'paddlepaddle-no-aarch64-gpu', 'info', add(ocr, 'paddlepaddle-3.2.0')],
  ['CTranslate2', 'ctranslate2-no-cuda-aarch64', 'info', add(ocr, 'ctranslate2-4.6.0')],
  ['an old bitsandbytes', 'bitsandbytes-cuda-binary-missing', 'warning', add(site, 'bitsandbytes-0.46.1')],
  ['an incomplete cuDNN', 'cudnn-sublibrary-mismatch', 'warning', edit(`${site}/*.dist-info`, 'nvidia_cudnn_cu13-9.24.0.43', 'nvidia_cudnn_cu13-9.20.0.48')],
  ['an old TensorRT', 'tensorrt-sm121-old-release', 'warning', add(site, 'tensorrt-10.13.2')],
  ['an old sgl-kernel', 'sglang-sgl-kernel-load-failure', 'warning', add(site, 'sgl_kernel-0.3.20')],
  ['CUDA 12 beside torch for 13', 'cuda12-runtime-library-missing', 'info', add(site, 'nvidia_cuda_runtime_cu12-12.8.90')],
  ['DeepSeek-OCR v1 without its transformers', 'transformers-llamaflashattention2-removed', 'info', all(
    instead('models--', { argv: ['ls', '-d', '/home/user/.cache/huggingface/hub/models--*'], text: '/home/user/.cache/huggingface/hub/models--deepseek-ai--DeepSeek-OCR\n' }),
    edit(`${ocr}/*.dist-info`, 'transformers-4.46.3', 'transformers-5.10.0'),
  )],
  ['a DeepSeek-OCR-Web clone', 'deepseek-ocr-web-patches', 'info', instead('DeepSeek-OCR-Web', { argv: ['ls', '-d', '/home/user/DeepSeek-OCR-Web*'], text: '/home/user/DeepSeek-OCR-Web\n' })],
  ['a link that plays CUDA 12', 'cuda-compat-symlink-leftover', 'warning', all(
    instead('libcudart.so.12', { argv: ['ls', '-d', '/usr/local/cuda*/lib64/libcudart.so.12*'], text: '/usr/local/cuda/lib64/libcudart.so.12\n' }),
    put({ argv: ['readlink', '-f', '/usr/local/cuda/lib64/libcudart.so.12'], text: '/usr/local/cuda-13.0/targets/sbsa-linux/lib/libcudart.so.13.0.96\n' }),
  )],
  ['CUDA 12.6 first in LD_LIBRARY_PATH', 'ld-library-path-hides-cuda13', 'warning', edit('printenv', '/usr/local/cuda/lib64', '/usr/local/cuda-12.6/lib64')],
  ['TRITON_PTXAS_PATH of an early guide', 'stale-gb10-env-overrides', 'info', (c) => changed(c, 'printenv', (text) => `${text}TRITON_PTXAS_PATH=/usr/local/cuda/bin/ptxas\n`)],
  ['12.6 as the chosen compiler', 'nvcc-too-old-for-sm121', 'error', all(
    instead('nvcc --version', { argv: ['/usr/local/cuda-12.6/bin/nvcc', '--version'], text: 'Cuda compilation tools, release 12.6, V12.6.85\n' }),
    edit('readlink -f /usr/local/cuda', '/usr/local/cuda-13.0', '/usr/local/cuda-12.6'),
  )],
  ['12.6 beside 13.0', 'cuda-12-6-beside-13', 'info', put({ argv: ['/usr/local/cuda-12.6/bin/nvcc', '--version'], text: 'Cuda compilation tools, release 12.6, V12.6.85\n' })],
  ["the distribution's nvcc first", 'nvcc-shadowed-by-distro-package', 'warning', all(
    edit('which -a nvcc', '/usr/local/cuda/bin/nvcc', '/usr/bin/nvcc\n/usr/local/cuda/bin/nvcc'),
    (c) => changed(c, 'nvcc --version', () => 'Cuda compilation tools, release 12.0, V12.0.140\n'),
  )],
  ['nvcc is not on PATH', 'nvcc-not-on-path', 'info', (c) => [capture({ argv: ['which', '-a', 'nvcc'], status: 'absent', exitCode: 1 }), capture({ argv: ['nvcc', '--version'], status: 'absent', exitCode: 127 }), ...c.filter((one) => one.argv?.[0] !== 'nvcc' && !one.argv?.includes('nvcc'))]],
  ['no Python headers', 'python-headers-missing', 'info', instead('Python.h', { argv: ['ls', '-d', '/usr/include/python3.*/Python.h'], status: 'absent' })],
  ['OLLAMA_LLM_LIBRARY=cuda', 'ollama-llm-library-invalid', 'warning', (c) => changed(c, 'ollama.service', (text) => `${text}Environment="OLLAMA_LLM_LIBRARY=cuda"\n`)],
  ['an old Ollama', 'ollama-old-hybrid-models-on-cpu', 'info', edit('ollama --version', '0.30.5', '0.13.4')],
  ['a model on the CPU', 'llama-zero-layers-offloaded', 'warning', edit('ollama ps', '100% GPU', '100% CPU')],
]

describe('a GB10 in good health', () => {
  it('has no finding at all', async () => {
    const verdicts = judgeCaptures(await healthy())
    expect(verdicts.filter(({ status }) => status !== 'pass' && status !== 'skip')).toEqual([])
    expect(verdicts.filter(({ status }) => status === 'pass').length).toBeGreaterThan(55)
  })
  it('as a user who may not read the kernel log, is only blocked there', async () => {
    const captures = (await healthy()).map((c) => (c.argv?.[0] === 'journalctl' ? { ...c, text: '', status: 'denied' as const } : c))
    const open = judgeCaptures(captures).filter(({ status }) => status !== 'pass' && status !== 'skip')
    expect(open.map(({ id, status, remedy }) => [id, status, remedy.commands])).toEqual(
      ['secure-boot-key-rejected', 'kernel-xid-this-boot', 'uma-exhaustion-host-freeze'].map((id) => [id, 'blocked', ['sudo dmesg | gb10 explain -']]),
    )
  })
})

describe('one planted fault gives one finding', () => {
  it.each(FAULTS)('%s: %s', async (_what, id, severity, plant) => {
    const verdicts = judgeCaptures(plant(await healthy()))
    const failures = verdicts.filter(({ status }) => status === 'fail')
    expect(failures.map((verdict) => [verdict.id, verdict.severity])).toEqual([[id, severity]])
    expect(failures[0]?.why).not.toBe('')
    expect(failures[0]?.remedy.text).not.toBe('')
  })
})

/** Judged, but not by a fault that a plain run meets: the platform itself, a refused query, and what only a deep run reads. */
const ELSEWHERE = ['platform-not-recognised', 'insufficient-permissions', 'firmware-staged-not-running', 'two-gpu-servers', 'sudden-power-off-no-log']

it('every check has a planted fault', () => {
  const planted = new Set([...FAULTS.map(([, id]) => id), ...ELSEWHERE])
  expect(problems.filter(isJudged).map(({ id }) => id).filter((id) => !planted.has(id))).toEqual([])
})
