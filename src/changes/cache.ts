import type { Entry, Stay } from '../host/machine.ts'
import { beginTree, keepRest, newborn, owned, SENTINEL } from './tree.ts'
import { kept, type ChangeKind, type Context, type WantOf } from './kind.ts'
import { busyText, InTheWay, innermost, mountedText, mountsIn, rmdirEmpty, stuckText, word } from '../ledger/remove.ts'
import type { Kept } from '../model/ledger.ts'

type CacheWant = WantOf<'cache'>
/**
 * `existed`: the folder was there before, holding none of our names; then only our part of it is ever ours. `had`: the folders of models that
 * it held already. Null, or without `had`: an older ledger.
 */
type CachePre = { existed: boolean; had?: string[] } | null

/** What the recipes' variables point at and what can be made again by running the same programs. */
const DERIVED = ['uv', 'uv-credentials', 'pip', 'inductor', 'triton', 'cuda', 'CACHEDIR.TAG', '.tag.tmp']

/**
 * Where the user's own programs put the models that they fetch, or look for the user's settings, with what these programs leave there by
 * themselves. Anything else is costly to get again, or the user's own work: it is not thrown away unasked.
 */
const BY_ITSELF: Record<string, RegExp[]> = {
  huggingface: [
    /^(hub\/)?(version(_\w+)?\.txt|CACHEDIR\.TAG|\.check_for_update_done)$/,
    /^(hub|datasets|modules)\/(.*\/)?[^/]*\.lock$/,
    /^hub\/(models|datasets|spaces)--[^/]+\/(refs|\.no_exist)\//,
    /^modules\/(__init__\.py|__pycache__\/[^/]+\.pyc|\w+_modules\/(.*\/)?[^/]+\.(py|pyc|json))$/,
    /^xet(\.log|\/logs\/.+|\/[^/]+\/(chunk|shard)[-_]cache\/.+|\/[^/]+\/staging\/.+)$/,
  ],
  torch: [/^hub\/trusted_list$/],
  matplotlib: [/^fontlist-v[^/]*$/, /^tex\.cache\//, /\.matplotlib-lock$/],
  xdg: [/^(fontconfig|pip|uv|triton|torch_extensions|flashinfer)\//, /^matplotlib\/(fontlist-v[^/]*|tex\.cache\/.+)$/],
}
const MODELS = Object.keys(BY_ITSELF)

const THEIRS = 'models or other files that you or your programs put there; if you do not need them: rm -r'

const TAG = 'Signature: 8a477f597d28d172789f06886806bc55\n# What gb10 and its environments cache. gb10 uninstall removes it.\n'

/**
 * The one folder into which everything that runs in gb10's environments caches. Undo takes the names away that hold derived things; models
 * and whatever else the user has there stay and are reported.
 */
export const cache: ChangeKind<CacheWant, CachePre, null> = {
  async observe({ machine }, want) {
    const stat = machine.lstat(want.path)
    if (stat === null) return { state: 'absent', pre: { existed: false }, refusal: null }
    const names = stat.type === 'directory' ? machine.list(want.path) : []
    const taken = names.find((name) => DERIVED.includes(name) || name.startsWith(SENTINEL))
    const refusal =
      stat.type !== 'directory' ? `${want.path} is a ${stat.type}, not a folder`
      : taken ? `${want.path} exists and is not gb10's (it holds ${taken}): it was left untouched`
      : null
    return { state: 'other', pre: { existed: true, had: names.filter((name) => MODELS.includes(name)) }, refusal }
  },
  async perform(context, want, pre) {
    const { machine } = context
    beginTree(context, want.path, pre?.existed === true)
    const options = { mode: 0o644, uid: machine.uid, gid: machine.gid, temp: '.tag.tmp' }
    if (machine.lstat(`${want.path}/.tag.tmp`)) machine.unlink(`${want.path}/.tag.tmp`)
    machine.write(`${want.path}/CACHEDIR.TAG`, Buffer.from(TAG), options)
    return null
  },
  standing(context, want, pre) {
    const stat = context.machine.lstat(want.path)
    if (stat === null) return 'not-started'
    if (owned(context, want.path)) return 'partial'
    if (stat.type === 'directory' && pre?.existed) return 'not-started'
    return newborn(context, want.path) ? 'partial' : 'foreign'
  },
  settle: (context, want, pre) => cache.perform(context, want, pre),
  async restore(context, want, pre) {
    const { machine, purge } = context
    const stat = machine.lstat(want.path)
    // A folder that was the user's before and is gone was taken away by them.
    if (stat === null) return { how: pre?.existed ? 'merged' : 'noop', kept: [] }
    if (stat.type !== 'directory') return { how: 'noop', kept: [kept(want.path, `it is now a ${stat.type}, not the cache that gb10 made`)] }
    const ours = owned(context, want.path)
    if (!ours && !newborn(context, want.path)) return { how: 'noop', kept: pre?.existed ? [] : left(context, want.path) }
    const came = MODELS.filter((name) => !pre?.existed || (pre.had && !pre.had.includes(name)))
    const asked = (name: string): boolean => ours && purge && (!pre?.existed || came.includes(name))
    const whole = (name: string): boolean => name !== SENTINEL && (asked(name) || DERIVED.includes(name))
    const going = machine.list(want.path).filter((name) => whole(name) || (ours && came.includes(name) && holdsNoModel(context, want.path, name)))
    const mounts = mountsIn(machine, want.path)
    const mountedAt = (path: string): boolean => mounts.some((mount) => `${mount}/`.startsWith(`${path}/`))
    const stuck = keptBefore(context, want.path)
    for (const name of going.filter((one) => !mountedAt(`${want.path}/${one}`))) {
      const stays = remove(context, `${want.path}/${name}`, whole(name) ? () => true : byItself(name))
      if (stays.some(({ why }) => why === 'refused')) stuck.push(setAside(context, `${want.path}/${name}`, stays))
      else if (whole(name) && stays.length > 0) throw new InTheWay(busyText(`${want.path}/${name}`))
    }
    const inTheWay = mounts.filter((mount) => (mount === want.path ? !pre?.existed : going.includes(mount.slice(want.path.length + 1).split('/')[0]!)))
    // Then it is not over: what says that the folder is ours stays for the next time.
    if (inTheWay.length > 0) throw new InTheWay(mountedText(want.path, inTheWay))
    for (const name of [`${SENTINEL}.tmp`, SENTINEL]) if (machine.lstat(`${want.path}/${name}`)) machine.unlink(`${want.path}/${name}`)
    const emptied = !pre?.existed && machine.list(want.path).length === 0 && rmdirEmpty(machine, want.path)
    const rest = emptied ? [] : left(context, want.path).filter(({ path }) => !stuck.some((one) => one.savedCopy === path))
    const reported = (k: Kept): boolean => came.some((name) => k.path === `${want.path}/${name}`)
    return { how: 'removed', kept: [...(pre?.existed ? rest.filter(reported) : rest), ...stuck] }
  },
  drift: ({ machine }, want) => (machine.lstat(want.path) ? [] : [`${want.path} is gone`]),
}

/** Removes what is at a path. Gives what stays of it; throws `InTheWay` when a program writes into it meanwhile. */
function remove({ machine }: Context, path: string, mine: (entry: Entry) => boolean): Stay[] {
  if (machine.lstat(path)?.type !== 'directory') {
    machine.unlink(path)
    return []
  }
  const stays = innermost([...machine.prune(path, mine)])
  if (stays.length === 0 && !rmdirEmpty(machine, path)) throw new InTheWay(busyText(path))
  return stays
}

/** Another user's things are moved out of the cache: what is left of one of our names in it would keep it from being set up again. */
function setAside(context: Context, path: string, stays: readonly Stay[]): Kept {
  const place = keepRest(context, path, path)
  return kept(path, stuckText(place, stays.filter(({ why }) => why === 'refused'), stays.every(({ why }) => why === 'refused')), place)
}

/** What a run that was killed before it could say so set aside. */
function keptBefore({ machine, keptFolder }: Context, path: string): Kept[] {
  const places = [...DERIVED, ...MODELS].map((name) => [name, `${keptFolder}/${name}`] as const)
  return places.filter(([, place]) => machine.lstat(place)).map(([name, place]) => kept(`${path}/${name}`, `not all of it is yours to remove: sudo rm -r ${word(place)}`, place))
}

const byItself = (name: string) => ({ path, stat }: Entry): boolean =>
  stat.type === 'directory' || (stat.type === 'file' && BY_ITSELF[name]!.some((known) => known.test(path)))

/** Nothing but what programs leave by themselves. What cannot be looked into may be anything. */
function holdsNoModel({ machine }: Context, cache: string, name: string): boolean {
  try {
    return machine.lstat(`${cache}/${name}`)?.type === 'directory' && [...machine.walk(`${cache}/${name}`)].every(byItself(name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
    return false
  }
}

/** What is in the folder and is not ours to remove. */
function left({ machine }: Context, path: string): Kept[] {
  return machine.list(path).filter((name) => name !== SENTINEL).map((name) => {
    const reason = MODELS.includes(name) ? `${THEIRS} ${word(`${path}/${name}`)}` : 'gb10 did not put it there'
    return kept(`${path}/${name}`, reason, `${path}/${name}`)
  })
}
