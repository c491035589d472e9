import type { Machine } from '../host/machine.ts'
import { peek } from '../ledger/ledger.ts'
import { checkState, removeOwn, removeState } from '../ledger/home.ts'
import { present } from '../ledger/state.ts'

/** What the launcher brought: the folders it made and the Node in them. */
const LAUNCHER = ['node', 'launcher.json']

/**
 * Removes gb10's state folder once nothing in it is needed: every change is taken back and nothing was kept for the user. The Node that the
 * launcher brought stays, and the ledger with it, unless `self` asks for it to go.
 */
export function clearState(machine: Machine, folder: string, self: boolean): void {
  if (!checkState(machine, folder)) return
  const read = peek(machine, folder)
  const busy = read !== null && (read.damage !== null || present(read.ops).length > 0 || read.ops.some((op) => op.kept.some((k) => k.savedCopy !== null)))
  const brought = LAUNCHER.filter((name) => machine.lstat(`${folder}/${name}`) !== null)
  if (busy || (brought.length > 0 && !self) || machine.lstat(`${folder}/kept`) !== null) return
  const unlock = machine.lock(folder, 'uninstall')
  try {
    const genesis = read?.records[0]
    const created = [...(genesis?.k === 'genesis' ? genesis.created : []), ...launcherFolders(machine, folder)]
    if (self) for (const name of brought) if (name === 'node') removeOwn(machine, `${folder}/node`)
    removeState(machine, folder, created)
  } finally {
    unlock()
  }
}

function launcherFolders(machine: Machine, folder: string): string[] {
  if (machine.lstat(`${folder}/launcher.json`) === null) return []
  try {
    const { folders } = JSON.parse(machine.read(`${folder}/launcher.json`).toString()) as { folders?: string[] }
    return folders ?? []
  } catch {
    return []
  }
}
