import type { SmokeResult } from '../model/smoke.ts'
import { cameLines, executedJson, executedText } from './executed.ts'
import { smokeText } from './smoke.ts'
import { hanging } from './text.ts'

type Ran = Parameters<typeof executedText>[0]

/** The end of `gb10 up` for people. It says "works" only when every proof passed. */
export function upText(ran: Ran, results: SmokeResult[], recipes: string[], width: number, colour: boolean): string {
  if (ran.failed || ran.stopped) return executedText(ran, recipes, width)
  const proved = results.filter((r) => r.verdict === 'pass').map((r) => `${r.name} on ${r.device}`)
  const open = results.filter((r) => r.verdict !== 'pass').map((r) => r.name)
  const summary = open.length === 0 && proved.length > 0
    ? `It works: ${proved.join(', ')}.`
    : `Set up, but not proved: ${open.join(', ') || recipes.join(', ')}.${proved.length > 0 ? ` Proved: ${proved.join(', ')}.` : ''}`
  return `${[
    smokeText(results, width, colour).trimEnd(),
    '',
    ...hanging('', summary, width),
    ...recipes.map((name) => `Use it:       gb10 run ${name} -- python`),
    'Look at it:   gb10 status',
    'Take it back: gb10 uninstall',
    ...cameLines(ran.came, width),
  ].join('\n')}\n`
}

/** The same for programs: an `apply` document with the proofs beside it. */
export const upJson = (ran: Ran, results: SmokeResult[], recipes: string[], profile: string | null): object => ({
  ...executedJson('up', ran, recipes), profile, smoke: results,
})
