/** Text edits of the block and env-line kinds. Text is latin1-decoded bytes, so that any file goes through unharmed. Pure. */

const bytes = (text: string): string => Buffer.from(text).toString('latin1')

/** Our lines between two markers that carry the block's own name; a generic marker would match other tools' blocks. */
export const blockText = (name: string, lines: readonly string[]): string =>
  bytes([`# >>> gb10:${name} >>>`, ...lines, `# <<< gb10:${name} <<<`, ''].join('\n'))

/** The block at the end of a text, after the newline that the last line lacked, if it did. */
export function addBlock(text: string, name: string, lines: readonly string[]): { text: string; addedNewline: boolean } {
  const addedNewline = text !== '' && !text.endsWith('\n')
  return { text: `${text}${addedNewline ? '\n' : ''}${blockText(name, lines)}`, addedNewline }
}

export type Cut = { found: 'whole' | 'changed' | 'none'; text: string }

/**
 * Takes our block out of a text. `changed`: a marker is there but the block between is not ours any more; the text comes back as it was.
 * The newline that we added goes only while nothing was put behind the block: else two of the user's lines would become one. Nor
 * does it go where another block of ours stands before this one, which was made again behind it: then it is that block's.
 */
export function cutBlock(text: string, name: string, lines: readonly string[], addedNewline: boolean): Cut {
  const block = blockText(name, lines)
  const at = text.indexOf(block)
  const marked = text.includes(bytes(`# >>> gb10:${name} >>>`)) || text.includes(bytes(`# <<< gb10:${name} <<<`))
  const atLineStart = at === 0 || text[at - 1] === '\n'
  if (at < 0 || !atLineStart || text.indexOf(block, at + 1) >= 0) return { found: marked ? 'changed' : 'none', text }
  const before = text.slice(0, at)
  const after = text.slice(at + block.length)
  const added = addedNewline && after === '' && before.endsWith('\n') && !/(?:^|\n)# <<< gb10:[^\n]* <<<\n$/.test(before)
  const trimmed = added ? before.slice(0, -1) : before
  return { found: 'whole', text: trimmed + after }
}

const assigns = (line: string, name: string): boolean => line.startsWith(`${name}=`)

/** The line `name=value` instead of the last one that assigns the name, else at the end. */
export function setLine(text: string, name: string, value: string): { text: string; old: string | null; addedNewline: boolean } {
  const lines = text.split('\n')
  const at = lines.findLastIndex((line) => assigns(line, name))
  const wanted = bytes(`${name}=${value}`)
  if (at >= 0) {
    const old = lines[at]!
    return { text: lines.with(at, wanted).join('\n'), old, addedNewline: false }
  }
  const addedNewline = text !== '' && !text.endsWith('\n')
  return { text: `${text}${addedNewline ? '\n' : ''}${wanted}\n`, old: null, addedNewline }
}

/** Puts the old line back in place of ours, or takes ours out. `changed`: the name is assigned, but by another line than ours. */
export function unsetLine(text: string, name: string, value: string, old: string | null, addedNewline: boolean): Cut {
  const lines = text.split('\n')
  const wanted = bytes(`${name}=${value}`)
  const at = lines.lastIndexOf(wanted)
  if (at < 0) {
    const now = lines.findLast((line) => assigns(line, name))
    // The old line: put back already, by an undo that was killed before it could say so, or by hand.
    return { found: now === undefined || now === old ? 'none' : 'changed', text }
  }
  if (old !== null) return { found: 'whole', text: lines.with(at, old).join('\n') }
  const last = at === lines.length - 2 && lines.at(-1) === ''
  const rest = lines.toSpliced(at, 1).join('\n')
  return { found: 'whole', text: addedNewline && last && rest.endsWith('\n') ? rest.slice(0, -1) : rest }
}
