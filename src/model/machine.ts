import type { Fact, FactStatus } from './fact.ts'

/** Is this a GB10 machine (DGX Spark or one of its twins)? `unknown` = the machine shows nothing that decides it. */
export type Verdict3 = 'yes' | 'no' | 'unknown'

/** One observation that supports or excludes a verdict: the file or command it came from and what it says. */
export type Evidence = { source: string; text: string }

/**
 * One GPU as the driver reports it. Null means "not shown". `memoryStatus` tells a memory size that the platform does not have
 * (unified memory prints "Not Supported") apart from one that was never recorded. Units: MiB, watt, degree Celsius, MHz, percent.
 */
export type Gpu = {
  index: number
  name: string | null
  computeCapability: string | null
  /** `file` = printed by a tool, `name` = follows from the GPU's name by the vendor's public table. */
  computeCapabilityFrom: 'file' | 'name' | null
  memoryMiB: number | null
  memoryStatus: FactStatus
  /** PCI address in the driver's notation, lower case, eight digits of domain: `0000000f:01:00.0`. */
  pciBusId: string | null
  /** `vendor:device` in hex, as `10de:2e12`. */
  pciId: string | null
  powerW: number | null
  powerLimitW: number | null
  temperatureC: number | null
  utilizationPercent: number | null
  clockSmMHz: number | null
  pstate: string | null
  vbios: string | null
  mig: boolean | null
}

/**
 * The NVIDIA driver. `version` is the running one (on WSL the Windows one), `cuda` what the user-space driver supports, `library`
 * the user-space library. `flavour` tells the open kernel modules from the proprietary one.
 */
export type Driver = {
  version: string | null
  cuda: string | null
  module: 'loaded' | 'not-loaded' | null
  flavour: 'open' | 'proprietary' | null
  library: string | null
}

/** One CUDA toolkit: nvcc's full version, its folder, and whether it is the one that `/usr/local/cuda` or PATH chooses. */
export type Toolkit = { version: string; path: string | null; default: boolean }

/** The operating system. `l4t` as in `R38.2.0`; `dgxOs` = the last version in /etc/dgx-release; null = not shown. */
export type Os = {
  id: string | null
  version: string | null
  pretty: string | null
  dgxOs: string | null
  l4t: string | null
  wsl: boolean | null
}

/** Everything `detect` says about a machine; `facts` holds every single fact with its status and source. */
export type Detection = {
  machine: { dgxSpark: Verdict3; product: string | null; vendor: string | null; evidence: Evidence[] }
  gpus: Gpu[]
  driver: Driver
  toolkits: Toolkit[]
  arch: string | null
  kernel: string | null
  os: Os
  memTotalKiB: number | null
  cpu: { models: string[]; logical: number | null }
  /** Ids of what the probes show at once, for instance `driver-not-loaded`. */
  problems: string[]
  facts: Record<string, Fact>
}
