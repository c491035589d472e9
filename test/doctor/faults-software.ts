import { add, all, edit, instead, ocr, put, site, torch, type Fault } from './faults.ts'
import { capture, changed } from './machine.ts'

/** Faults of Python environments, compilers and model servers. */
export const SOFTWARE_FAULTS: Fault[] = [
  [
    'a cu126 torch',
    'torch-wheel-lacks-sm12x',
    'error',
    all(
      torch('2.14.0+cu126', "'12.6'"),
      edit(`${site}/*.dist-info`, 'torchvision-0.29.0+cu130', 'torchvision-0.29.0+cu126'),
      edit('/torchvision/version.py', 'cu130', 'cu126'),
    ),
  ],
  [
    'a cu128 torch with its old Triton',
    'torch-cu128-nvrtc-invalid-arch',
    'warning',
    all(torch('2.14.0+cu128', "'12.8'"), edit(`${site}/*.dist-info`, 'triton-3.8.0', 'triton-3.4.0')),
  ],
  [
    'a CPU torch',
    'torch-cpu-only-wheel',
    'warning',
    all(
      torch('2.14.0+cpu', 'None'),
      edit('/torchvision/version.py', 'cu130', 'cpu'),
      edit(`${site}/*.dist-info`, 'torchvision-0.29.0+cu130', 'torchvision-0.29.0+cpu'),
    ),
  ],
  ['a cu132 torch on driver 580', 'ptx-newer-than-driver', 'warning', torch('2.14.0+cu132', "'13.2'")],
  [
    'Triton 3.5 with a torch for CUDA 12.9',
    'triton-ptxas-sm121a',
    'error',
    all(
      torch('2.9.1+cu129', "'12.9'"),
      edit(`${site}/*.dist-info`, 'triton-3.8.0', 'triton-3.5.1'),
      edit(`${site}/*.dist-info`, 'torchvision-0.29.0+cu130', 'torchvision-0.24.1+cu129'),
      edit('/torchvision/version.py', '0.29.0+cu130', '0.24.1+cu129'),
    ),
  ],
  [
    'torchvision of another release',
    'torchvision-torch-mismatch',
    'error',
    edit(`${site}/*.dist-info`, 'torchvision-0.29.0+cu130', 'torchvision-0.27.0+cu130'),
  ],
  ['both ONNX Runtime packages', 'onnxruntime-cpu-fallback', 'warning', add(ocr, 'onnxruntime-1.29.0')],
  [
    'an old ONNX Runtime',
    'onnxruntime-cuda-session-fails',
    'info',
    edit(`${ocr}/*.dist-info`, 'onnxruntime_gpu-1.29.0', 'onnxruntime_gpu-1.23.0'),
  ],
  ['CPU ONNX Runtime beside Docling', 'docling-ocr-runs-on-cpu', 'info', add(site, 'onnxruntime-1.29.0')],
  ['TensorFlow', 'tensorflow-cpu-only-aarch64', 'info', add(ocr, 'tensorflow-2.20.0')],
  ['PaddlePaddle', 'paddlepaddle-no-aarch64-gpu', 'info', add(ocr, 'paddlepaddle-3.2.0')],
  ['CTranslate2', 'ctranslate2-no-cuda-aarch64', 'info', add(ocr, 'ctranslate2-4.6.0')],
  ['an old bitsandbytes', 'bitsandbytes-cuda-binary-missing', 'error', add(site, 'bitsandbytes-0.46.1')],
  [
    'an incomplete cuDNN',
    'cudnn-sublibrary-mismatch',
    'error',
    edit(`${site}/*.dist-info`, 'nvidia_cudnn_cu13-9.24.0.43', 'nvidia_cudnn_cu13-9.20.0.48'),
  ],
  ['an old TensorRT', 'tensorrt-sm121-old-release', 'error', add(site, 'tensorrt-10.13.2')],
  ['an old sgl-kernel', 'sglang-sgl-kernel-load-failure', 'error', add(site, 'sgl_kernel-0.3.20')],
  ['CUDA 12 beside torch for 13', 'cuda12-runtime-library-missing', 'info', add(site, 'nvidia_cuda_runtime_cu12-12.8.90')],
  [
    'DeepSeek-OCR v1 without its transformers',
    'transformers-llamaflashattention2-removed',
    'info',
    all(
      instead('models--', {
        argv: ['ls', '-d', '/home/user/.cache/huggingface/hub/models--*'],
        text: '/home/user/.cache/huggingface/hub/models--deepseek-ai--DeepSeek-OCR\n',
      }),
      edit(`${ocr}/*.dist-info`, 'transformers-4.46.3', 'transformers-5.10.0'),
    ),
  ],
  [
    'a DeepSeek-OCR-Web clone',
    'deepseek-ocr-web-patches',
    'info',
    instead('DeepSeek-OCR-Web', { argv: ['ls', '-d', '/home/user/DeepSeek-OCR-Web*'], text: '/home/user/DeepSeek-OCR-Web\n' }),
  ],
  [
    'a link that plays CUDA 12',
    'cuda-compat-symlink-leftover',
    'warning',
    all(
      instead('libcudart.so.12', {
        argv: ['ls', '-d', '/usr/local/cuda*/lib64/libcudart.so.12*'],
        text: '/usr/local/cuda/lib64/libcudart.so.12\n',
      }),
      put({
        argv: ['readlink', '-f', '/usr/local/cuda/lib64/libcudart.so.12'],
        text: '/usr/local/cuda-13.0/targets/sbsa-linux/lib/libcudart.so.13.0.96\n',
      }),
    ),
  ],
  [
    'CUDA 12.6 first in LD_LIBRARY_PATH',
    'ld-library-path-hides-cuda13',
    'warning',
    edit('printenv', '/usr/local/cuda/lib64', '/usr/local/cuda-12.6/lib64'),
  ],
  [
    'TRITON_PTXAS_PATH of an early guide',
    'stale-gb10-env-overrides',
    'info',
    (c) => changed(c, 'printenv', (text) => `${text}TRITON_PTXAS_PATH=/usr/local/cuda/bin/ptxas\n`),
  ],
  [
    '12.6 as the chosen compiler',
    'nvcc-too-old-for-sm121',
    'error',
    all(
      instead('nvcc --version', {
        argv: ['/usr/local/cuda-12.6/bin/nvcc', '--version'],
        text: 'Cuda compilation tools, release 12.6, V12.6.85\n',
      }),
      edit('readlink -f /usr/local/cuda', '/usr/local/cuda-13.0', '/usr/local/cuda-12.6'),
    ),
  ],
  [
    '12.6 beside 13.0',
    'cuda-12-6-beside-13',
    'info',
    put({ argv: ['/usr/local/cuda-12.6/bin/nvcc', '--version'], text: 'Cuda compilation tools, release 12.6, V12.6.85\n' }),
  ],
  [
    "the distribution's nvcc first",
    'nvcc-shadowed-by-distro-package',
    'warning',
    all(edit('which -a nvcc', '/usr/local/cuda/bin/nvcc', '/usr/bin/nvcc\n/usr/local/cuda/bin/nvcc'), (c) =>
      changed(c, 'nvcc --version', () => 'Cuda compilation tools, release 12.0, V12.0.140\n'),
    ),
  ],
  [
    'nvcc is not on PATH',
    'nvcc-not-on-path',
    'info',
    (c) => [
      capture({ argv: ['which', '-a', 'nvcc'], status: 'absent', exitCode: 1 }),
      capture({ argv: ['nvcc', '--version'], status: 'absent', exitCode: 127 }),
      ...c.filter((one) => one.argv?.[0] !== 'nvcc' && !one.argv?.includes('nvcc')),
    ],
  ],
  [
    'no Python headers',
    'python-headers-missing',
    'info',
    instead('Python.h', { argv: ['ls', '-d', '/usr/include/python3.*/Python.h'], status: 'absent' }),
  ],
  [
    'OLLAMA_LLM_LIBRARY=cuda',
    'ollama-llm-library-invalid',
    'warning',
    (c) => changed(c, 'ollama.service', (text) => `${text}Environment="OLLAMA_LLM_LIBRARY=cuda"\n`),
  ],
  ['an old Ollama', 'ollama-old-hybrid-models-on-cpu', 'info', edit('ollama --version', '0.30.5', '0.13.4')],
  ['a model on the CPU', 'llama-zero-layers-offloaded', 'warning', edit('ollama ps', '100% GPU', '100% CPU')],
]
