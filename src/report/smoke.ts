import type { SmokeResult } from '../model/smoke.ts'
import { hanging, painter, plain } from './text.ts'

const WORD = { pass: 'PASS', fail: 'FAIL', blocked: 'BLOCKED' }

/** Verdicts for people. "Works" is said only of a pass; everything else names what was not proved. */
export function smokeText(results: readonly SmokeResult[], width: number, colour: boolean): string {
  const paint = painter(colour)
  const lines = results.flatMap((r) => {
    const weights = r.device === 'none' || r.name === 'torch' ? '' : r.model === 'real' ? ', real weights' : ', stand-in weights'
    const head = `${WORD[r.verdict]}  ${r.name} on ${plain(r.device)}${weights}, ${r.seconds} s`
    return [
      r.verdict === 'pass' ? paint.bold(head) : r.verdict === 'blocked' ? paint.warn(head) : paint.bad(head),
      ...r.reason.split('\n').flatMap((line) => hanging('      ', plain(line), width)),
      ...(r.verdict === 'pass' ? [] : hanging('      expected: ', plain(r.expected), width)),
      ...(r.verdict === 'pass' ? [] : hanging('      found:    ', plain(r.actual), width)),
    ]
  })
  return `${lines.join('\n')}\n`
}

export const smokeJson = (results: readonly SmokeResult[]): object => ({ formatVersion: '1.0', command: 'smoke', results })

/** 1 when something failed, 2 when something could not be proved, else 0. */
export const smokeExit = (results: readonly Pick<SmokeResult, 'verdict'>[]): number =>
  results.some((r) => r.verdict === 'fail') ? 1 : results.some((r) => r.verdict === 'blocked') ? 2 : 0
