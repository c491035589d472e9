import type { SmokeData, SmokeDemand, SmokeVerdict } from '../model/smoke.ts'
import { errorLine, missingPiece } from './judge-needs.ts'
import type { Observed } from './judge-observed.ts'
import { demandText, type Judgement } from './judge-terms.ts'

// A product of 512 x 512 normal values: a right one is off by about 1e-4, one by a wrong kernel by more than 1.
const MATMUL_TOLERANCE = 0.02
const NAMES = ['matmul', 'nvrtc', 'compile', 'nms']

type SubCheck = { verdict: SmokeVerdict; why: string; device: string; seconds: number | null }

/** Judges torch.py: every sub-check ran on the demanded device with the right number, and the wheels are the promised build. */
export function judgeTorch(observed: Observed, demand: SmokeDemand, data: SmokeData): Judgement {
  const device = observed.text('device')
  const wanted = demand.device === 'auto' ? (observed.at('cuda', 'available') === true ? 'cuda' : 'cpu') : demand.device
  const checks = Object.fromEntries(
    NAMES.flatMap((name) => {
      // NVRTC compiles for a GPU: on a CPU there is nothing to ask.
      if (name === 'nvrtc' && wanted === 'cpu') return []
      return [[name, subCheck(name, observed, wanted, data)]]
    }),
  )
  const results = Object.entries(checks)
  const promise = brokenPromise(observed, demand)
  const failed = results.filter(([, check]) => check.verdict === 'fail').map(([name, check]) => `${name}: ${check.why}`)
  const blocked = results.filter(([, check]) => check.verdict === 'blocked').map(([name, check]) => `${name}: ${check.why}`)
  const faults = promise === null ? failed : [promise, ...failed]
  const verdict = faults.length > 0 ? 'fail' : blocked.length > 0 ? 'blocked' : 'pass'
  const good = `${results.map(([name]) => name).join(', ')} gave the right results on ${device} (${observed.text('deviceName')}).`
  const metrics = {
    checks,
    deviceName: observed.text('deviceName'),
    cuda: observed.at('cuda') ?? null,
    torchvision: observed.at('torchvision') ?? null,
    versions: observed.at('versions') ?? {},
  }
  return {
    verdict,
    reason: verdict === 'pass' ? good : [...faults, ...blocked].join(' '),
    device,
    model: 'real',
    metrics,
    expected: expectation(demand),
    actual: `${device}; ${builds(observed)}`,
  }
}

function subCheck(name: string, observed: Observed, wanted: string, data: SmokeData): SubCheck {
  const seen = observed.inside('checks', name)
  const result = { device: seen.text('device'), seconds: seen.number('seconds') }
  if (seen.at('ran') !== true) {
    const missing = missingPiece(seen.at('error'), observed, data.needs)
    if (missing !== null)
      return { ...result, verdict: 'blocked', why: `${missing.what} is missing. Install it: ${missing.command}` }
    return { ...result, verdict: 'fail', why: errorLine(seen.at('error')) || 'it did not run.' }
  }
  if (!result.device.startsWith(wanted)) return { ...result, verdict: 'fail', why: `ran on ${result.device}, not on ${wanted}.` }
  const wrong = wrongNumber(name, seen)
  return wrong === null ? { ...result, verdict: 'pass', why: 'right' } : { ...result, verdict: 'fail', why: wrong }
}

function wrongNumber(name: string, seen: Observed): string | null {
  if (name === 'matmul') {
    const error = seen.number('maxAbsError')
    return error !== null && error <= MATMUL_TOLERANCE ? null : `differs from the CPU's product by ${error ?? 'no number'}.`
  }
  if (name === 'nms') {
    const [kept, expected] = [JSON.stringify(seen.list('kept')), JSON.stringify(seen.list('expected'))]
    return kept === expected ? null : `kept ${kept} instead of ${expected}.`
  }
  const [value, expected] = [seen.number('value'), seen.number('expected')]
  if (value === null || expected === null || Math.abs(value - expected) > 1e-3)
    return `gave ${value ?? 'no number'} instead of ${expected}.`
  if (name === 'compile' && (seen.number('kernels') ?? 0) < 1) return 'made no kernel: the function was not compiled.'
  return null
}

function brokenPromise(observed: Observed, demand: SmokeDemand): string | null {
  if (demand.torch === undefined) return null
  const { cuda, archs } = demand.torch
  const version = observed.text('cuda', 'version')
  if (!version.startsWith(cuda)) return `torch is built for ${version === '' ? 'no CUDA' : `CUDA ${version}`}, not for ${cuda}x.`
  const listed = observed.list('cuda', 'archList').map(String)
  if (!archs.some((arch) => listed.includes(arch)))
    return `torch holds code for ${listed.join(' ')}, but for none of ${archs.join(' ')}.`
  return null
}

function expectation(demand: SmokeDemand): string {
  const wheels = demand.torch === undefined ? '' : `; CUDA ${demand.torch.cuda}x with ${demand.torch.archs.join(' or ')}`
  return `right results on ${demandText(demand)}${wheels}`
}

function builds(observed: Observed): string {
  const cuda = observed.text('cuda', 'version')
  const vision = observed.text('torchvision', 'version')
  const torch = `torch ${observed.text('versions', 'torch')} (${cuda === '' ? 'no CUDA' : `CUDA ${cuda}`})`
  return `${torch}, torchvision ${vision === '' ? 'not loaded' : vision}`
}
