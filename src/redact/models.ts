import type { RedactionData } from './model.ts'

/** What a tag of the public library is made of: sizes, quantisations, versions and a few words; anything else somebody thought of. */
const TAG =
  /^(?:[a-z]{0,2}\d+(?:\.\d+)?(?:x\d+)?[a-z]?|q\d(?:_\w{1,2}){0,2}|[bf]p?f?16|f32|mxfp\d|nvfp\d|latest|cloud|instruct|it|qat|chat|text|base|code|vision|thinking|preview|mini|medium|small|large|tiny|k|m|s)$/

/** Models whose names tell nothing about their user: those that checks ask for, and Ollama's public library with its own tags. */
export function isPublic(value: string, { models, library }: Pick<RedactionData, 'models' | 'library'>): boolean {
  const name = value.toLowerCase()
  const [base = '', tag = 'latest'] = name.split(':')
  return models.has(name.replace('--', '/')) || (library.has(base) && tag.split(/[-_]/).every((part) => TAG.test(part)))
}
