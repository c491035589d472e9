import type { Came, OpState } from './ledger.ts'

/** The files of a change that came without a hash of a reference to hold them against. */
export function unvouched({ want, post }: OpState): Came[] {
  if (want.kind !== 'download' || post === null) return []
  const open = new Set(want.files.filter(({ sha256 }) => sha256 === null).map(({ name }) => name))
  return (post as { came: Came[] }).came.filter(({ name }) => open.has(name))
}
