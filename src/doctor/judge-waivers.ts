import type { Waiver } from '../model/verdict.ts'

const DAY = 86_400_000
const WARN_DAYS = 14

/** Remarks about waivers: ended, ending within two weeks, or for an id that no check has. Days as `2026-11-20`. */
export function waiverNotes(waivers: readonly Waiver[], known: readonly string[], today: string): string[] {
  return waivers.flatMap(({ id, expires }) => {
    if (!known.includes(id)) return [`waiver for ${id}: no check has this id`]
    const left = Math.round((Date.parse(expires) - Date.parse(today)) / DAY)
    if (left < 0) return [`waiver for ${id} ended on ${expires}: it no longer counts`]
    return left <= WARN_DAYS ? [`waiver for ${id} ends on ${expires} (in ${left} days)`] : []
  })
}
