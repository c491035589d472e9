import type { KnownModel, SmokeData, SmokeDemand } from '../model/smoke.ts'
import type { Observed } from './judge-observed.ts'
import { demandText, getModels, type Judgement } from './judge-terms.ts'
import { recall, tokens } from './judge-text.ts'

const RECALL = 0.9
const SENTINELS = 3

type Part = {
  name: string
  device: string
  dtype: string
  parameters: number | null
  weights: 'published' | 'other' | 'unlisted'
}

/** Judges docling.py: models on the demanded device, the words of this run's pages, and whether the models are the real ones. */
export function judgeDocling(observed: Observed, demand: SmokeDemand, data: SmokeData): Judgement {
  const wanted = demand.device === 'auto' ? (observed.at('gpu', 'available') === true ? 'cuda' : 'cpu') : demand.device
  const parts = loadedParts(observed, data)
  const pages = observed.list('pages').map((_, index) => judgePage(observed.inside('pages', index)))
  const misplaced = parts.filter(({ device }) => device === '' || device.split(',').some((one) => !one.startsWith(wanted)))
  const text = wrongText(pages, observed)
  const device = [...new Set(parts.map((part) => part.device))].join(', ')
  const faults = [...misplaced.map((part) => `${part.name} ran on ${part.device || 'nothing'}, not on ${wanted}.`), ...text]
  const standIns = parts.filter(({ weights }) => weights === 'other')
  const end = {
    device,
    model: standIns.length > 0 ? 'stand-in' : 'real',
    metrics: metricsOf(observed, parts, pages, faults),
    expected: `layout, table and OCR on ${demandText(demand)}; each page: recall ${RECALL} or more, ${SENTINELS} of 4 sentinels`,
    actual: `${parts.map((part) => `${part.name} ${part.device || 'not loaded'}`).join(', ')}; ${pages.map(pageText).join('; ')}`,
  } as const
  if (faults.length > 0) return { ...end, verdict: 'fail', reason: faults.join(' ') }
  if (standIns.length > 0) {
    const which = standIns.map((part) => notPublished(part, data)).join(', ')
    const tried = `Real weights were not tried: ${which}. The text was right, on ${device}.`
    const reason = `${tried} Get the real models: ${getModels(observed, data)}`
    return { ...end, verdict: 'blocked', reason }
  }
  if (observed.at('table') === null) {
    const reason = `The table model is missing, so only layout and OCR were proven. Get it: ${getModels(observed, data)}`
    return { ...end, verdict: 'blocked', reason }
  }
  const regions = observed.list('layout', 'detections').reduce((sum: number, count) => sum + Number(count), 0)
  // The published model finds paragraphs on any page of text; finding none means that it computed nonsense.
  if (regions < 1) return { ...end, verdict: 'fail', reason: 'The layout model found no region on a page of text.' }
  // How exactly it reads a drawn grid is not known of the real weights; that it finds a cell in one is the least of a table model.
  if (Number(observed.at('table', 'grid', 'cells')) < 1) return { ...end, verdict: 'fail', reason: 'The table model found no cell in a drawn table.' }
  return { ...end, verdict: 'pass', reason: `Both pages were read right, with layout, table and OCR on ${device}.` }
}

function loadedParts(observed: Observed, data: SmokeData): Part[] {
  const parts: Part[] = []
  for (const name of ['layout', 'table', 'ocr'] as const) {
    if (name === 'table' && observed.at('table') === null) continue
    const seen = observed.inside(name)
    // OCR proves its own weights: random ones cannot read.
    const weights = name === 'ocr' ? 'published' : weightsOf(seen, data.models[name])
    parts.push({ name, device: seen.text('device'), dtype: seen.text('dtype'), parameters: seen.number('parameters'), weights })
  }
  return parts
}

/** A model counts as the published one by its exact size and the hash of its weights; its file names say nothing. */
function weightsOf(seen: Observed, known: KnownModel): Part['weights'] {
  if (known.parameters !== null && seen.number('parameters') !== known.parameters) return 'other'
  if (known.sha256.length === 0) return 'unlisted'
  const hashes = seen.list('weights').map((_, index) => seen.text('weights', index, 'sha256'))
  return hashes.length > 0 && hashes.every((hash) => known.sha256.includes(hash)) ? 'published' : 'other'
}

function notPublished({ name, parameters }: Part, data: SmokeData): string {
  const known = data.models[name === 'table' ? 'table' : 'layout']
  const size =
    parameters === known.parameters ? 'other weights of the same size' : `${parameters} parameters, published ${known.parameters}`
  return `${name} is not the published ${known.name} (${size})`
}

type Page = {
  page: number | null
  kind: string
  recall: number
  sentinels: number
  of: number
  conversion: string
  ocrMode: string
  seconds: number | null
}

function judgePage(page: Observed): Page {
  const words = page.list('words').map(String)
  const sentinels = page.list('sentinels').map(String)
  const out = new Set(tokens(page.text('text')))
  const found = sentinels.filter((word) => tokens(word).every((token) => out.has(token)))
  return {
    page: page.number('page'),
    kind: page.text('kind'),
    recall: Math.round(recall(words, page.text('text')) * 1000) / 1000,
    sentinels: found.length,
    of: sentinels.length,
    conversion: page.text('conversion'),
    ocrMode: page.text('ocrMode'),
    seconds: page.number('seconds'),
  }
}

function wrongText(pages: Page[], observed: Observed): string[] {
  const faults = pages.flatMap((page) => {
    const name = `The ${page.kind} page`
    if (page.conversion !== 'success') return [`${name} ended with ${page.conversion}.`]
    if (page.recall < RECALL) return [`${name} came out with a recall of ${page.recall}, below ${RECALL}.`]
    return page.sentinels < SENTINELS ? [`${name} holds ${page.sentinels} of ${page.of} sentinel words of this run.`] : []
  })
  if (pages.length !== 2) faults.push(`Two pages were made, ${pages.length} came back.`)
  const input = observed.inside('input')
  if (observed.at('input') === null || observed.at('input') === undefined) return faults
  if (input.text('conversion') !== 'success' || (input.number('characters') ?? 0) === 0) {
    faults.push(`${input.text('file')} gave no text: ${input.text('conversion')}.`)
  }
  return faults
}

function pageText(page: Page): string {
  return `${page.kind} page recall ${page.recall}, sentinels ${page.sentinels} of ${page.of}`
}

function metricsOf(observed: Observed, parts: Part[], pages: Page[], faults: string[]): Record<string, unknown> {
  const times = pages.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]))
  return {
    path: faults.length === 0 ? 'pass' : 'fail',
    secondsPerPage:
      times.length === 0 ? null : Math.round((times.reduce((sum, one) => sum + one, 0) / times.length) * 1000) / 1000,
    pages,
    parts: Object.fromEntries(parts.map(({ name, ...part }) => [name, part])),
    gpu: observed.at('gpu', 'name') ?? null,
    ocrEngine: observed.text('ocr', 'engine'),
    tableGrid: observed.at('table', 'grid') ?? null,
    regions: observed.list('layout', 'detections'),
    seconds: observed.at('seconds') ?? {},
    seed: observed.number('seed'),
    input: observed.at('input') ?? null,
    versions: observed.at('versions') ?? {},
  }
}
