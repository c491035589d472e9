import type { Waiver } from '../model/verdict.ts'
import { CatalogError } from './issue.ts'
import { list, need, object, orElse, readText, saysNothing } from './reader.ts'
import { day, slug, text } from './scalars.ts'

const waivers = object<{ waivers: Waiver[] }>({
  waivers: orElse(list(object<Waiver>({ id: need(slug), reason: need(text), expires: need(day) })), []),
})

/** Failures that the user accepts for a time: `waivers: [{id, reason, expires}]`, all three required. @throws CatalogError */
export function parseWaivers(yaml: string, file: string): Waiver[] {
  if (saysNothing(yaml)) return []
  const read = readText(yaml, file, waivers)
  if ('errors' in read) throw new CatalogError(read.errors)
  return read.value.waivers
}
