import { keyOf, type Change } from '../model/change.ts'
import type { OpState } from '../model/ledger.ts'
import type { Refusal, Share, Superseded } from '../model/plan.ts'
import { pathOf } from './disk.ts'
import { sameWant } from './venv.ts'

/** Kinds that make a tree or a link of their own: what is there already and is not ours stands in the way. */
const NEED_ROOM = new Set(['venv', 'symlink', 'download', 'clone'])

export type Settled = { changes: Change[]; shares: Share[] } | Refusal

/**
 * Takes out of one recipe's changes what needs no work: what is live already, and what an earlier recipe of this plan makes.
 * Refuses what would take another recipe's place, or a path that is not ours.
 */
export function settle(
  recipe: string,
  wanted: readonly Change[],
  earlier: readonly Change[],
  live: readonly OpState[],
  occupied: (path: string) => 'absent' | 'ours' | 'foreign',
): Settled {
  const changes: Change[] = []
  const shares: Share[] = []
  for (const change of wanted) {
    const key = keyOf(change.want)
    const share = { recipe, id: change.id, key, summary: change.summary }
    const op = live.find((one) => one.status === 'live' && one.key === key)
    const same = earlier.find((one) => keyOf(one.want) === key)
    if (op !== undefined && sameWant(op.want, change.want)) {
      shares.push({ ...share, op: op.op, with: null, want: op.want })
    } else if (same !== undefined && sameWant(same.want, change.want)) {
      shares.push({ ...share, op: null, with: same.recipe, want: same.want })
    } else if (op !== undefined && op.refs.some((other) => other !== recipe)) {
      const other = op.refs.find((one) => one !== recipe) ?? op.recipe
      return {
        recipe,
        cause: 'machine',
        reason: `${key.replace(/^path:/, '')} belongs to ${other}, which needs it otherwise.`,
        next: `gb10 undo ${other}`,
      }
    } else if (same !== undefined) {
      return {
        recipe,
        cause: 'machine',
        reason: `${key.replace(/^path:/, '')} is wanted by ${same.recipe} too, otherwise.`,
        next: `--set ${recipe}.path=DIR`,
      }
    } else if (stands(change, occupied)) {
      return {
        recipe,
        cause: 'machine',
        reason: `${pathOf(change.want)} is there already and is not gb10's.`,
        next: '--set path=DIR',
      }
    } else {
      changes.push(change)
    }
  }
  return { changes, shares }
}

function stands({ want }: Change, occupied: (path: string) => 'absent' | 'ours' | 'foreign'): boolean {
  const path = pathOf(want)
  return path !== null && NEED_ROOM.has(want.kind) && occupied(path) === 'foreign'
}

/** What the recipe has live and its new state does not name any more. */
export function supersededBy(recipe: string, keys: ReadonlySet<string>, live: readonly OpState[]): Superseded[] {
  return live
    .filter(({ status, refs, key }) => status === 'live' && refs.includes(recipe) && !keys.has(key))
    .map(({ op, id, key, summary }) => ({ recipe, op, id, key, summary }))
}
