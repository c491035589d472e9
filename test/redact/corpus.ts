import { filler } from './support.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/**
 * Thirty kinds of what must go: the line it stands in, and the part of it that may not survive. Keys are put together here,
 * from two halves.
 */
export const corpus: [kind: string, line: (value: string) => string, value: string][] = [
  ['user name', (v) => `${v}  4711  0.0  python train.py`, 'marguerite'],
  ['short host name', (v) => `Linux ${v} 6.17.0-1026-nvidia aarch64`, 'vega-7f3a'],
  ['home path', (v) => `/home/${v}/models/qwen/config.json`, 'otherperson'],
  ['private IPv4', (v) => `ssh to ${v} failed`, '192.168.7.44'],
  ['MAC', (v) => `link/ether ${v} brd ff:ff:ff:ff:ff:ff`, '4c:bb:47:2a:9d:01'],
  ['Hugging Face token', (v) => `login with ${v}`, `hf_${filler(34)}`],
  ['NGC key', (v) => `docker login -p ${v}`, `nvapi-${filler(64)}`],
  ['Bearer header', (v) => `Authorization: Bearer ${v}`, filler(40)],
  ['AWS access key id', (v) => `aws id ${v} used`, `AK${'IA'}${filler(16, 'ABCDEFGH234567')}`],
  ['JWT', (v) => `grant ${v} expired`, `eyJ${filler(30)}.eyJ${filler(40)}.${filler(43)}`],
  [
    'PEM private key',
    (v) => `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----\n${v}\n-----END OPENSSH ${'PRIVATE'} KEY-----`,
    `${filler(70)}\n${filler(70)}`,
  ],
  ['OpenAI key', (v) => `key ${v}`, `sk-${'proj'}-${filler(48)}`],
  ['Anthropic key', (v) => `key ${v}`, `sk-${'ant'}-api03-${filler(90)}`],
  ['GitHub classic token', (v) => `remote: ${v}`, `gh${'p'}_${filler(36)}`],
  ['GitHub fine-grained token', (v) => `remote: ${v}`, `github_${'pat'}_${filler(22)}_${filler(59)}`],
  ['GitLab token', (v) => `remote: ${v}`, `gl${'pat'}-${filler(20)}`],
  ['Slack token', (v) => `notify ${v}`, `xo${'xb'}-${filler(11, '0123456789')}-${filler(24)}`],
  ['Tailscale key', (v) => `tailscale up ${v}`, `ts${'key'}-auth-${filler(12)}CNTRL-${filler(32)}`],
  ['AWS secret key', (v) => `AWS_SECRET_ACCESS_KEY=${v}`, `${filler(20)}/${filler(19)}`],
  ['URL credentials', (v) => `git clone https://${v}@git.example.net/x.git`, 'someone:correct-horse'],
  ['Basic header', (v) => `Proxy-Authorization: Basic ${v}`, base64('someone:correct-horse')],
  ['docker auth field', (v) => `{"auths": {"nvcr.io": {"auth": "${v}"}}}`, base64('$oauthtoken:correct-horse')],
  ['password option', (v) => `mysql --password ${v} -h db`, 'correct-horse'],
  ['CGNAT IPv4', (v) => `peer ${v} direct`, '100.101.7.9'],
  ['public IPv4', (v) => `Accepted publickey from ${v} port 22`, '93.184.216.34'],
  ['IPv6', (v) => `inet6 ${v}/64 scope global`, '2a02:8109:9a40:1c3c:4ebb:47ff:fe2a:9d01'],
  ['GPU UUID', (v) => `GPU 0: NVIDIA GB10 (UUID: ${v})`, 'GPU-3f1a9c2e-7b40-5d11-9e02-c41d88a0b7f3'],
  ['DMI serial', (v) => `product_serial: ${v}`, '1984925001234'],
  ['FQDN', (v) => `Name: ${v}`, 'vega-7f3a.lab.example.org'],
  ['Wi-Fi SSID', (v) => `wlP9s9 connected to ${v}`, "Margie's Attic"],
]

/** Seven kinds of what must stay as it is, and loopback addresses. */
export const controls: [what: string, text: string][] = [
  [
    'versions',
    'NVRM version: 580.126.09, libfoo 1.2.3.4, libcurand-13-0 10.4.0.35-1, nvidia-curand==10.4.0.35, tensorrt 10.13.3.9',
  ],
  ['PCI addresses', 'GPU 0000000F:01:00.0 and 000f:01:00.0, 0000:01:00.1'],
  [
    'digests and commits',
    `sha256:${'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'} at commit ${'13488a2b7c8e9d0f1a2b3c4d5e6f708192a3b4c5'}`,
  ],
  ['clock times', 'at 12:34:56.789, 2026-11-20T12:34:56Z, up 1:02:03'],
  [
    'the words token and password',
    'max_tokens 4096, tokenizers==0.20.3, password authentication disabled, eos_token=2, --max-tokens 4096, tokens: 128',
  ],
  ['firmware versions', 'ConnectX 28.45.4028, BIOS 5.36_0ACUM018, VBIOS 9A.0B.17.00.00, EC 2.0.0.13'],
  ['CUDA builds', 'Build cuda_13.0.r13.0/compiler.36424714_0, release 13.0, V13.0.88'],
  ['loopback', 'http://127.0.0.1:11434, [::1]:8000, 0.0.0.0:8080, localhost, 00:00:00:00:00:00'],
  ['program text', 'std::vector<c10::IValue>, at::cuda, 0x7f3a::, "key": "value", 12:34:56:78'],
]
