import type { FactData } from '../facts/data.ts'
import type { Fact } from '../model/fact.ts'
import type { Capture } from '../model/capture.ts'
import type { Detection } from '../model/machine.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Own } from '../redact/collect.ts'
import type { Hit } from '../redact/gate.ts'
import type { RedactionData } from '../redact/model.ts'
import type { PageParts } from '../report/page.ts'

export type BundleRequest = {
  captures: readonly Capture[]
  /** Captures that are only searched for names. */
  identity: readonly Capture[]
  own: Own
  redaction: RedactionData
  gpus: FactData
  /** The health document for facts; null where there is none. */
  doctor: ((facts: Record<string, Fact>, detection: Detection) => Promise<{ results: Verdict[] }>) | null
  includeLogs: boolean
  /** The page for people too. */
  page: boolean
  redact: boolean
  at: string
  version: string
}

export type Bundle = {
  files: Map<string, string>
  /** The same for a person, as HTML; null when it was not asked for. */
  page: string | null
  hits: Hit[]
  rules: { rule: string; count: number }[]
  leftOut: string[]
}

/** What the page is called where no file is meant. */
export const PAGE = 'report.html'

/**
 * Makes a bundle in memory: collect names, replace them everywhere, read the facts from what is left, look through the finished
 * files again, and replay
 * them. Nothing is written here.
 */
export async function makeBundle(request: BundleRequest): Promise<Bundle> {
  const { detect } = await import('../facts/detect.ts')
  const { isTold } = await import('../facts/environments.ts')
  const { collect } = await import('../redact/collect.ts')
  const { withVocabulary } = await import('../redact/data.ts')
  const { scan } = await import('../redact/gate.ts')
  const { logLines, minimised } = await import('../redact/minimise.ts')
  const { createRedactor } = await import('../redact/redactor.ts')
  const { bundleFiles } = await import('../report/bundle.ts')
  const { detectJson } = await import('../report/detect.ts')
  const { capturesOf } = await import('../host/recorded.ts')
  const raw = detect(request.captures, request.gpus)
  const data = withVocabulary(request.redaction, [
    ...(await ownWords(Object.keys(raw.facts))),
    ...wordsOfHealth(request.doctor === null ? null : await request.doctor(raw.facts, raw)),
    ...(request.page ? await wordsOfPage(request.gpus) : []),
  ])
  const redactor = createRedactor(collect([...request.identity, ...request.captures], request.own), data)
  const clean = <T>(value: T): T => (request.redact ? redactor.deep(value) : value)
  const captures = clean(minimised(request.captures, data.variables, isTold))
  const facts = detect(captures, request.gpus)
  const leftOut = differences(facts, clean(raw))
  const log = request.includeLogs ? clean(logLines(request.captures)) : null
  const doctor = request.doctor === null ? null : clean(await request.doctor(facts.facts, facts))
  const redaction = { rules: redactor.rules(), leftOut, redacted: request.redact }
  const parts = { log, redaction, at: request.at, version: request.version }
  const files = bundleFiles({ captures, facts: detectJson(facts), doctor, ...parts })
  const page = request.page ? await pageFor({ detection: facts, results: doctor?.results ?? null, ...parts }) : null
  const again = detect(await capturesOf(files, 'the bundle'), request.gpus)
  if (JSON.stringify(again) !== JSON.stringify(facts))
    throw new Error(`the bundle would not replay: ${differences(again, facts).join(', ')}`)
  const all = page === null ? files : new Map([...files, [PAGE, page]])
  return { files, page, hits: request.redact ? scan(all, redactor) : [], rules: redaction.rules, leftOut }
}

const pageFor = async (parts: PageParts): Promise<string> => {
  const { pageOf } = await import('../report/page.ts')
  return pageOf(parts)
}

const differences = (a: Detection, b: Detection): string[] =>
  [...new Set([...Object.keys(a.facts), ...Object.keys(b.facts)])].filter(
    (id) =>
      JSON.stringify(a.facts[id]?.value) !== JSON.stringify(b.facts[id]?.value) || a.facts[id]?.status !== b.facts[id]?.status,
  )

/** Every key of the health document, and the ids of the problems: a user called `results` or `llama` is in neither. */
const wordsOfHealth = (health: { results: Verdict[] } | null): string[] => {
  const keys = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(keys)
    return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, one]) => [key, ...keys(one)]) : []
  }
  return [...new Set(keys(health)), ...(health?.results.map(({ id }) => id) ?? [])]
}

/** Words of gb10's own texts: what it asks, what it calls things, and what stands in every bundle. */
async function ownWords(ids: readonly string[]): Promise<string[]> {
  const { deepProbes } = await import('../facts/probes-doctor.ts')
  const { bundleFiles } = await import('../report/bundle.ts')
  const empty = { captures: [], facts: {}, doctor: {}, log: '', at: '', version: '' }
  const texts = [true, false].flatMap((redacted) =>
    [...bundleFiles({ ...empty, redaction: { rules: [], leftOut: ['x'], redacted } })].flat(),
  )
  return [
    JSON.stringify(deepProbes),
    ...ids,
    ...texts,
    'status exitCode excerpt machine evidence product vendor severity expected actual remedy references verdict problems checks',
  ]
}

/** Words and markup that stand in every page: one that says everything a page can say, of a machine without any names. */
async function wordsOfPage(gpus: FactData): Promise<string[]> {
  const { detect } = await import('../facts/detect.ts')
  const { blankPages } = await import('../report/page-blank.ts')
  return blankPages(detect([], gpus))
}
