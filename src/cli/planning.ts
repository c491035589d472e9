import { createHash } from 'node:crypto'
import type { Stat } from '../host/machine.ts'
import type { Detection } from '../model/machine.ts'
import type { OpState } from '../model/ledger.ts'
import type { Drift, Occupied, Plan } from '../model/plan.ts'
import type { Source } from '../model/recipe.ts'
import { shellWord } from '../model/shell-word.ts'
import type { App } from './app.ts'
import { EXIT, UserError } from './exit.ts'
import { look, planMachine } from './facts.ts'
import { readSettings } from './settings.ts'

export type PlanRequest = { recipes: string[]; profile: string | undefined; set: Record<string, string>; host: string | undefined; auto: boolean }

/** A plan together with what it rests on. */
export type Planned = { plan: Plan; detection: Detection; device: 'cuda' | 'cpu' | null }

/** Detects, resolves sources, reads the ledger and plans. Changes nothing. */
export async function planFor(app: App, request: PlanRequest): Promise<Planned> {
  const catalog = await app.catalog()
  const { resolveSources } = await import('../plan/sources.ts')
  const { chooseProfile } = await import('../plan/profile.ts')
  const { makePlan } = await import('../plan/plan.ts')
  const { suggest } = await import('../model/suggest.ts')
  const overrides = { flags: app.options.sources, env: process.env, config: await configuredSources(app, catalog.sources) }
  const resolve = (own: Record<string, string>) => resolveSources(catalog.sources.map((s) => ({ ...s, url: own[s.name] ?? s.url })), overrides)
  const { errors } = resolve({})
  if (errors.length > 0) throw new UserError(errors.join('\n      '), EXIT.usage, '--source NAME=URL')
  const detection = await look(app, request.host)
  const set = await resolvedPaths(app, request)
  const machine = await planMachine(app, detection, request.host === undefined, Object.values(set).filter((value) => value.startsWith('/')))
  const named = catalog.profiles.find(({ name }) => name === request.profile)
  if (request.profile !== undefined && !named) {
    const names = catalog.profiles.map((p) => p.name)
    const near = suggest(request.profile, names)
    throw new UserError(`unknown profile ${request.profile}${near ? `, did you mean ${near}?` : ''} (known: ${names.join(', ')})`, EXIT.usage, `--profile ${near ?? 'NAME'}`)
  }
  const chosen = named ? { profile: named, why: 'you asked for it' } : request.auto ? chooseProfile(catalog.profiles, machine) : null
  const live = request.host === undefined ? await liveOps(app) : []
  const here = await app.machine()
  const plan = makePlan({
    recipes: request.recipes.length > 0 ? request.recipes : (chosen?.profile.recipes ?? []),
    set,
    profile: chosen ? { name: chosen.profile.name, why: chosen.why, set: chosen.profile.set } : null,
    catalog, machine, live, drift: await driftHere(app, live), sources: resolve(chosen?.profile.sources ?? {}).urls,
    dirs: { home: app.owner.home, data: app.owner.data, cache: app.owner.cache },
    occupied: request.host === undefined ? await occupation(app, live) : () => 'absent',
    canonical: (path, whole) => (request.host === undefined ? here.canonical(path, whole) : path),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
  })
  return { plan, detection, device: chosen?.profile.device ?? null }
}

/** Paths that the owner named, with the links on the way to them resolved once, here: from now on a folder that becomes a link is refused. */
async function resolvedPaths(app: App, { set, host }: PlanRequest): Promise<Record<string, string>> {
  if (host !== undefined) return set
  const machine = await app.machine()
  const resolve = (value: string): string => (value.startsWith('/') ? machine.canonical(value.replace(/(?<=.)\/+$/, '')) : value)
  return Object.fromEntries(Object.entries(set).map(([name, value]) => [name, resolve(value.replace(/^~(?=\/)/, app.owner.home))]))
}

/** The changes that the ledger names and that were not taken back. A damaged ledger stops here: planning on it would guess. */
export async function liveOps(app: App): Promise<OpState[]> {
  const { peek, LedgerDamaged } = await import('../ledger/ledger.ts')
  const { checkState } = await import('../ledger/home.ts')
  const { present } = await import('../ledger/state.ts')
  const machine = await app.machine()
  if (!checkState(machine, app.owner.state)) return []
  const read = peek(machine, app.owner.state)
  if (read?.damage) throw new LedgerDamaged(`${app.owner.state}/ledger.jsonl cannot be trusted: ${read.damage}`)
  return present(read?.ops ?? [])
}

/** How what is live differs from what was made. */
async function driftHere(app: App, live: OpState[]): Promise<Record<string, Drift>> {
  if (live.length === 0) return {}
  const { driftOfAll } = await import('../apply/drift.ts')
  return driftOfAll(await app.machine(), app.owner.state, live)
}

async function occupation(app: App, live: OpState[]): Promise<Occupied> {
  const machine = await app.machine()
  const ours = new Set(live.map((op) => ('path' in op.want ? op.want.path : '')))
  const holds = (path: string, { type, size }: Stat, content: string): boolean =>
    type === 'file' && size === Buffer.byteLength(content) && machine.read(path).equals(Buffer.from(content))
  return (path, content) => {
    if (ours.has(path)) return 'ours'
    const there = machine.lstat(path)
    if (there === null) return 'absent'
    return content !== undefined && holds(path, there, content) ? 'same' : 'foreign'
  }
}

/** The addresses of the configuration file, each of which must be one of a source that there is. */
async function configuredSources(app: App, sources: readonly Source[]): Promise<Record<string, string>> {
  const settings = await readSettings(app, 'config.yaml')
  if (settings === null) return {}
  const { path, text } = settings
  const { parseConfig } = await import('../catalog/config.ts')
  const config = parseConfig(text, path).sources
  const { resolveSources } = await import('../plan/sources.ts')
  const { errors } = resolveSources(sources, { flags: {}, env: {}, config })
  if (errors.length > 0) throw new UserError(errors.map((error) => `${path}: ${error}`).join('\n      '), EXIT.malformed, `nano ${shellWord(path)}`)
  return config
}
