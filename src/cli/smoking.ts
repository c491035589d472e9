import type { PlanRecord } from '../apply/plan-record.ts'
import type { Prove } from '../apply/run.ts'
import type { SmokeData, SmokeDemand, SmokeResult } from '../model/smoke.ts'
import type { App } from './app.ts'
import type { SetUp } from './records.ts'

export type SmokeOptions = { models: string | null; input: string | null; device: 'cuda' | 'cpu' | null }

/** Which scripts prove which of the recipes that are set up. */
export const smokesOf = (all: SetUp[]): { name: string; setUp: SetUp }[] => all.flatMap((one) => one.recipe.smoke.map((name) => ({ name, setUp: one })))

/** Runs one proof and judges it. What the demanded device is follows from the profile; without one, from the recipe and the machine. */
export async function smokeOne(app: App, name: string, setUp: SetUp, options: SmokeOptions): Promise<SmokeResult> {
  const machine = await app.machine()
  const { runSmoke } = await import('../smoke/run.ts')
  const { judgeSmoke } = await import('../smoke/judge.ts')
  const { projectPath } = await import('../host/project.ts')
  const device = options.device ?? setUp.device ?? (await deviceHere(app, setUp))
  const job = {
    name, device, input: options.input,
    script: projectPath(`smoke/${name}.py`),
    environment: setUp.environment!,
    models: options.models ?? setUp.recipe.parameters['models'] ?? null,
    options: scriptOptions(name, setUp.recipe.parameters),
  }
  app.note(`smoke ${name}: running on ${device} in ${setUp.environment}`)
  const onLine = (line: string): void => {
    if (app.options.verbose) app.note(`        ${line}`)
  }
  const ran = await runSmoke(machine, job, `${app.owner.state}/smoke-${machine.newId()}`, app.signal, onLine)
  const data = await smokeData()
  const demand: SmokeDemand = { device, ...(device === 'cuda' ? { torch: data.torch } : {}) }
  return judgeSmoke(ran, demand, data)
}

/**
 * The proofs of a recipe on a new environment, before its users are led to it. A proof that fails stops the run; one that cannot be made here
 * (no model, no GPU) is told and does not.
 */
export const proves = (app: App, record: PlanRecord): Prove => async ({ recipe: name }, environment) => {
  const recipe = record.recipes.find((one) => one.name === name)
  for (const smoke of recipe?.smoke ?? []) {
    const setUp = { recipe: recipe!, device: record.device, environment }
    const { verdict, reason } = await smokeOne(app, smoke, setUp, { models: null, input: null, device: null })
    if (verdict === 'blocked') app.note(`smoke ${smoke} could not be run on the new ${name}: ${reason}`)
    if (verdict === 'fail') throw new Error(`the new ${name} does not work, so the one before stays in use. smoke ${smoke}: ${reason}`)
  }
}

/** What a script must know of how its recipe was set up. */
function scriptOptions(name: string, parameters: Readonly<Record<string, string>>): Record<string, string> {
  if (name === 'docling') return { ocr: ocrEngine(parameters['ocr']) }
  return name === 'deepseek-ocr' ? { variant: parameters['model'] ?? 'v1' } : {}
}

const ocrEngine = (ocr: string | undefined): string => (ocr === undefined ? 'auto' : ocr.startsWith('onnxruntime') ? 'onnxruntime' : ocr)

async function deviceHere(app: App, { recipe }: SetUp): Promise<'cuda' | 'cpu'> {
  const { look } = await import('./facts.ts')
  const { deviceFor, shownBy } = await import('../plan/profile.ts')
  const known = (await app.catalog()).recipes.find(({ name }) => name === recipe.name)
  return deviceFor(known?.meantFor ?? {}, shownBy(await look(app, undefined)))
}

async function smokeData(): Promise<SmokeData> {
  const { parse } = await import('yaml')
  const { projectText } = await import('../host/project.ts')
  const { readSmokeData } = await import('../smoke/judge-data.ts')
  const data = readSmokeData(parse(projectText('smoke/_models.yaml')), parse(projectText('smoke/_needs.yaml')))
  if ('error' in data) throw new Error(data.error)
  return data
}
