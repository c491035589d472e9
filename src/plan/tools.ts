import { keyOf, type Change, type Want } from '../model/change.ts'
import { fill } from '../model/placeholders.ts'
import type { OpState } from '../model/ledger.ts'
import type { Canonical, PlanMachine, Refusal } from '../model/plan.ts'
import type { Tool } from '../model/recipe.ts'
import { atLeast } from './profile.ts'

/** Where a tool is run from: the machine's own (`change` null), or the one that a change brings. */
export type PlannedTool =
  | { program: string; version: string; want: Want | null; bytes: number }
  | Pick<Refusal, 'cause' | 'reason' | 'next'>

type Around = {
  machine: PlanMachine
  arch: string
  data: string
  sources: Readonly<Record<string, string>>
  live: readonly OpState[]
  canonical: Canonical
}

/**
 * Finds a tool: one that gb10 brought before stays in use, so that a second apply changes nothing; else the machine's own when
 * it is new enough; else the pinned wheel. Its address is `index:<index>/<project>/<file>`: the index page of the project names
 * the file.
 */
export function planTool(tool: Tool, { machine, arch, data, sources, live, canonical }: Around): PlannedTool {
  const folder = canonical(`${data}/tools/${tool.name}-`)
  const brought = live.find(({ status, want }) => status === 'live' && want.kind === 'download' && want.path.startsWith(folder))
  if (brought?.want.kind === 'download') {
    const version = brought.want.path.slice(folder.length)
    const program = `${brought.want.path}/${tool.program}`
    if (atLeast(version, tool.atLeast)) return { program, version, want: brought.want, bytes: 0 }
  }
  const own = tool.name === 'uv' && machine.uv !== 'none' ? machine.uv : null
  if (own !== null && atLeast(own.version, tool.atLeast)) return { program: own.path, version: own.version, want: null, bytes: 0 }
  const release = tool.releases.find((one) => one.arch === arch)
  if ((sources[tool.source] ?? 'default') === 'default' && machine.indexKnown === false && release !== undefined) {
    return fromRelease(tool, release, folder, sources)
  }
  const file = tool.files.find((one) => one.arch === arch)
  if (file === undefined) {
    return {
      cause: 'machine',
      reason: `${tool.name} is not on this machine, and there is none to bring for ${arch}.`,
      next: '--set installer=pip',
    }
  }
  const path = `${folder}${tool.version}`
  const url = `index:${sources[tool.source] ?? 'default'}/${tool.name}/${file.name}`
  const files = [{ url, name: file.name, sha256: file.sha256, bytes: file.bytes }]
  const want: Want = { kind: 'download', path, files, licence: null, unpack: 'wheel' }
  return { program: `${path}/${tool.program}`, version: tool.version, want, bytes: file.bytes }
}

function fromRelease(tool: Tool, release: Tool['releases'][number], folder: string, sources: Around['sources']): PlannedTool {
  const { version, sha256, bytes } = release
  const path = `${folder}${version}`
  const url = fill(release.url, sources)
  const files = [{ url, name: url.slice(url.lastIndexOf('/') + 1), sha256, bytes }]
  const want: Want = { kind: 'download', path, files, licence: null, unpack: 'tar' }
  return { program: `${path}/${tool.program}`, version, want, bytes: bytes ?? 0 }
}

/** The change that brings a tool. */
export function toolChange(recipe: string, id: string, summary: string, tool: Tool, want: Want): Change {
  const bytes = want.kind === 'download' ? want.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0) : 0
  return {
    id,
    recipe,
    summary: `${summary} (${keyOf(want).replace(/^.*\//, '')})`,
    scope: 'user',
    reversible: 'full',
    seconds: tool.seconds,
    bytes,
    want,
  }
}
