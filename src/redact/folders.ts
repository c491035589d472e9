import type { Rule } from './model.ts'

const NAME = String.raw`[^\s/\\"':,;*()[\]{}<>]{1,64}`
const HOME = String.raw`(?:\/home\/user-\d{1,6}|\/home-\d{1,6}|\/media\/user-\d{1,6}|(?<![\w.-])\/root)`
const VERSION = /^(?:v|cu|py|cp|python|lib)?\d*(?:t|rc\d*)?$/
/** What lies in a package's folder is the package's, and packages are left out before where they are not known. */
const IN_PACKAGES = /\/(?:site|dist)-packages\/(?:[^/\s]{1,64}\/){0,3}$/

/** Whether a name holds a part, between dots, dashes and underscores, that is neither a known word nor a version. */
export const telling = (name: string, known: ReadonlySet<string>): boolean =>
  name.split(/[-_.+]+/).some((part) => !VERSION.test(part.toLowerCase()) && !known.has(part.toLowerCase()))

/**
 * Names of folders and files below a home that has its token already: `/home/user-1/customer/.venv`. `known`: the words that such
 * a name may consist of.
 */
export const folderRule = (known: ReadonlySet<string>): Rule => ({
  name: 'folder',
  kind: 'folder',
  // A name with a star is a pattern of gb10's own; models are replaced by their whole name.
  accept: (value, before, after) =>
    !after.startsWith('*') && !value.startsWith('models--') && !IN_PACKAGES.test(before) && telling(value, known),
  pattern: new RegExp(String.raw`\/(?<=${HOME}(?:\/${NAME}){0,16}\/)(?<id>${NAME})`, 'dg'),
})
