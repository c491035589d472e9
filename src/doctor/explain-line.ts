const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const CLOCK = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`

/** What programs put before a message: one after the other is taken off until none is left. */
const PREFIXES = [
  String.raw`\s+`,
  String.raw`[│┃║╎┆╭╰├└─━»×•>*]{1,9}\s`,
  String.raw`\[?\d{4}[-/]\d\d[-/]\d\d[T ]${CLOCK}(?:Z|[+-]\d\d:?\d\d)?\]?[:,]?(?=\s|$)`,
  String.raw`\[?${CLOCK}\]?(?=\s)`,
  String.raw`${MONTH}\s{1,2}\d{1,2} (?:\d{4} )?${CLOCK} \S{1,64} [\w./@-]{1,64}(?:\[\d+\])?:(?=\s)`,
  String.raw`\[(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[^\]]{10,30}\](?=\s)`,
  String.raw`\[\s{0,8}\d{1,9}\.\d{6}\](?=\s)`, // kernel log
  String.raw`<\d{1,3}>`,
  String.raw`[\w.-]{1,64}\s{1,32}\|(?=\s|$)`, // compose
  String.raw`\((?:[\w:.-]{1,64}\s{1,3})?pid=\d+(?:, ip=[\w.:-]{1,64})?\)(?=\s|$)`, // Ray, vLLM
  String.raw`\[(?:rank\s?\d+|default\d+|\d+,\d+)\](?:<std(?:err|out)>)?:?`, // torchrun, mpirun
  String.raw`std(?:err|out) [FP](?=\s|$)`, // containerd's files, after the time
  String.raw`\[?(?:pod|service|container)/[\w.-]{1,64}(?:/[\w.-]{1,64})?\]?(?=\s)`, // kubectl
  String.raw`(?:DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL)\s{1,4}\d\d-\d\d ${CLOCK}(?: \[[\w./-]{1,64}:\d+\])?(?=\s|$)`, // vLLM
  String.raw`[IWEF]\d{4} ${CLOCK}\s{1,8}\d+ [\w./-]{1,64}:\d+\](?=\s|$)`, // glog
  String.raw`#\d{1,4}(?: \d{1,5}\.\d{1,3})?(?=\s)`, // buildkit
  String.raw`(?:\d\.\d{3}|\d\d\.\d\d|\d{3,5}\.\d)(?=\s)(?!\s{0,2}[kKMGT]i?B\b)`, // buildkit, at the end of a failed build
  String.raw`E\s{2,12}(?=\S)`, // pytest
  String.raw`##\[\w{1,16}\]|::\w{1,16}::`, // GitHub Actions
]
const PREFIX = new RegExp(`^(?:${PREFIXES.join('|')})`)
const MOST_PREFIXES = 12

/** A line without what a logger, a container or a test runner put before the message. */
export function message(line: string): string {
  let rest = line
  for (let count = 0; count < MOST_PREFIXES; count += 1) {
    const found = PREFIX.exec(rest)
    if (found === null || found[0] === '') break
    rest = rest.slice(found[0].length)
  }
  return rest.replace(/\s*[│┃║]?\s*$/, '')
}

const NAMED: Record<string, string> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&', nbsp: ' ' }

/** What is left of a colour when a form dropped the escape character. */
const LOST_COLOUR = /\[\d{1,3}(?:;\d{1,3}){0,5}m/

/** Takes back what JSON, a web page or `cat -v` did to a text: \" \n \u0027 &quot; and written-out colours. */
export function unescaped(text: string): string {
  let plain = text
  if (plain.includes('\\')) {
    plain = plain
      .replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
      .replaceAll(/\\(?:x1b|x1B|033|e)(?=\[)/g, '\u001B')
      .replaceAll(/\\[nrt](?![\w/])|\\[nrt](?=[A-Z \\])/g, ' ')
  }
  if (plain.includes('^[[')) plain = plain.replaceAll('^[[', '\u001B[')
  if (plain.includes('\u001B')) plain = plain.replaceAll(/\u001B\[[\d;:?]*[A-Za-z]?/g, '')
  if (LOST_COLOUR.test(plain)) plain = plain.replaceAll(new RegExp(LOST_COLOUR, 'g'), '')
  if (plain.includes('&')) {
    plain = plain.replaceAll(
      /&(?:#(\d{1,5})|#x([0-9a-fA-F]{1,4})|(quot|apos|lt|gt|amp|nbsp));/g,
      (_, decimal?: string, hex?: string, name?: string) =>
        name === undefined
          ? String.fromCharCode(decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal))
          : NAMED[name]!,
    )
  }
  return plain
}

/** For every UTF-16 unit what stands for it in a comparison; 0 = nothing. Letters are small, quotes of one kind, dashes too. */
const FOLD = folding()

function folding(): Uint16Array {
  const fold = new Uint16Array(0x10000)
  for (let code = 0x21; code < 0x10000; code += 1) fold[code] = code
  for (let code = 0x41; code <= 0x5a; code += 1) fold[code] = code + 32
  const set = (letters: string, code: number): void => {
    for (const letter of letters) fold[letter.charCodeAt(0)] = code
  }
  set('"`´‘’‚‛“”„‟′″', 0x27)
  set('‐‑‒–—―−', 0x2d)
  set('\\\u00A0\u00AD\u1680\u200B\u200C\u200D\u200E\u200F\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF\uFFFD', 0)
  for (let code = 0x7f; code <= 0x9f; code += 1) fold[code] = 0
  for (let code = 0x2000; code <= 0x200a; code += 1) fold[code] = 0
  return fold
}

/** A text as it is compared: no blanks, no difference between kinds of quotes, dashes and cases. `at` leads back to the text. */
export type Folded = { text: string; at: Int32Array }

const QUOTE = 0x27

/** Folds a text. Blanks do not count, so that a line that a terminal wrapped is the same as the whole one. */
export function folded(text: string): Folded {
  const codes = new Uint16Array(text.length)
  const at = new Int32Array(text.length)
  let size = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = FOLD[text.charCodeAt(index)]!
    if (code === 0 || (code === QUOTE && size > 0 && codes[size - 1] === QUOTE)) continue
    codes[size] = code
    at[size] = index
    size += 1
  }
  return { text: DECODER.decode(codes.subarray(0, size)), at: at.subarray(0, size) }
}

const DECODER = new TextDecoder('utf-16le', { ignoreBOM: true })
