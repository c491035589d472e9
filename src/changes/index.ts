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

/** The one file that knows how to make and take back changes of this kind. Throws for a kind that this gb10 does not know. */
export function kindOf(want: Want): ChangeKind<Want, unknown, unknown> {
  const kind = kinds[want.kind] as unknown as ChangeKind<Want, unknown, unknown> | undefined
  if (!kind) throw new Error(`this gb10 does not know changes of the kind ${String(want.kind)}; a newer one made it`)
  return kind
}
