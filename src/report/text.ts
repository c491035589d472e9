/** How loud a piece of text is. Colour only ever repeats what the words say. */
export type Paint = {
  bold: (text: string) => string
  dim: (text: string) => string
  warn: (text: string) => string
  bad: (text: string) => string
}

/** ANSI styles, or none at all. */
export function painter(colour: boolean): Paint {
  const style =
    (open: number, close: number) =>
    (text: string): string =>
      colour ? `\u001B[${open}m${text}\u001B[${close}m` : text
  return { bold: style(1, 22), dim: style(2, 22), warn: style(33, 39), bad: style(31, 39) }
}

/**
 * Text from outside (a recipe, a path, a tool) without escape sequences and control characters, so that it can neither move the
 * cursor nor hide a line.
 */
export function plain(text: string): string {
  return text.replaceAll(SEQUENCE, '').replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim()
}

/** The same for a text of several lines, which keep their indent. */
export const plainLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => `${/^ */.exec(line)![0]}${plain(line)}`)
    .join('\n')

/** What terminals take as one command: colours and cursor moves (CSI), titles and links (OSC). */
const SEQUENCE = /\u001B\[[0-?]*[ -/]*[@-~]|\u001B\][^\u0007\u001B]*(?:\u0007|\u001B\\)/g

/** Breaks text at blanks into lines of at most `width` characters. A word that is longer, such as a path, stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/ +/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Wrapped text behind a first prefix; the following lines are indented as far. */
export function hanging(prefix: string, text: string, width: number): string[] {
  const indent = ' '.repeat(prefix.length)
  return wrap(text, Math.max(20, width - prefix.length)).map((line, index) => `${index === 0 ? prefix : indent}${line}`)
}

/** Rows with their columns lined up, two blanks between them; the last column wraps within `width`. */
export function table(rows: readonly (readonly string[])[], width: number, indent = ''): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length)) - 1
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.flatMap((row) => {
    const cells = widths.map((wide, column) => `${(row[column] ?? '').padEnd(wide)}  `)
    const prefix = `${indent}${cells.join('')}`
    return hanging(prefix, row[columns] ?? '', width).map((line) => line.trimEnd())
  })
}
