/**
 * A document for programs. What a terminal would obey or hide (C1 controls, marks that turn the direction of text) is written as
 * an escape, which means the same to whoever reads JSON.
 */
export const jsonText = (document: object): string =>
  `${JSON.stringify(document, null, 2).replaceAll(/[\u007F-\u009F\u2028\u2029]|\p{Cf}/gu, escaped)}\n`

const escaped = (letter: string): string =>
  letter.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
