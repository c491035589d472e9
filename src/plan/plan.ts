import { keyOf } from '../model/change.ts'
import type { OpState } from '../model/ledger.ts'
import type { Canonical, Drift, Occupied, Plan, PlanMachine, PlannedRecipe, Refusal } from '../model/plan.ts'
import type { Catalog, Recipe } from '../model/recipe.ts'
import { suggest } from '../model/suggest.ts'
import { canonicalJson } from '../model/canonical.ts'
import { tooFull } from './disk.ts'
import { expandRecipe, type Around } from './expand.ts'
import { resolveParameters, unknownParameters } from './parameters.ts'
import { lacks } from './profile.ts'
import { settle, supersededBy } from './settle.ts'

/** Everything a plan follows from. `set` is the owner's; `profile` brings its own values below it. `hash` is SHA-256 in hex. */
export type PlanInput = {
  recipes: readonly string[]
  set: Readonly<Record<string, string>>
  profile: { name: string; why: string; set: Readonly<Record<string, Readonly<Record<string, string>>>> } | null
  catalog: Catalog
  machine: PlanMachine
  live: readonly OpState[]
  /** How live changes differ from what was made, by operation; those that do not are left out. */
  drift: Readonly<Record<string, Drift>>
  dirs: { home: string; data: string; cache: string }
  /** Every source with the address it has now. */
  sources: Readonly<Record<string, string>>
  occupied: Occupied
  canonical: Canonical
  hash: (text: string) => string
}

const ARCHITECTURES = ['aarch64', 'x86_64']

/**
 * What must change so that these recipes hold on this machine, in order, or why it cannot be. Pure: the same input gives the
 * same plan. A plan with refusals is for reading, not for applying.
 */
export function makePlan(input: PlanInput): Plan {
  const plan: Plan = {
    recipes: [],
    set: { ...input.set },
    profile: input.profile === null ? null : { name: input.profile.name, why: input.profile.why },
    changes: [],
    shares: [],
    asserted: [],
    superseded: [],
    refused: [],
    notes: [],
    seconds: 0,
    bytes: 0,
    hash: '',
  }
  const recipes = [...new Set(input.recipes)].flatMap((name): Recipe[] => {
    const recipe = input.catalog.recipes.find((one) => one.name === name)
    if (recipe === undefined) plan.refused.push(unknownRecipe(name, input.catalog))
    return recipe === undefined ? [] : [recipe]
  })
  const platform = platformFault(input.machine)
  for (const recipe of recipes) {
    if (platform === null) planRecipe(recipe, input, plan)
    else plan.refused.push({ recipe: recipe.name, next: null, ...platform })
  }
  if (recipes.length > 0) plan.refused.push(...unknownParameters(input.set, recipes))
  refuseFullDisks(plan, input.machine)
  plan.seconds = plan.changes.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0)
  plan.bytes = plan.changes.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)
  const { recipes: planned, changes, shares, asserted, superseded } = plan
  plan.hash = input.hash(canonicalJson({ recipes: planned, changes, shares, asserted, superseded }))
  return plan
}

function planRecipe(recipe: Recipe, input: PlanInput, plan: Plan): void {
  const arch = input.machine.arch ?? ''
  const places = { ...input.dirs, arch }
  const resolved = resolveParameters(recipe, input.set, input.profile?.set[recipe.name] ?? {}, places, input.sources)
  if ('reason' in resolved) return void plan.refused.push(resolved)
  const around: Around = { ...input, arch, places, tools: input.catalog.tools }
  const expanded = expandRecipe(recipe, resolved, around)
  if ('reason' in expanded) return void plan.refused.push(expanded)
  const settled = settle({
    recipe: recipe.name,
    wanted: expanded.changes,
    values: resolved.values,
    earlier: plan.changes,
    live: input.live,
    drift: input.drift,
    occupied: input.occupied,
  })
  if ('reason' in settled) return void plan.refused.push(settled)
  const keys = new Set([...expanded.changes.map(({ want }) => keyOf(want)), ...expanded.asserted.map(({ key }) => key)])
  plan.recipes.push(planned(recipe, resolved.values))
  plan.changes.push(...settled.changes)
  plan.shares.push(...settled.shares)
  plan.asserted.push(...expanded.asserted)
  plan.superseded.push(...supersededBy(recipe.name, keys, input.live))
  const missing = lacks(recipe.meantFor, input.machine)
  const misfit =
    missing.length === 0
      ? []
      : [`${recipe.name} is made for another machine: ${missing.join(', ')}. Its smoke test will not pass here.`]
  plan.notes.push(...[...misfit, ...expanded.notes, ...settled.notes].filter((note) => !plan.notes.includes(note)))
}

function planned({ name, title, licences, smoke, verifiedOn }: Recipe, parameters: Record<string, string>): PlannedRecipe {
  return { name, title, parameters, licences, smoke, verifiedOn }
}

/** A full disk refuses every recipe that still has changes: which of them would fit alone is not the planner's to choose. */
function refuseFullDisks(plan: Plan, machine: PlanMachine): void {
  const full = tooFull(plan.changes, machine.disks)
  const names = [...new Set(plan.changes.map(({ recipe }) => recipe))]
  for (const recipe of full.length > 0 ? names : []) {
    plan.refused.push({ recipe, cause: 'machine', reason: full.join(' '), next: '--set path=DIR, on another disk' })
  }
  if (machine.disks === null && plan.changes.some(({ bytes }) => (bytes ?? 0) > 0)) {
    plan.notes.push('How much disk space is free is not known.')
  }
}

function platformFault({ platform, arch }: PlanMachine): Pick<Refusal, 'cause' | 'reason'> | null {
  if (platform !== null && platform !== 'linux')
    return { cause: 'platform', reason: `recipes are for Linux; this is ${platform}.` }
  if (arch === null) return { cause: 'unknown', reason: 'the architecture of this machine is not known.' }
  if (ARCHITECTURES.includes(arch)) return null
  return { cause: 'platform', reason: `recipes are for ${ARCHITECTURES.join(' and ')}; this is ${arch}.` }
}

function unknownRecipe(name: string, catalog: Catalog): Refusal {
  const names = catalog.recipes.map((recipe) => recipe.name)
  const near = suggest(name, names)
  const hint = near === null ? `. There are ${names.join(', ')}.` : `, did you mean ${near}?`
  return { recipe: name, cause: 'usage', reason: `unknown recipe ${name}${hint}`, next: 'gb10 recipes' }
}
