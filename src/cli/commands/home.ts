import type { Status } from '../../apply/status.ts'
import type { App } from '../app.ts'
import { EXIT } from '../exit.ts'
import { look } from '../facts.ts'

/** `gb10` alone on a terminal: the machine, its health, what is set up, and what comes next. */
export async function run(app: App): Promise<number> {
  const { homeOf } = await import('../../report/home.ts')
  const home = async () => {
    const [detection, { status, problem }] = await Promise.all([look(app, undefined), statusHere(app)])
    return homeOf(detection, status, problem)
  }
  const { showHome } = await import('../../ui/home.ts')
  await showHome(process.stdout, home(), app.terminal.colourOut)
  return EXIT.good
}

async function statusHere(app: App): Promise<{ status: Status; problem: string | null }> {
  const { peek } = await import('../../ledger/ledger.ts')
  const { checkState } = await import('../../ledger/home.ts')
  const { statusOf } = await import('../../apply/status.ts')
  const nothing = { recipes: [], ledgers: [], resume: null, atWork: null, kept: [] }
  try {
    const machine = await app.machine()
    const read = checkState(machine, app.owner.state) ? peek(machine, app.owner.state) : null
    return { status: read ? statusOf(machine, app.owner.state, read) : nothing, problem: null }
  } catch (error) {
    return { status: nothing, problem: (error as Error).message }
  }
}
