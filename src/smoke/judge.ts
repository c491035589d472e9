import type { SmokeData, SmokeDemand, SmokeResult, SmokeRun } from '../model/smoke.ts'
import { judgeDeepseekOcr, noCpuPath } from './judge-deepseek-ocr.ts'
import { judgeDocling } from './judge-docling.ts'
import { errorLine, missingPiece } from './judge-needs.ts'
import { lastDocument, type Observed } from './judge-observed.ts'
import { demandText, getModels, type Judgement } from './judge-terms.ts'
import { judgeTorch } from './judge-torch.ts'

const STDERR_LINES = 8

/** Turns what a smoke script observed into a verdict: only a right result of the real thing on the demanded device passes. */
export function judgeSmoke(run: SmokeRun, demand: SmokeDemand, data: SmokeData): SmokeResult {
  const observed = lastDocument(run.stdout)
  const judgement =
    observed === null ? crashed(run, demand) : (early(observed, demand, data) ?? judged(run.name, observed, demand, data))
  const { verdict, reason, device, model, metrics, expected, actual } = judgement
  const seconds = observed?.number('seconds', 'total') ?? run.seconds
  return { name: run.name, verdict, reason, device, model, metrics, expected, actual, seconds }
}

type Judge = (observed: Observed, demand: SmokeDemand, data: SmokeData) => Judgement

const JUDGES: Record<string, Judge> = { torch: judgeTorch, docling: judgeDocling, 'deepseek-ocr': judgeDeepseekOcr }

function judged(name: string, observed: Observed, demand: SmokeDemand, data: SmokeData): Judgement {
  const judge = Object.hasOwn(JUDGES, name) ? JUDGES[name] : undefined
  if (judge === undefined) throw new TypeError(`no judge for ${name}`)
  return judge(observed, demand, data)
}

function crashed(run: SmokeRun, demand: SmokeDemand): Judgement {
  const tail = run.stderr.trimEnd().split('\n').slice(-STDERR_LINES).join('\n')
  const ended = run.timedOut ? 'was stopped after its time limit' : `ended with ${run.exitCode ?? 'a signal'}`
  const reason = `${run.name}.py ${ended} and gave no result${tail === '' ? '.' : `:\n${tail}`}`
  const metrics = { exitCode: run.exitCode, timedOut: run.timedOut }
  return { verdict: 'fail', reason, device: 'none', model: 'real', metrics, expected: demandText(demand), actual: 'no result' }
}

/** The ends that come before anything was measured; null when the script ran through. */
function early(observed: Observed, demand: SmokeDemand, data: SmokeData): Judgement | null {
  const status = observed.text('status')
  if (status === 'ran') return null
  const end = {
    device: 'none',
    model: 'real',
    metrics: { versions: observed.at('versions') ?? {} },
    expected: demandText(demand),
  } as const
  const missing = missingPiece(observed.at('error'), observed, data.needs)
  if (missing !== null) {
    return {
      ...end,
      verdict: 'blocked',
      reason: `${missing.what} is missing. Install it: ${missing.command}`,
      actual: `no ${missing.what}`,
    }
  }
  if (status === 'no-device') {
    const why = errorLine(observed.at('cuda', 'error'))
    return {
      ...end,
      verdict: 'fail',
      reason: `PyTorch sees no CUDA device${why === '' ? '.' : `: ${why}`}`,
      actual: 'no CUDA device',
    }
  }
  if (status === 'no-cpu-path') return { ...end, ...noCpuPath(observed) }
  if (status === 'no-models') return { ...end, ...noModels(observed, data) }
  const what = status === 'missing-package' ? 'A package cannot be loaded' : 'The script stopped'
  return {
    ...end,
    verdict: 'fail',
    reason: `${what}: ${errorLine(observed.at('error'))}`,
    actual: errorLine(observed.at('error')),
  }
}

function noModels(observed: Observed, data: SmokeData): Pick<Judgement, 'verdict' | 'reason' | 'actual'> {
  const folder = observed.text('models', 'dir')
  const files = observed.list('models', 'missing').map(String)
  const command = getModels(observed, data)
  return {
    verdict: 'blocked',
    reason: `Models are missing in ${folder}: ${files.join(', ')}. Get them: ${command}`,
    actual: 'no models',
  }
}
