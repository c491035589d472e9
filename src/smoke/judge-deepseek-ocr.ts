import type { KnownModel, SmokeData, SmokeDemand } from '../model/smoke.ts'
import type { Observed } from './judge-observed.ts'
import { demandText, type Judgement } from './judge-terms.ts'
import { recall, tokens } from './judge-text.ts'

const RECALL = 0.9
const SENTINELS = 3
// Of nine cells, one may be misread.
const CELLS = 0.88
const COSINE = 0.99

/** Judges deepseek-ocr.py: did the published weights, on the demanded device, read this run's page and its table? */
export function judgeDeepseekOcr(observed: Observed, demand: SmokeDemand, data: SmokeData): Judgement {
  const variant = observed.text('variant') === 'v2' ? 'v2' : 'v1'
  const known = data.deepseekOcr[variant]
  const wanted = demand.device === 'auto' ? (observed.at('gpu', 'available') === true ? 'cuda' : 'cpu') : demand.device
  const loaded = observed.inside('loaded')
  const device = loaded.text('device')
  const page = readPage(observed)
  const standIn = isStandIn(loaded, known)
  const misplaced = device === '' || device.split(',').some((one) => !one.startsWith(wanted))
  const faults = [
    ...(misplaced ? [`The model ran on ${device || 'nothing'}, not on ${wanted}.`] : []),
    ...(standIn ? wrongPath(observed) : wrongPage(page)),
    ...wrongInput(observed),
  ]
  const path = faults.length > 0 ? 'fail' : 'pass'
  const end = {
    device: device || 'none',
    model: standIn ? 'stand-in' : 'real',
    metrics: metricsOf(observed, { path, page, standIn }, data),
    expected: `${known.name} on ${demandText(demand)}; recall ${RECALL}, ${SENTINELS} of 4 sentinels, ${CELLS} of the table`,
    actual: `${loaded.text('class') || 'nothing'} on ${device || 'nothing'}; ${page === null ? 'no page read' : pageText(page)}`,
  } as const
  if (faults.length > 0) return { ...end, verdict: 'fail', reason: faults.join(' ') }
  if (standIn) return { ...end, verdict: 'blocked', reason: notTried(observed, known, data, variant) }
  return { ...end, verdict: 'pass', reason: [`The page was read right on ${device}.`, ...speeds(observed, page, data)].join(' ') }
}

/** How long pages took, beside what others reported for this class of machine. */
function speeds(observed: Observed, page: Page | null, data: SmokeData): string[] {
  const own = page?.seconds === null || page === null ? [] : [`It took ${page.seconds} s.`]
  const times = pageTimes(observed)
  const file = observed.inside('input')
  const left = (file.number('total') ?? 0) - times.length
  const rest = left > 0 ? `; ${left} more were not reached in time` : ''
  const input = times.length === 0 ? [] : [`${file.text('file')}: ${times.join(', ')} s, page by page${rest}.`]
  const reported = data.deepseekOcr.speeds.filter(({ machine }) => observed.text('gpu', 'name').includes(machine))
  const others = reported.map(({ secondsPerPage, what, reported: at }) => `${secondsPerPage} s a page in ${at} (${what})`)
  return [...own, ...input, ...(others.length === 0 ? [] : [`Reported for such a machine: ${others.join('; ')}.`])]
}

const pageTimes = (observed: Observed): number[] =>
  observed.list('input', 'pages').flatMap((_, index) => observed.number('input', 'pages', index, 'seconds') ?? [])

/** The published code of v1 names the GPU itself: on a CPU there is nothing to try. */
export function noCpuPath(observed: Observed): Pick<Judgement, 'verdict' | 'reason' | 'actual'> {
  const where = observed.text('models', 'folder')
  const reason = `The code in ${where} runs on an NVIDIA GPU only: it calls .cuda() by itself. On a CPU, model=v2 can run.`
  return { verdict: 'blocked', reason, actual: 'no way to run on a CPU' }
}

/** A model counts as the published one by its exact size and, where a reference gives one, the hash of its weights. */
function isStandIn(loaded: Observed, known: KnownModel): boolean {
  if (loaded.number('parameters') !== known.parameters) return true
  const hashes = loaded.list('weights').map((_, index) => loaded.text('weights', index, 'sha256'))
  return known.sha256.length > 0 && !(hashes.length > 0 && hashes.every((hash) => known.sha256.includes(hash)))
}

type Page = {
  recall: number
  sentinels: number
  of: number
  cells: number
  seconds: number | null
  tokens: number | null
  read: boolean
}

