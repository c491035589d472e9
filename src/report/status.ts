import type { Status } from '../apply/status.ts'
import type { Verified } from '../apply/verify-objects.ts'
import { bytesText } from '../model/units.ts'
import { hanging, painter, plain } from './text.ts'

/** What is set up, for people. `found` is what `--verify` found; null when it was not asked for. */
export function statusText(status: Status, found: Verified | null, width: number, colour: boolean): string {
  const paint = painter(colour)
  const lines: string[] = []
  const sound = status.ledgers.every(({ ok }) => ok)
  const { atWork } = status
  if (status.recipes.length === 0 && sound && atWork !== null) lines.push('Nothing is set up yet.')
  else if (status.recipes.length === 0) lines.push(...(sound ? ['Nothing is set up.', 'Next: gb10 up'] : ['What is set up cannot be told.']))
  else if (!sound) lines.push('As far as the ledger can be read:')
  for (const recipe of status.recipes) {
    const size = recipe.bytes > 0 ? `, ${bytesText(recipe.bytes)}` : ''
    lines.push(
      paint.bold(recipe.name),
      `  ${recipe.changes} changes${size}, since ${recipe.at.slice(0, 16).replace('T', ' ')} UTC, run ${recipe.run}`,
    )
    for (const text of recipe.unfinished) lines.push(...hanging('  not finished: ', plain(text), width).map(paint.warn))
    for (const text of recipe.drift) lines.push(...hanging('  changed since: ', plain(text), width).map(paint.warn))
  }
  for (const ledger of status.ledgers) {
    lines.push(
      '',
      ...hanging('Ledger: ', `${plain(ledger.path)}, ${ledger.records} records, ${ledger.ok ? 'sound' : 'DAMAGED'}`, width),
    )
    if (ledger.damage)
      lines.push(
        ...hanging('  ', `${ledger.damage}. gb10 only reads until this is settled.`, width).map(paint.bad),
        ...hanging('  Next: ', 'put the file back from a copy, or use the gb10 that wrote it', width),
      )
  }
  if (found !== null) {
    const { wrong } = found
    lines.push(
      wrong.length === 0
        ? 'Verified: every saved copy and every file is as recorded.'
        : `Verified: ${wrong.length} not as recorded:`,
    )
    lines.push(
      ...wrong.slice(0, 20).flatMap((text) => hanging('  - ', plain(text), width)),
      ...(wrong.length > 20 ? [`  ... and ${wrong.length - 20} more`] : []),
    )
  }
  for (const text of found?.more ?? []) lines.push(...hanging('Yours: ', plain(text), width))
  if (status.kept.length > 0)
    lines.push(
      '',
      'Kept for you:',
      ...status.kept.flatMap((k) => hanging('  - ', `${plain(k.savedCopy ?? k.path)}: ${plain(k.reason)}`, width)),
    )
  if (atWork !== null) lines.push('', ...hanging('A run is at work: ', plain(atWork), width), 'Look again when it has ended: gb10 status')
  if (status.resume)
    lines.push('', `A run was stopped: ${plain(status.resume.command)}`, 'Go on:        gb10 resume', `Take it back: gb10 undo ${status.resume.run}`)
  return `${lines.join('\n')}\n`
}

/** The same for programs. */
export const statusJson = (status: Status, found: Verified | null): object => ({
  formatVersion: '1.0',
  command: 'status',
  ...status,
  verified: found === null ? null : { differences: found.wrong, added: found.more },
})
