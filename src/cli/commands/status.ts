import type { Verified } from '../../apply/verify-objects.ts'
import type { App } from '../app.ts'
import { EXIT } from '../exit.ts'

/** `gb10 status [--verify]`: what is set up. Exit 1 when the ledger is damaged or, with --verify, something is not as recorded. */
export async function run(app: App, options: { verify?: boolean }): Promise<number> {
  const { peek } = await import('../../ledger/ledger.ts')
  const { checkState } = await import('../../ledger/home.ts')
  const { statusOf } = await import('../../apply/status.ts')
  const { statusJson, statusText } = await import('../../report/status.ts')
  const machine = await app.machine()
  const folder = app.owner.state
  const read = checkState(machine, folder) ? peek(machine, folder) : null
  const status = read ? statusOf(machine, folder, read) : { recipes: [], ledgers: [], resume: null, atWork: null, kept: [] }
  let found: Verified | null = null
  if (options.verify && read) {
    const { verifyEverything } = await import('../../apply/verify-objects.ts')
    found = await verifyEverything(machine, folder, read, (text) => app.note(`checking: ${text}`))
  }
  app.show(() => statusJson(status, found), () => statusText(status, found, app.terminal.width, app.terminal.colourOut))
  return status.ledgers.some((l) => !l.ok) || (found?.wrong.length ?? 0) > 0 ? EXIT.failed : EXIT.good
}
