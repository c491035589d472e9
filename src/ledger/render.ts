import { unvouched } from '../model/came.ts'
import type { OpState } from '../model/ledger.ts'
import type { Anchor } from './read.ts'

/** The machine's own SYSTEM_CHANGES.md: what gb10 changed here, rendered from the ledger. Never read back. */
export function renderChanges(ops: readonly OpState[], head: Anchor): string {
  const live = ops.filter((op) => op.status !== 'gone')
  const kept = ops.flatMap((op) => op.kept.map((k) => `- ${k.path}: ${k.reason}${k.savedCopy ? ` (see ${k.savedCopy})` : ''}`))
  const recipes = [...new Set(live.flatMap((op) => op.refs))].sort()
  const sections = recipes.flatMap((recipe) => [
    `## ${recipe}`,
    '',
    ...live.filter((op) => op.refs.includes(recipe)).flatMap(lines),
    '',
    `Take it back with: \`gb10 undo ${recipe}\``,
    '',
  ])
  return [
    '# What gb10 changed on this machine',
    '',
    `Rendered from the ledger at record ${head.seq} (${head.hash.slice(0, 12)}). Everything below goes with \`gb10 uninstall\`.`,
    '',
    ...(live.length === 0 ? ['Nothing is set up.', ''] : sections),
    ...(kept.length > 0 ? ['## Kept for you', '', ...kept, ''] : []),
  ].join('\n')
}

function lines(op: OpState): string[] {
  const where = 'path' in op.want ? ` at \`${op.want.path}\`` : ''
  const state = op.status === 'live' ? '' : ` (${op.status === 'open' ? 'not finished' : 'being taken back'})`
  const licence = op.want.kind === 'download' && op.want.licence !== null ? `; licence ${op.want.licence}` : ''
  const came = unvouched(op).map(({ name, sha256 }) => `  - \`${name}\` came with sha256 ${sha256}, for which there was no reference; it is held from now on`)
  return [`- ${op.summary}${where}; ${op.at}; undo: ${op.reversible}${state}${licence}`, ...came]
}