function readPage(observed: Observed): Page | null {
  if (observed.list('pages').length !== 1) return null
  const page = observed.inside('pages', 0)
  const read = typeof page.at('text') === 'string'
  // Tables come as HTML or Markdown: what marks a cell is not part of its word.
  const text = page.text('text').replaceAll(/<[^<>]*>|\|/gu, ' ')
  const sentinels = page.list('sentinels').map(String)
  const out = new Set(tokens(text))
  const cells = page.list('table').flatMap((row) => (Array.isArray(row) ? row.map(String) : []))
  return {
    recall: rounded(recall(page.list('words').map(String), text)),
    sentinels: sentinels.filter((word) => tokens(word).every((token) => out.has(token))).length,
    of: sentinels.length,
    cells: rounded(recall(cells, text)),
    seconds: page.number('seconds'),
    tokens: page.number('tokens'),
    read,
  }
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000

function wrongPage(page: Page | null): string[] {
  if (page === null || !page.read) return ['The page of this run was not read.']
  if (page.recall < RECALL) return [`The page came out with a recall of ${page.recall}, below ${RECALL}.`]
  if (page.sentinels < SENTINELS) return [`The page holds ${page.sentinels} of ${page.of} sentinel words of this run.`]
  return page.cells < CELLS ? [`Of the table, ${page.cells} came out, below ${CELLS}.`] : []
}

/** What a stand-in can show: that it generated, and that the device computes what the CPU computes. */
function wrongPath(observed: Observed): string[] {
  const faults: string[] = []
  const made = observed.at('standIn', 'made') === true
  const read = typeof observed.at('pages', 0, 'text') === 'string'
  if (made ? (observed.number('standIn', 'tokens') ?? 0) < 1 : !read) faults.push('The stand-in generated nothing.')
  if (observed.at('agreement') === null || observed.at('agreement') === undefined) return faults
  const cosine = observed.number('agreement', 'cosine')
  if (cosine === null || cosine < COSINE) {
    const { on, against } = { on: observed.text('agreement', 'on'), against: observed.text('agreement', 'against') }
    faults.push(`The results on ${on} and on ${against} do not agree: cosine ${cosine ?? 'not a number'}, below ${COSINE}.`)
  }
  return faults
}

function wrongInput(observed: Observed): string[] {
  if (observed.at('input') === null || observed.at('input') === undefined) return []
  const input = observed.inside('input')
  const error = input.text('error', 'text').split('\n', 1)[0] ?? ''
  const page = `${input.text('file')}, page ${input.list('pages').length + 1}`
  if (input.at('error') !== null) return [`${page}: ${error}`]
  return input.list('pages').length === 0 ? [`${input.text('file')} has no page.`] : []
}

function notTried(observed: Observed, known: KnownModel, data: SmokeData, variant: string): string {
  const missing = observed.list('models', 'missing').map(String)
  const size = `${observed.number('loaded', 'parameters')} parameters, published ${known.parameters}`
  const instead =
    missing.length > 0
      ? `${observed.text('models', 'folder')} lacks ${missing.length > 3 ? `${missing.length} files` : missing.join(', ')}`
      : `the model there is not the published ${known.name} (${size})`
  const same = observed.at('standIn', 'sameArchitecture') === true
  const what = same ? 'A small random model of the same architecture' : `A small model of another architecture`
  const command = data.deepseekOcr.getModels.replaceAll('{variant}', variant)
  const own = variant === 'v1' && observed.at('standIn', 'made') === true ? ', with code of gb10, for the published code comes with its weights,' : ''
  const did = `${what}${own} loaded, ran and generated on ${observed.text('loaded', 'device')}${agreement(observed)}.`
  return `Real weights not tried: ${instead}. ${did} Get the real ones: ${command}`
}

function agreement(observed: Observed): string {
  const [on, against] = [observed.text('agreement', 'on'), observed.text('agreement', 'against')]
  if (on === '') return ''
  return on === against ? ', where there is no GPU to compare with the CPU' : `, and agreed with the CPU`
}

function pageText(page: Page): string {
  return `recall ${page.recall}, sentinels ${page.sentinels} of ${page.of}, table ${page.cells}`
}

function metricsOf(
  observed: Observed,
  { path, page, standIn }: { path: string; page: Page | null; standIn: boolean },
  data: SmokeData,
): Record<string, unknown> {
  const times = pageTimes(observed)
  const mean = times.length === 0 ? (page?.seconds ?? null) : times.reduce((sum, one) => sum + one, 0) / times.length
  return {
    path,
    variant: observed.text('variant'),
    // A stand-in's speed says nothing about the model's.
    secondsPerPage: standIn || mean === null ? null : rounded(mean),
    reported: data.deepseekOcr.speeds,
    page,
    loaded: observed.at('loaded') ?? null,
    agreement: observed.at('agreement') ?? null,
    memory: observed.at('memory') ?? null,
    gpu: observed.at('gpu', 'name') ?? null,
    seconds: observed.at('seconds') ?? {},
    seed: observed.number('seed'),
    input: observed.at('input') ?? null,
    versions: observed.at('versions') ?? {},
  }
}
