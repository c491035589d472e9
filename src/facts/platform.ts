import type { Fact } from '../model/fact.ts'
import { moduleLine } from './driver.ts'
import { derived, factOf, file, tool, type Form, type Reading } from './reading.ts'
import { archOf } from './text.ts'

/** Fields of `uname` in the order it prints them, with their options. */
const UNAME = [
  ['s', 'kernel-name'],
  ['n', 'nodename'],
  ['r', 'kernel-release'],
  ['v', 'kernel-version'],
  ['m', 'machine'],
  ['p', 'processor'],
  ['i', 'hardware-platform'],
  ['o', 'operating-system'],
] as const

/** Kernel release and machine from any `uname` call. A line that was cut gives what is left of it. */
export const parseUname = (r: Reading): { release: string | null; machine: string | null } => {
  const words = r.text.trim().split('\n')[0]?.trim().split(/\s+/) ?? []
  const letters = new Set(
    r.args.flatMap((arg) =>
      arg.startsWith('--')
        ? UNAME.filter(([, long]) => arg === `--${long}`).map(([short]) => short as string)
        : [...arg.replace(/^-/, '')],
    ),
  )
  if (r.args.some((arg) => arg === '--all')) letters.add('a')
  const asked = letters.has('a')
    ? UNAME.map(([short]) => short as string)
    : UNAME.map(([short]) => short as string).filter((s) => letters.has(s))
  const version = asked.indexOf('v')
  const at = asked.indexOf('r')
  const release = at >= 0 ? (words[at] ?? null) : null
  const machine =
    version < 0 && asked.includes('m')
      ? archOf(words[asked.indexOf('m')])
      : (words
          .slice(Math.max(version + 1, 0))
          .map(archOf)
          .findLast((arch) => arch !== null) ?? null)
  return {
    release: release !== null && /^\d+\.\d/.test(release) ? release : null,
    machine: /[mpia]/.test([...letters].join('')) ? machine : null,
  }
}

const field = (r: Reading, pattern: RegExp): string | null => pattern.exec(r.text)?.[1]?.trim() ?? null
const VERMAGIC = /^vermagic:\s*(\S+)\s.*?(\S+)?\s*$/m
const DEBIAN_ARCH = /^[hiurp][a-zA-Z]{1,2}\s+\S+\s+\S+\s+(amd64|arm64)\s/gm

/** Packages of one architecture beside those for `all`; two architectures (multiarch) decide nothing. */
const packagesArch = (r: Reading): string | null => {
  const seen = new Set([...r.text.matchAll(DEBIAN_ARCH)].map((m) => m[1]))
  return seen.size === 1 ? archOf([...seen][0]) : null
}

const VIRTUAL_DOCKER = /Operating System:\s*Docker Desktop/

const archForms: Form<string>[] = [
  { of: tool('uname'), parse: (r) => parseUname(r).machine },
  { of: tool('arch'), parse: (r) => archOf(r.text.trim()) },
  { of: tool('dpkg', (args) => args.includes('--print-architecture')), parse: (r) => archOf(r.text.trim()) },
  {
    of: tool('lscpu'),
    parse: (r) =>
      r.text
        .split('\n')
        .map((line) => archOf(/[:：]\s*"?([\w-]+)/.exec(line)?.[1]))
        .find((a) => a !== null) ?? null,
  },
  { of: tool('hostnamectl'), parse: (r) => archOf(field(r, /Architecture:\s*(\S+)/)) },
  { of: file('/proc/version'), parse: (r) => archOf(/\(?\b(aarch64|x86_64)-linux-gnu-gcc/.exec(r.text)?.[1]) },
  { of: (r) => file('/proc/driver/nvidia/version')(r) || tool('dmesg')(r), parse: (r) => moduleLine(r.text)?.arch ?? null },
  { of: tool('modinfo'), parse: (r) => archOf(VERMAGIC.exec(r.text)?.[2]) },
  { of: file('/etc/nv_tegra_release'), parse: (r) => archOf(/EABI:\s*(\w+)/.exec(r.text)?.[1]) },
  { of: tool('docker', (args) => args.includes('info')), parse: (r) => archOf(field(r, /^[ \t]*Architecture:[ \t]*(\S+)/m)) },
  {
    of: tool('docker', (args) => args.includes('version')),
    parse: (r) => {
      const server =
        /^Server:[\s\S]*?OS\/Arch:\s*linux\/(\w+)/m.exec(r.text)?.[1] ?? /"Arch":\s*"(\w+)"(?=[^{}]*$)/.exec(r.text)?.[1]
      return archOf(server ?? /OS\/Arch:\s*linux\/(\w+)/.exec(r.text)?.[1])
    },
  },
  { of: tool('dpkg', (args) => args.includes('-l') || args.includes('--list')), parse: packagesArch },
  {
    of: tool('apt', (args) => args.includes('list')),
    parse: (r) => packagesArch({ ...r, text: r.text.replace(/^(\S+)\/\S+ (\S+) (amd64|arm64) .*$/gm, 'ii $1 $2 $3 ') }),
  },
  {
    of: file('/proc/cpuinfo'),
    parse: (r) => (/^CPU architecture\s*:\s*8/m.test(r.text) ? 'aarch64' : /^flags\s*:.*\blm\b/m.test(r.text) ? 'x86_64' : null),
  },
]

const kernelForms: Form<string>[] = [
  { of: tool('uname'), parse: (r) => parseUname(r).release },
  { of: file('/proc/sys/kernel/osrelease'), parse: (r) => field(r, /^(\d\S*)\s*$/) },
  { of: file('/proc/version'), parse: (r) => field(r, /^Linux version (\S+)/) },
  { of: tool('hostnamectl'), parse: (r) => field(r, /Kernel:\s*Linux (\S+)/) },
  { of: tool('dmesg'), parse: (r) => field(r, /Linux version (\d\S+)/) },
  { of: tool('modinfo'), parse: (r) => field(r, VERMAGIC) },
  {
    of: tool('docker', (args) => args.includes('info')),
    parse: (r) => (VIRTUAL_DOCKER.test(r.text) ? null : field(r, /Kernel Version:\s*(\S+)/)),
  },
]

/**
 * Facts `platform.arch` (kernel's name: aarch64, x86_64), `kernel.release`, `kernel.commandLine`, `os.wsl` (follows from the kernel's
 * release; null when that is not known).
 */
export const platformFacts = (readings: readonly Reading[]): Record<string, Fact> => {
  const kernel = factOf(readings, kernelForms)
  const wsl = kernel.value === null ? null : /microsoft|WSL/i.test(kernel.value)
  return {
    'platform.arch': factOf(readings, archForms),
    'kernel.release': kernel,
    'kernel.commandLine': factOf(readings, [{ of: file('/proc/cmdline'), parse: (r) => r.text.trim() || null }]),
    'os.wsl': derived(wsl, kernel.source),
  }
}
