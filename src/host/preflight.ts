import type { Want } from '../model/change.ts'
import { pipEnvironment } from './children.ts'
import { command } from './command.ts'
import { FetchFailed, shown, useMachineSettings } from './fetch.ts'
import { defaultIndexes, indexFiles } from './index-file.ts'

/** One thing a source must have: a version of a project on an index, a repository, or a host that answers. */
export type Demand = { index: string; project: string; version: string } | { repository: string } | { url: string }

/** What is said where a clone is wanted and there is no git. */
export const NO_GIT = 'git is not on this machine'

/** How long a host, or a repository, has for its answer. */
const LIMIT = 15_000

/** `name==version`, with what may stand around: extras, markers. */
const PINNED = /^\s*([\w.-]+)\s*(?:\[[^\]]*\])?\s*==\s*([\w.+!-]+)\s*(?:;.*)?$/

const normal = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-')

/** What a plan's wants ask of the outside: every pinned package, every repository, and one file of each other host. */
export function demandsOf(wants: readonly Want[]): Demand[] {
  const demands = new Map<string, Demand>()
  for (const want of wants) {
    if (want.kind === 'venv') {
      for (const { packages, index } of want.steps) {
        for (const [, project, version] of packages.map((one) => PINNED.exec(one) ?? [])) {
          if (project && version) demands.set(`${index} ${normal(project)}==${version}`, { index, project: normal(project), version })
        }
      }
    }
    if (want.kind === 'clone') demands.set(want.url, { repository: want.url })
    if (want.kind === 'download') {
      for (const { url } of want.files) if (/^https?:|^file:/.test(url)) demands.set(new URL(url).origin, { url })
    }
  }
  return [...demands.values()]
}

/** Why a demand cannot be met, or null when it can, or when only the installer itself could tell. */
export async function askSource(env: Record<string, string>, demand: Demand, signal: AbortSignal): Promise<string | null> {
  if ('url' in demand) return askHost(demand.url, signal)
  if ('repository' in demand) return askGit(env, demand.repository, signal)
  const { index, project, version } = demand
  const indexes = index === 'default' ? defaultIndexes(env) : [index]
  if (indexes.length === 0) return askPip(env, project, version)
  const faults: string[] = []
  for (const one of indexes) {
    try {
      const files = await indexFiles(one, project, signal)
      if (files.some(({ name }) => holds(name, project, version))) return null
      faults.push(`${shown(one)} has no ${project} ${version}`)
    } catch (error) {
      if (!(error instanceof FetchFailed)) throw error
      faults.push(error.message)
    }
  }
  // Find-links and pip's own index may still have it: pip knows.
  return index === 'default' && (await askPip(env, project, version)) === null ? null : faults.join('; ')
}

/** Whether a file of an index is this version of a project: its wheel or its source, in any build unless one is named. */
function holds(name: string, project: string, version: string): boolean {
  const [, found = '', as = ''] = /^([^-]+)-([^-]+)-.+\.whl$/.exec(name) ?? /^(.+)-([^-]+)\.(?:tar\.\w+|zip)$/.exec(name) ?? []
  const release = (text: string): string => text.toLowerCase().replace(/(\.0+)+(?=\+|$)/, '')
  return normal(found) === project && release(version.includes('+') ? as : as.replace(/\+.*/, '')) === release(version)
}

async function askGit(env: Record<string, string>, url: string, signal: AbortSignal): Promise<string | null> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT)])
  const { GIT_DIR: _elsewhere, ...own } = env
  const exit = await command(['git', '-C', '/', 'ls-remote', url, 'HEAD'], own, { env: { GIT_TERMINAL_PROMPT: '0' }, signal: limited })
  signal.throwIfAborted()
  if (exit.code === 0) return null
  if (exit.code === 127) return NO_GIT
  const why = limited.aborted ? `no answer within ${LIMIT / 1000} s` : (exit.tail.split('\n').find((line) => line.startsWith('fatal:')) ?? exit.tail)
  return `git cannot read ${shown(url)}: ${why}`
}

async function askHost(url: string, signal: AbortSignal): Promise<string | null> {
  if (url.startsWith('file:')) return null
  await useMachineSettings()
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT)])
    const head = await fetch(url, { method: 'HEAD', signal: limited })
    const response = [405, 501].includes(head.status) ? await fetch(url, { headers: { range: 'bytes=0-0' }, signal: limited }) : head
    await response.body?.cancel()
    return response.ok ? null : `${shown(url)} answered ${response.status}`
  } catch (error) {
    if (signal.aborted) throw error
    const cause = (error as { cause?: { code?: string } }).cause
    return `${new URL(url).host} cannot be reached (${cause?.code ?? (error as Error).message})`
  }
}

/** pip's own answer; null (no objection) where there is no pip to ask. */
async function askPip(env: Record<string, string>, project: string, version: string): Promise<string | null> {
  const exit = await command(['python3', '-m', 'pip', 'index', 'versions', '--disable-pip-version-check', project], pipEnvironment(env), {})
  if (exit.code === 127 || /No module named pip/.test(exit.tail)) return null
  if (exit.code !== 0) return `pip finds no ${project}: ${exit.tail.split('\n').findLast((l) => l.startsWith('ERROR')) ?? exit.tail}`
  const versions = /Available versions: (.*)/.exec(exit.tail)?.[1]?.split(/,\s*/) ?? []
  return versions.some((v) => v.split('+')[0] === version) ? null : `the index that pip uses has no ${project} ${version} (newest: ${versions[0] ?? 'none'})`
}
