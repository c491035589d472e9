import { EDITS, keyOf, type Change, type Want } from '../model/change.ts'
import { hasCredentials, NO_CREDENTIALS } from '../model/credentials.ts'
import type { OpState } from '../model/ledger.ts'
import type { Asserted, Canonical, Occupied, PlanMachine, Refusal } from '../model/plan.ts'
import { fill } from '../model/placeholders.ts'
import type { ChangeTemplate, Recipe, TemplateWant, Tool } from '../model/recipe.ts'
import { holds, type Resolved } from './parameters.ts'
import { choosePython, PYTHONS } from './python.ts'
import { pathOf } from './disk.ts'
import { planTool, toolChange } from './tools.ts'
import { expandDownload, expandVenv, type Build } from './trees.ts'

/** What all recipes of one plan share. */
export type Around = {
  machine: PlanMachine
  arch: string
  places: Readonly<{ home: string; data: string; cache: string; arch: string }>
  sources: Readonly<Record<string, string>>
  tools: readonly Tool[]
  live: readonly OpState[]
  occupied: Occupied
  canonical: Canonical
  hash: (text: string) => string
}

/** One recipe's changes in order, before what is live already is taken out. */
export type Expanded = { changes: Change[]; asserted: Asserted[]; notes: string[] }

/** Turns a recipe's templates into changes for this machine, or says why it cannot be done here. */
export function expandRecipe(recipe: Recipe, { values, given }: Resolved, around: Around): Expanded | Refusal {
  const filled: Record<string, string> = { ...around.places, ...values }
  const out: Expanded = { changes: [], asserted: [], notes: [] }
  const note = (text: string): void => {
    if (!out.notes.includes(text)) out.notes.push(text)
  }
  const add = (template: ChangeTemplate, want: Want, more: Partial<Change> = {}): void => {
    const { id, reversible, seconds, bytes } = template
    out.changes.push({
      id,
      recipe: recipe.name,
      summary: fill(template.summary, filled),
      scope: recipe.scope,
      reversible,
      seconds,
      bytes,
      want,
      ...more,
    })
  }
  // What is live keeps the path that it was made at: a folder that became a link since is told, and refused.
  const at = (path: string, whole = false): string =>
    around.live.some(({ want }) => pathOf(want) === path) ? path : around.canonical(path, whole)
  let uv: string | null = null
  for (const template of recipe.changes) {
    if (!holds(template.when, values)) continue
    const { want } = template
    if (want.kind === 'tool') {
      const tool = around.tools.find(({ name }) => name === want.tool)
      if (tool === undefined) throw new TypeError(`no tool ${want.tool}: the catalogue has checked this`)
      if (tool.name === 'uv' && values['installer'] === 'pip') continue
      const planned = planTool(tool, { ...around, data: around.places.data })
      if ('reason' in planned) return { recipe: recipe.name, ...planned }
      uv = planned.program
      if (planned.want === null) note(`${tool.name} ${planned.version} at ${planned.program} installs.`)
      else out.changes.push(toolChange(recipe.name, template.id, template.summary, tool, planned.want))
    } else if (want.kind === 'venv') {
      const build = buildOf(
        recipe,
        { ...want, python: fill(want.python, filled), installer: fill(want.installer, filled) },
        values,
        uv,
        around,
      )
      if ('reason' in build) return build
      if (build.note !== null) note(build.note)
      const { tree, link } = expandVenv(want, at(fill(want.path, filled)), build.build, filled, around.hash)
      add(template, tree)
      const summary = 'The link by which this environment is found'
      add(template, link, { id: `${template.id}-link`, summary, seconds: null, bytes: null })
    } else if (want.kind === 'download' && isGiven(want, given, filled, around)) {
      const path = fill(want.path, filled)
      const key = keyOf({ kind: 'directory', path, mode: 0 })
      out.asserted.push({
        recipe: recipe.name,
        id: template.id,
        key,
        summary: `${filled[want.given ?? ''] ?? path} is used as it is and stays yours`,
      })
    } else {
      const written = fillWant(want, filled)
      const plain = written.kind === 'exec' ? written : { ...written, path: at(written.path, EDITS.has(written.kind)) }
      if (plain.kind !== 'download') {
        add(template, plain)
        continue
      }
      const { folder, link } = expandDownload(plain, around.hash)
      add(template, folder)
      const summary = 'The link by which these files are found'
      add(template, link, { id: `${template.id}-link`, summary, seconds: null, bytes: null })
    }
  }
  const telling = out.changes.find(({ want }) => addresses(want).some(hasCredentials))
  if (telling === undefined) return out
  return { recipe: recipe.name, cause: 'usage', reason: `the address of ${telling.id} ${NO_CREDENTIALS}.`, next: `gb10 recipes ${recipe.name}` }
}

