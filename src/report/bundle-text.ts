import { bytesText } from '../model/units.ts'
import type { Report } from './bundle.ts'
import { hanging, plain } from './text.ts'

const HAND_ON = 'Look through it, then hand it on yourself.'
const KEEP = 'It is for your own eyes: gb10 report makes one to hand on.'

/** For people: where the bundle and the page are and what was replaced, or why there is none. */
export function reportText(report: Report, width: number, redacted = true): string {
  if (report.refused.length > 0)
    return `${[
      ...hanging('', 'Nothing was written: something in the bundle should have been replaced and was not.', width),
      ...report.refused.flatMap(({ path, rule }) => hanging('  - ', `${plain(path)}: ${rule}`, width)),
      ...hanging('', 'The values are not shown. Please report the rule and the file as a bug of gb10.', width),
    ].join('\n')}\n`
  const total = report.redactions.reduce((sum, { count }) => sum + count, 0)
  const rules = report.redactions.map(({ rule, count }) => `${rule} ${count}`).join(', ')
  return `${[
    ...writtenLine(report, `${report.files.length} files`),
    ...(report.html === null ? [] : writtenLine(report.html, 'a page for the browser')),
    ...hanging('Replaced: ', total === 0 ? 'nothing' : `${total} (${rules})`, width),
    ...(report.leftOut.length === 0
      ? []
      : hanging('Facts that differ from the machine itself: ', report.leftOut.join(', '), width)),
    ...hanging('', `It was not sent anywhere. ${redacted ? HAND_ON : KEEP}`, width),
  ].join('\n')}\n`
}

const writtenLine = ({ path, bytes }: Pick<Report, 'path' | 'bytes'>, what: string): string[] =>
  path === null ? [] : [`${path}, ${bytesText(bytes)}, ${what}, readable by you alone`]

/** Every byte of a bundle as a person can read it, file by file: what a terminal would obey or hide stands there as an escape. */
export const wholeText = (files: ReadonlyMap<string, string>): string =>
  [...files]
    .map(
      ([name, text]) =>
        `===== ${name} (${Buffer.byteLength(text)} bytes) =====\n${visible(text)}${text.endsWith('\n') || text === '' ? '' : '\n'}\n`,
    )
    .join('')

const visible = (text: string): string =>
  text.replaceAll(/(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu, (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`)
