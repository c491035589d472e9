import { AREAS, type Problem } from '../model/problem.ts'

/** Problems that a machine can show, causes before what they explain (`after`); a circle is cut where it closes. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const byId = new Map(problems.map((problem) => [problem.id, problem]))
  const done = new Set<string>()
  const ordered: Problem[] = []
  const visit = (problem: Problem): void => {
    if (done.has(problem.id)) return
    done.add(problem.id)
    for (const id of problem.after) {
      const before = byId.get(id)
      if (before) visit(before)
    }
    ordered.push(problem)
  }
  problems.forEach(visit)
  return ordered.filter(isJudged)
}

/** Whether a problem has a machine side; the others are only seen in logs. */
export const isJudged = ({ fail, warn, note, unsure }: Problem): boolean =>
  [fail, warn, note, unsure].some((side) => side !== null)

/** The order in which verdicts are shown: by area, then by id. */
export const byArea = (one: { area: string; id: string }, other: { area: string; id: string }): number =>
  AREAS.indexOf(one.area as never) - AREAS.indexOf(other.area as never) || (one.id < other.id ? -1 : 1)