/** Where a change gets things from. */
function addresses(want: Want): string[] {
  if (want.kind === 'clone') return [want.url]
  return want.kind === 'download' ? want.files.map(({ url }) => url) : want.kind === 'venv' ? want.steps.map(({ index }) => index) : []
}

/** Did the owner name a folder that was there before us? One that holds what we put there ourselves is ours to keep up. */
function isGiven(
  want: Extract<TemplateWant, { kind: 'download' }>,
  given: Set<string>,
  values: Record<string, string>,
  { live, occupied }: Around,
): boolean {
  if (want.given === null || !given.has(want.given)) return false
  const root = values[want.given] ?? ''
  const filledByUs = live.some((op) => op.status === 'live' && op.want.kind !== 'exec' && op.want.path.startsWith(`${root}/`))
  return !filledByUs && occupied(root) === 'foreign'
}

type Built = { build: Build; note: string | null } | Refusal

function buildOf(
  recipe: Recipe,
  { python: wanted, installer, pythons }: Extract<TemplateWant, { kind: 'venv' }>,
  values: Readonly<Record<string, string>>,
  uv: string | null,
  { machine, places, live }: Around,
): Built {
  const before = live.find(({ status, want, refs }) => status === 'live' && want.kind === 'venv' && refs.includes(recipe.name))
  const last = before?.want.kind === 'venv' ? before.want.python : null
  const limits = pythons.filter(({ when }) => holds(when, values))
  const allowed = PYTHONS.filter((version) => limits.every(({ versions }) => versions.includes(version)))
  const python = choosePython(wanted, machine.pythons, { last, allowed })
  if ('reason' in python) return { recipe: recipe.name, ...python }
  const withUv = installer !== 'pip' && uv !== null
  if (!withUv && machine.pythons?.find(({ path }) => path === python.path)?.ensurepip === false) {
    const reason = `pip is to install, but ${python.path} cannot make an environment: its ensurepip is missing.`
    return { recipe: recipe.name, cause: 'machine', reason, next: `sudo apt install python${python.version}-venv` }
  }
  const build: Build = {
    python: python.path,
    pythonVersion: python.version,
    installer: withUv ? 'uv' : 'pip',
    uv: withUv ? uv : null,
    cache: places.cache,
  }
  return { build, note: python.note }
}

/** A template's want with every placeholder filled; venvs and tools have their own ways. */
function fillWant(want: Exclude<TemplateWant, { kind: 'venv' | 'tool' }>, values: Readonly<Record<string, string>>): Want {
  const all = (texts: readonly string[]): string[] => texts.map((text) => fill(text, values))
  switch (want.kind) {
    case 'file':
      return { ...want, path: fill(want.path, values), content: fill(want.content, values) }
    case 'block':
      return { ...want, path: fill(want.path, values), lines: all(want.lines) }
    case 'directory':
      return { ...want, path: fill(want.path, values) }
    case 'symlink':
      return { ...want, path: fill(want.path, values), target: fill(want.target, values) }
    case 'env-line':
      return { ...want, path: fill(want.path, values), value: fill(want.value, values) }
    case 'cache':
      return { ...want, path: fill(want.path, values) }
    case 'clone':
      return { ...want, path: fill(want.path, values), url: fill(want.url, values), revision: fill(want.revision, values) }
    case 'exec':
      return { kind: 'exec', probe: all(want.probe), perform: all(want.perform), undo: all(want.undo) }
    case 'download':
      return {
        kind: 'download',
        path: fill(want.path, values),
        files: want.files.map((file) => ({ ...file, url: fill(file.url, values) })),
        licence: want.licence,
        unpack: want.unpack,
      }
  }
}
