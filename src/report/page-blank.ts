import type { Detection, Gpu, Verdict3 } from '../model/machine.ts'
import { STATUSES, type Severity, type Verdict } from '../model/verdict.ts'
import { pageOf } from './page.ts'

/**
 * Pages that between them hold every word and every piece of markup of gb10's own, and nothing of a machine: a user who is called
 * like one of them must not be found in each page.
 */
export function blankPages(detection: Detection): string[] {
  const results = STATUSES.flatMap((status) => SEVERITIES.map((severity) => verdict(status, severity)))
  const page = (one: Detection, redacted: boolean, rules: { rule: string; count: number }[]): string => {
    const log = rules.length === 0 ? '' : '-'
    return pageOf({ detection: one, results, log, redaction: { rules, leftOut: ['-'], redacted }, at: '', version: '' })
  }
  return [
    page(detection, true, []),
    page(detection, false, []),
    ...(['yes', 'no', 'unknown'] as const).map((dgxSpark) => page(known(detection, dgxSpark), true, [{ rule: '-', count: 1 }])),
  ]
}

/** A machine of which everything is known that has words of its own on the page. */
const known = (nothing: Detection, dgxSpark: Verdict3): Detection => ({
  ...nothing,
  machine: { dgxSpark, product: '-', vendor: '-', evidence: [{ source: '-', text: '-' }] },
  gpus: [
    { computeCapabilityFrom: 'name', memoryMiB: 1, memoryStatus: 'ok' } as Gpu,
    { memoryMiB: null, memoryStatus: 'unsupported' } as Gpu,
  ],
  driver: { version: '-', cuda: '-', module: 'loaded', flavour: 'open', library: '-' },
  toolkits: [{ version: '-', path: '-', default: true }],
  os: { ...nothing.os, pretty: '-', dgxOs: '-', l4t: '-', wsl: true },
  memTotalKiB: 1e6,
  cpu: { models: ['-'], logical: 1 },
})

const SEVERITIES: Severity[] = ['error', 'warning', 'info']

const verdict = (status: Verdict['status'], severity: Severity): Verdict => ({
  id: '-',
  area: 'platform',
  title: '-',
  severity,
  status,
  reason: null,
  required: false,
  confidence: 'A',
  expected: null,
  actual: '-',
  why: '-',
  remedy: { text: '-', commands: ['-'], recipe: '-', risk: 'high', reboot: true },
  references: [{ url: 'https://-/', claim: null, checked: '' }],
  until: null,
  ms: 0,
})
