import type { Want } from '../model/change.ts'
import { pipEnvironment } from './children.ts'
import { command } from './command.ts'
import { FetchFailed, shown, useMachineSettings } from './fetch.ts'
import { defaultIndexes, indexFiles } from './index-file.ts'

/** One thing a source must have: a version of a project on an index, or a host that answers. */
export type Demand = { index: string; project: string; version: string } | { url: string }

const normal = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-')

/** What a plan's wants ask of the outside: the first pinned package of each index of each step, and one file of each other host. */
export function demandsOf(wants: readonly Want[]): Demand[] {
  const demands = new Map<string, Demand>()
  for (const want of wants) {
    if (want.kind === 'venv') {
      for (const { packages, index } of want.steps) {
        const [project, version] = (packages[0] ?? '').split('==')
        if (project && version) demands.set(`${index} ${project}`, { index, project: normal(project.replace(/\[.*/, '')), version })
      }
    }
    if (want.kind === 'download') {
      for (const { url } of want.files) if (/^https?:|^file:/.test(url)) demands.set(new URL(url).origin, { url })
    }
  }
  return [...demands.values()]
}

/** Why a demand cannot be met, or null when it can, or when only the installer itself could tell. */
export async function askSource(env: Record<string, string>, demand: Demand, signal: AbortSignal): Promise<string | null> {
  if ('url' in demand) return askHost(demand.url, signal)
  const { index, project, version } = demand
  const indexes = index === 'default' ? defaultIndexes(env) : [index]
  if (indexes.length === 0) return askPip(env, project, version)
  const faults: string[] = []
  for (const one of indexes) {
    try {
      const files = await indexFiles(one, project, signal)
      if (files.some(({ name }) => normal(name).startsWith(normal(`${project}-${version}`)))) return null
      faults.push(`${shown(one)} has no ${project} ${version}`)
    } catch (error) {
      if (!(error instanceof FetchFailed)) throw error
      faults.push(error.message)
    }
  }
  // Find-links and pip's own index may still have it: pip knows.
  return index === 'default' && (await askPip(env, project, version)) === null ? null : faults.join('; ')
}

async function askHost(url: string, signal: AbortSignal): Promise<string | null> {
  if (url.startsWith('file:')) return null
  await useMachineSettings()
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]) })
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
