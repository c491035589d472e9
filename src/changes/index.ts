import type { Kind, Want } from '../model/change.ts'
import type { ChangeKind } from './kind.ts'
import { block } from './block.ts'
import { cache } from './cache.ts'
import { clone } from './clone.ts'
import { directory } from './directory.ts'
import { download } from './download.ts'
import { envLine } from './env-line.ts'
import { exec } from './exec.ts'
import { file } from './file.ts'
import { symlink } from './symlink.ts'
import { venv } from './venv.ts'

const kinds = { block, cache, clone, directory, download, 'env-line': envLine, exec, file, symlink, venv } satisfies Record<Kind, unknown>

/** Only a newer gb10 can look at such a change, or take it back. */
export class UnknownKind extends Error {}

/** Whether this gb10 can do anything with a change. */
export const isKnown = (want: Want): boolean => Object.hasOwn(kinds, want.kind)

/** The one file that knows how to make and take back changes of this kind. Throws `UnknownKind` for one that this gb10 does not know. */
export function kindOf(want: Want): ChangeKind<Want, unknown, unknown> {
  if (!isKnown(want)) throw new UnknownKind(`this gb10 does not know changes of the kind ${String(want.kind)}: a newer one made it, and can take it back`)
  return kinds[want.kind] as unknown as ChangeKind<Want, unknown, unknown>
}
