import type { FoundPython, PlanMachine, Refusal } from '../model/plan.ts'

/** The Pythons a recipe can be built with, the best first: DGX OS 7 has 3.12, and most wheels for aarch64 are tested on it. */
export const PYTHONS: readonly string[] = ['3.12', '3.11', '3.13', '3.10']

/** `version` is major.minor: a patch release of the machine's Python must not make a new tree. */
export type ChosenPython = { path: string; version: string; note: string | null } | Pick<Refusal, 'cause' | 'reason' | 'next'>

/**
 * `last` is the one that an earlier run used, kept while it is there, so that another Python on PATH does not rebuild a tree;
 * `allowed` are the versions that all packages have wheels for, the best first.
 */
export type PythonLimits = { last: string | null; allowed: readonly string[] }

// python3 is 3.10 on Ubuntu 22.04, 3.12 on 24.04, 3.11 on Debian 12 and 3.13 on Debian 13.
const INSTALL = 'sudo apt install python3 python3-venv'

/** The Python for an environment. `wanted` is `auto`, a version (`3.12`, `3.12.3`) or a path. */
export function choosePython(wanted: string, pythons: PlanMachine['pythons'], { last, allowed }: PythonLimits): ChosenPython {
  if (wanted.startsWith('/')) return byPath(wanted, pythons, allowed)
  if (pythons === null) return unrecorded(wanted, allowed)
  if (wanted === 'auto') {
    const sorted = pythonsInOrder(pythons)
    const usable = allowed.flatMap((one) => sorted.filter(({ version }) => minor(version) === one))
    const chosen = usable.find(({ path }) => path === last) ?? usable[0]
    if (chosen !== undefined) return { path: chosen.path, version: minor(chosen.version), note: null }
    const reason = `no suitable Python: needs ${either(allowed)}, found ${found(pythons)}.`
    return { cause: 'machine', reason, next: INSTALL }
  }
  const chosen = pythonsInOrder(pythons).find(({ version }) => version === wanted || version.startsWith(`${wanted}.`))
  if (chosen !== undefined) return checked(chosen.path, minor(chosen.version), allowed)
  return { cause: 'machine', reason: `Python ${wanted} was not found; found ${found(pythons)}.`, next: '--set python=auto' }
}

function byPath(path: string, pythons: PlanMachine['pythons'], allowed: readonly string[]): ChosenPython {
  const known = pythons?.find((one) => one.path === path)
  const version = known?.version ?? /python(3\.\d+)$/.exec(path)?.[1]
  if (version !== undefined) return checked(path, minor(version), allowed)
  return { cause: 'unknown', reason: `the version of ${path} is not known.`, next: '--set python=3.12' }
}

function unrecorded(wanted: string, allowed: readonly string[]): ChosenPython {
  const version = wanted === 'auto' ? (allowed[0] ?? '') : wanted
  if (!/^3\.\d+$/.test(version)) {
    const next = `--set python=${allowed[0] ?? PYTHONS[0]}`
    return { cause: 'unknown', reason: 'which Python this machine has is not known: it was not recorded.', next }
  }
  const chosen = checked(`/usr/bin/python${version}`, version, allowed)
  const note = `Python ${version} is assumed: which one this machine has was not recorded.`
  return 'reason' in chosen ? chosen : { ...chosen, note }
}

/** A Python the owner named: refused when packages have no wheels for it. */
function checked(path: string, version: string, allowed: readonly string[]): ChosenPython {
  if (allowed.includes(version)) return { path, version, note: null }
  return {
    cause: 'machine',
    reason: `Python ${version} will not do: the packages need ${either(allowed)}.`,
    next: '--set python=auto',
  }
}

function either(versions: readonly string[]): string {
  return versions.length === 1 ? String(versions[0]) : `one of ${versions.join(', ')}`
}

/** Those that PATH leads to come before others of their version: they are what the owner means by `python3.12`. */
function pythonsInOrder(pythons: readonly FoundPython[]): FoundPython[] {
  return pythons.toSorted((one, other) => Number(other.onPath ?? false) - Number(one.onPath ?? false))
}

function minor(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

function found(pythons: readonly FoundPython[]): string {
  return pythons.length === 0 ? 'none' : pythons.map(({ path, version }) => `${version} (${path})`).join(', ')
}
