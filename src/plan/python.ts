import type { PlanMachine, Refusal } from '../model/plan.ts'

/**
 * The Pythons a recipe can be built with, the best first: 3.12 is what DGX OS 7 has and what most wheels for aarch64 are tested
 * on.
 */
export const PYTHONS = ['3.12', '3.11', '3.13', '3.10'] as const

/** `version` is major.minor: a patch release of the machine's Python must not make a new tree. */
export type ChosenPython = { path: string; version: string; note: string | null } | Pick<Refusal, 'cause' | 'reason' | 'next'>

// python3 is 3.10 on Ubuntu 22.04, 3.12 on 24.04, 3.11 on Debian 12 and 3.13 on Debian 13: all of them will do.
const INSTALL = 'sudo apt install python3 python3-venv'

/**
 * The Python for an environment. `wanted` is `auto`, a version or a path; `last` is the one that an earlier run used, kept while
 * it is there, so that another Python on PATH does not rebuild a tree.
 */
export function choosePython(wanted: string, pythons: PlanMachine['pythons'], last: string | null): ChosenPython {
  if (wanted.startsWith('/')) return byPath(wanted, pythons)
  if (pythons === null) return unrecorded(wanted)
  const supported = pythons.filter(({ version }) => PYTHONS.some((one) => one === minor(version)))
  if (wanted === 'auto') {
    const kept = supported.find(({ path }) => path === last)
    const first = PYTHONS.flatMap((one) => supported.filter(({ version }) => minor(version) === one))[0]
    const chosen = kept ?? first
    if (chosen !== undefined) return { path: chosen.path, version: minor(chosen.version), note: null }
    return {
      cause: 'machine',
      reason: `no suitable Python: needs one of ${PYTHONS.join(', ')}, found ${found(pythons)}.`,
      next: INSTALL,
    }
  }
  const chosen = pythons.find(({ version }) => version === wanted || version.startsWith(`${wanted}.`))
  if (chosen === undefined)
    return { cause: 'machine', reason: `Python ${wanted} was not found; found ${found(pythons)}.`, next: '--set python=auto' }
  return { path: chosen.path, version: minor(chosen.version), note: unsupportedNote(minor(chosen.version)) }
}

function byPath(path: string, pythons: PlanMachine['pythons']): ChosenPython {
  const known = pythons?.find((one) => one.path === path)
  const version = known?.version ?? /python(3\.\d+)$/.exec(path)?.[1]
  if (version === undefined) {
    return { cause: 'unknown', reason: `the version of ${path} is not known.`, next: '--set python=3.12' }
  }
  return { path, version: minor(version), note: unsupportedNote(minor(version)) }
}

function unrecorded(wanted: string): ChosenPython {
  if (!/^3\.\d+$/.test(wanted)) {
    return {
      cause: 'unknown',
      reason: 'which Python this machine has is not known: it was not recorded.',
      next: '--set python=3.12',
    }
  }
  return {
    path: `/usr/bin/python${wanted}`,
    version: wanted,
    note: `Python ${wanted} is assumed: which one this machine has was not recorded.`,
  }
}

function unsupportedNote(version: string): string | null {
  return PYTHONS.some((one) => one === version)
    ? null
    : `Python ${version} is none of ${PYTHONS.join(', ')}, which the recipes are made for.`
}

function minor(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

function found(pythons: { path: string; version: string }[]): string {
  return pythons.length === 0 ? 'none' : pythons.map(({ path, version }) => `${version} (${path})`).join(', ')
}
