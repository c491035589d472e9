import type { Health, Verdict } from '../model/verdict.ts'
import { failuresOf, lineOf, withStatus } from './doctor-words.ts'
import { plain } from './text.ts'

/** A step shows ten annotations of a type and drops the rest unseen. */
const MOST = 10

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

const LEVEL = { error: 'error', warning: 'warning', info: 'notice' } as const
type Level = (typeof LEVEL)[keyof typeof LEVEL]
const levelOf = ({ status, severity }: Verdict): Level => (status === 'fail' ? LEVEL[severity] : 'warning')

/** Workflow commands that GitHub shows as annotations; of each type at most ten, the last of which counts what is left out. */
export function doctorGithub({ results }: Health): string {
  const shown = [...failuresOf(results), ...withStatus(results, 'unknown').filter(({ required }) => required)]
  const lines = (['error', 'warning', 'notice'] as const).flatMap((level) => {
    const all = shown.filter((verdict) => levelOf(verdict) === level)
    const first = all.length > MOST ? all.slice(0, MOST - 1) : all
    const rest = all.slice(first.length)
    const more =
      rest.length === 0
        ? []
        : [`::${level} title=gb10 doctor::${data(`${rest.length} more: ${rest.map(({ id }) => id).join(' ')}`)}`]
    return [...first.map((verdict) => `::${level} title=${property(verdict.id)}::${data(messageOf(verdict))}`), ...more]
  })
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

const messageOf = (verdict: Verdict): string => {
  const { text, commands } = verdict.remedy
  return [lineOf(verdict), text, ...commands.map((command) => `$ ${command}`)]
    .map(plain)
    .filter((line) => line !== '')
    .join('\n')
}
