import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { loadCatalog } from '../../src/catalog/load.ts'
import { keyOf } from '../../src/model/change.ts'
import type { OpState } from '../../src/model/ledger.ts'
import type { Plan, PlanMachine } from '../../src/model/plan.ts'
import type { Catalog } from '../../src/model/recipe.ts'
import { makePlan, type PlanInput } from '../../src/plan/plan.ts'
import { chooseProfile } from '../../src/plan/profile.ts'
import { resolveSources } from '../../src/plan/sources.ts'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The catalogue in a folder below the repository. */
export function catalogIn(folder: string): Catalog {
  const base = new URL(`../../${folder}/`, import.meta.url)
  return loadCatalog({ folder, names: readdirSync(base), text: (name) => readFileSync(new URL(name, base), 'utf8') })
}

const shared = { platform: 'linux', uv: 'none', indexKnown: true, disks: [{ mount: '/', freeBytes: 500e9 }] } as const

export const MACHINES: Record<'gb10' | 'cpu', PlanMachine> = {
  gb10: {
    ...shared,
    disks: [...shared.disks],
    arch: 'aarch64',
    pythons: [{ path: '/usr/bin/python3.12', version: '3.12.3' }],
    dgxSpark: 'yes',
    nvidiaGpu: true,
    cuda: '13.0',
  },
  cpu: {
    ...shared,
    disks: [...shared.disks],
    arch: 'x86_64',
    pythons: [{ path: '/usr/bin/python3.11', version: '3.11.2' }],
    dgxSpark: 'no',
    nvidiaGpu: false,
    cuda: null,
  },
}

/** One planning situation as a case file writes it; what it leaves out is a fresh GB10. `after` was applied before. */
export type Situation = {
  recipes?: string[]
  set?: Record<string, string>
  useProfile?: boolean
  sources?: Record<string, string>
  machine?: Partial<PlanMachine> & { like?: 'gb10' | 'cpu' }
  foreign?: string[]
  /** Links on the way, by what they lead to. */
  links?: Record<string, string>
  after?: Situation[]
  drift?: PlanInput['drift']
}

export function planOf(catalog: Catalog, situation: Situation, live = ledgerAfter(catalog, situation.after ?? [])): Plan {
  const { like = 'gb10', ...differences } = situation.machine ?? {}
  const machine = { ...MACHINES[like], ...differences }
  const chosen = situation.useProfile === true ? chooseProfile(catalog.profiles, machine) : null
  const input: PlanInput = {
    recipes: situation.recipes ?? chosen?.profile.recipes ?? [],
    set: situation.set ?? {},
    profile: chosen === null ? null : { name: chosen.profile.name, why: chosen.why, set: chosen.profile.set },
    catalog,
    machine,
    live,
    drift: situation.drift ?? {},
    dirs: { home: '/home/me', data: '/home/me/.local/share/gb10', cache: '/home/me/.cache/gb10' },
    sources: resolveSources(catalog.sources, { flags: situation.sources ?? {}, env: {}, config: {} }).urls,
    occupied: (path) => (situation.foreign?.includes(path) === true ? 'foreign' : 'absent'),
    canonical: (path, whole = false) => resolved(path, whole, situation.links ?? {}),
    hash: sha256,
  }
  return makePlan(input)
}

function resolved(path: string, whole: boolean, links: Record<string, string>): string {
  const link = Object.keys(links).find((from) => path.startsWith(`${from}/`) || (whole && path === from))
  return link === undefined ? path : `${links[link]}${path.slice(link.length)}`
}

const ledgerAfter = (catalog: Catalog, runs: Situation[]): OpState[] =>
  runs.reduce<OpState[]>((ops, run) => applied(ops, planOf(catalog, run, ops)), [])

/** The ledger's state after a plan was applied. */
function applied(ops: OpState[], plan: Plan): OpState[] {
  const made = plan.changes.map((change, index): OpState => {
    const { id, recipe, summary, want, reversible } = change
    const users = [recipe, ...plan.shares.filter(({ key }) => key === keyOf(want)).map((share) => share.recipe)]
    const op = `op${Number(ops.at(-1)?.op.slice(2) ?? 0) + index + 1}`
    return {
      op,
      run: 'run1',
      recipe,
      id,
      key: keyOf(want),
      summary,
      want,
      pre: null,
      before: null as unknown as OpState['before'],
      post: null,
      reversible,
      status: 'live',
      refs: users,
      claims: {},
      kept: [], came: [],
      how: null,
      purge: false,
      seq: index,
      at: '2026-01-01T00:00:00Z',
    }
  })
  const retired = new Set(plan.superseded.map(({ op }) => op))
  return [...ops.filter(({ op }) => !retired.has(op)), ...made]
}
