/** A word of a message. `form` is how it is compared: versions and addresses are all alike. `at` and `end` are its place. */
export type Token = { form: string; at: number; end: number }

const WORD = /[A-Za-z0-9_]+(?:[.+\-/:@][A-Za-z0-9_]+)*/g

/** The words of a text, without what stands between them. */
export function tokens(text: string): Token[] {
  return [...text.matchAll(WORD)].map(({ 0: word, index }) => ({ form: formOf(word), at: index, end: index + word.length }))
}

/** A version of three parts or more, an address or a pointer does not tell messages apart; `sm_121`, `so.12` and `12.1` do. */
export function formOf(word: string): string {
  const small = word.toLowerCase()
  if (/^v?\d+(\.\d+){2,}[\w.+]*$/.test(small)) return '#version'
  if (/^0x[0-9a-f]+$/.test(small)) return '#hex'
  if (/^(pci:)?[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}(\.\d)?$/.test(small)) return '#pci'
  if (/^(gpu|rank|device|cuda:|gpu:|worker)\d+$/.test(small)) return small.replace(/\d+$/, '#')
  return small.replaceAll('-', '_')
}

/** Words that decide: with another number in it a message is about something else. */
export const isStrict = (form: string): boolean => /\d/.test(form) && !form.startsWith('#')

const NEGATIONS = new Set([
  'not',
  'no',
  'cannot',
  "can't",
  'never',
  'without',
  'unable',
  'failed',
  'fail',
  'disabled',
  'unsupported',
  'missing',
  'invalid',
  'unknown',
])
export const isNegation = (form: string): boolean => NEGATIONS.has(form)

/** Words that one release writes and the next leaves out. */
const COMMON = new Set(
  (
    'a an the this that these those is are was were be been being has have had do does did will would can ' +
    'could should may might must of for in on at to from with by as and or but if then than so it its your you ' +
    'we our i please try use using used when while which error warning warn info fatal critical debug note ' +
    'runtimeerror userwarning exception traceback valueerror importerror oserror current currently version ' +
    'found following only all any some new old already also there here see value name file line'
  ).split(' '),
)
export const isCommon = (form: string): boolean => form.startsWith('#') || COMMON.has(form)

/** How much a word tells. */
export function weightOf(form: string): number {
  if (isNegation(form)) return 1
  if (isCommon(form)) return 0.4
  return isStrict(form) || form.length >= 8 ? 1.5 : 1
}
