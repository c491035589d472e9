import { EDITS, keyOf, type Change, type Want } from '../model/change.ts'
import type { OpState } from '../model/ledger.ts'
import type { Drift, Occupied, Refusal, Share, Superseded } from '../model/plan.ts'
import { pathOf } from './disk.ts'
import { sameWant } from '../model/same-want.ts'
import { shellWord } from '../model/shell-word.ts'

/** Kinds that make a file, a tree or a link of their own: what is there already and is not ours stands in the way. */
const NEED_ROOM = new Set(['file', 'venv', 'symlink', 'download', 'clone'])

/** Kinds whose whole path is theirs: nothing else may be put inside, because it would go with them. */
const CLOSED = new Set(['venv', 'symlink', 'download', 'clone', 'cache'])

export type Settled = { changes: Change[]; shares: Share[]; notes: string[] } | Refusal

/** What one recipe wants, with its final parameters; the changes of the recipes before it; and what is live. */
export type Claim = {
  recipe: string
  wanted: readonly Change[]
  values: Readonly<Record<string, string>>
  earlier: readonly Change[]
  live: readonly OpState[]
  drift: Readonly<Record<string, Drift>>
  occupied: Occupied
}

/**
 * Takes out of one recipe's changes what needs no work: what is live already and still there, and what an earlier recipe of this
 * plan makes. What somebody changed since stays, and is named.
 * Refuses what would take another recipe's place, or a path that is not ours.
 */
export function settle({ recipe, wanted, values, earlier, live, drift, occupied }: Claim): Settled {
  const changes: Change[] = []
  const shares: Share[] = []
  const notes: string[] = []
  for (const change of wanted) {
    const key = keyOf(change.want)
    const share = { recipe, id: change.id, key, summary: change.summary }
    // Of changes over each other the newest is what stands there.
    const op = live.findLast((one) => one.key === key)
    const same = earlier.find((one) => keyOf(one.want) === key)
    const away = op && drift[op.op]?.away ? drift[op.op] : undefined
    if (away) return { recipe, cause: 'machine', reason: `${away.lines.join('; ')}.`, next: 'gb10 status' }
    const made = op?.status === 'live' && sameWant(op.want, change.want) ? op : undefined
    const off = made && drift[made.op]
    if (made !== undefined && off?.gone !== true) {
      shares.push({ ...share, op: made.op, with: null, want: made.want, ...(off && { drift: off.lines }) })
    } else if (same !== undefined && sameWant(same.want, change.want)) {
      shares.push({ ...share, op: null, with: same.recipe, want: same.want })
    } else {
      const found = obstacle(change, { recipe, wanted, earlier, live, occupied })
      if (found !== null)
        return { recipe, cause: 'machine', reason: found.reason, next: elsewhere(recipe, change, values) ?? found.next }
      changes.push(change)
      notes.push(...(off?.lines ?? []).map((line) => `${line}: it is made again.`))
    }
  }
  return { changes, shares, notes }
}

/** What stands in a change's way, in words, and what to do when no parameter leads elsewhere; null when nothing does. */
function obstacle(
  change: Change,
  { recipe, wanted, earlier, live, occupied }: Omit<Claim, 'values' | 'drift'>,
): { reason: string; next: string } | null {
  const path = pathOf(change.want)
  const what = path ?? change.summary
  const key = keyOf(change.want)
  const there = live.findLast((one) => one.key === key)
  const holder = there && !sameWant(there.want, change.want) ? there.refs.find((other) => other !== recipe) : undefined
  if (holder !== undefined) {
    return { reason: `${what} belongs to ${holder}, which needs something else there.`, next: `gb10 undo ${holder}` }
  }
  const rival = [...earlier, ...wanted].find((one) => one !== change && keyOf(one.want) === key)
  if (rival !== undefined) {
    return { reason: `${what} is wanted by ${rival.recipe} too, for something else.`, next: `gb10 recipes ${rival.recipe}` }
  }
  if (path === null) return null
  // Several edits may share a file, but not with a kind that makes what stands there as a whole.
  const edits = EDITS.has(change.want.kind)
  const clash = (want: Want): boolean => pathOf(want) === path && EDITS.has(want.kind) !== edits
  const how = `is ${edits ? 'made as a whole' : 'edited'} by`
  const made = live.findLast(({ want }) => clash(want))
  if (made !== undefined) {
    const owner = made.refs.join(', ')
    return { reason: `${what} ${how} ${owner}; taking one back would spoil the other.`, next: `gb10 undo ${made.refs.join(' ')}` }
  }
  const planned = [...earlier, ...wanted].find(({ want }) => clash(want))?.recipe
  if (planned !== undefined) {
    return { reason: `${what} ${how} ${planned} too; taking one back would spoil the other.`, next: `gb10 recipes ${planned}` }
  }
  const closed = [...live, ...earlier, ...wanted].find(({ want }) => CLOSED.has(want.kind) && path.startsWith(`${pathOf(want)}/`))
  if (closed !== undefined) {
    return {
      reason: `${what} lies inside ${pathOf(closed.want)}, which is removed as a whole one day.`,
      next: `gb10 recipes ${recipe}`,
    }
  }
  const content = change.want.kind === 'file' ? change.want.content : undefined
  if (!NEED_ROOM.has(change.want.kind) || occupied(path, content) !== 'foreign') return null
  return { reason: `${what} is there already and is not gb10's.`, next: `mv ${shellWord(path)} ${shellWord(`${path}.before`)}` }
}

/** Another value for the path parameter that leads there, the closest one; null when none does, or when it is the very file. */
function elsewhere(recipe: string, { want }: Change, values: Readonly<Record<string, string>>): string | null {
  const path = pathOf(want) ?? ''
  const leads = Object.entries(values).filter(
    ([, value]) => value.startsWith('/') && ((path === value && want.kind !== 'file') || path.startsWith(`${value}/`)),
  )
  const parameter = leads.toSorted(([, one], [, other]) => other.length - one.length)[0]?.[0]
  return parameter === undefined ? null : `--set ${recipe}.${parameter}=DIR`
}

/** What the recipe has live and its new state does not name any more. Folders go by themselves, with the last thing in them. */
export function supersededBy(recipe: string, keys: ReadonlySet<string>, live: readonly OpState[]): Superseded[] {
  const newest = new Map(live.map((op) => [op.key, op]))
  return [...newest.values()]
    .filter(({ status, refs, key, want }) => status === 'live' && refs.includes(recipe) && !keys.has(key) && want.kind !== 'directory')
    .map(({ op, id, key, summary }) => ({ recipe, op, id, key, summary }))
}
