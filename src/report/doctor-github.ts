import type { Health, Verdict } from '../model/verdict.ts'
import { failuresOf, lineOf, withStatus } from './doctor-words.ts'
import { plain } from './text.ts'

/** A step shows ten annotations of a type and drops the rest unseen. */
const MOST = 10
const TITLE = 'gb10 doctor'

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

const LEVEL = { error: 'error', warning: 'warning', info: 'notice' } as const
type Level = (typeof LEVEL)[keyof typeof LEVEL]
const levelOf = ({ status, severity }: Verdict): Level =>
  status === 'fail' ? LEVEL[severity] : status === 'waived' ? 'notice' : 'warning'
/** `short`: what is left of it where there is no room. */
type Annotation = { level: Level; title: string; message: string; short: string }

/**
 * Workflow commands that GitHub shows as annotations: failures, what had to be told and could not, what is waived, and remarks,
 * such as that a waiver ends soon. Of each type at most ten, the last of which counts what is left out.
 */
export function doctorGithub({ results, notes }: Health): string {
  const verdicts = [
    ...failuresOf(results),
    ...withStatus(results, 'unknown').filter(({ required }) => required),
    ...withStatus(results, 'waived'),
  ]
  const shown: Annotation[] = [
    ...verdicts.map((one) => ({ level: levelOf(one), title: one.id, message: messageOf(one), short: one.id })),
    ...notes.map(plain).map((note) => ({ level: 'warning' as const, title: TITLE, message: note, short: note })),
  ]
  const lines = (['error', 'warning', 'notice'] as const).flatMap((level) => {
    const all = shown.filter((one) => one.level === level)
    const first = all.length > MOST ? all.slice(0, MOST - 1) : all
    const rest = all.slice(first.length).map(({ short }) => short)
    const more = rest.length === 0 ? [] : [{ title: TITLE, message: `${rest.length} more: ${rest.join(' ')}` }]
    return [...first, ...more].map(({ title, message }) => `::${level} title=${property(title)}::${data(message)}`)
  })
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

const messageOf = (verdict: Verdict): string => {
  if (verdict.status === 'waived') return plain(lineOf(verdict))
  const { text, commands } = verdict.remedy
  return [lineOf(verdict), text, ...commands.map((command) => `$ ${command}`)]
    .map(plain)
    .filter((line) => line !== '')
    .join('\n')
}
