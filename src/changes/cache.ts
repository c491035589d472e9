import { beginTree, newborn, owned, trashOf, treeStanding } from './tree.ts'
import { kept, type ChangeKind, type WantOf } from './kind.ts'

type CacheWant = WantOf<'cache'>

/** Models that a user's own programs fetched while they ran in our environments: costly to get again, so they are not thrown away unasked. */
const MODELS = 'huggingface'

const TAG = 'Signature: 8a477f597d28d172789f06886806bc55\n# Everything below can be made again. gb10 uninstall removes it.\n'

/** The one folder into which everything that runs in gb10's environments caches. All of it goes on undo, but for models the user fetched. */
export const cache: ChangeKind<CacheWant, null, null> = {
  async observe({ machine }, want) {
    const there = machine.lstat(want.path) !== null
    const refusal = there ? `${want.path} exists and is not gb10's: it was left untouched` : null
    return { state: there ? 'other' : 'absent', pre: null, refusal }
  },
  async perform(context, want) {
    const { machine } = context
    beginTree(context, want.path)
    const options = { mode: 0o644, uid: machine.uid, gid: machine.gid, temp: '.tag.tmp' }
    if (machine.lstat(`${want.path}/.tag.tmp`)) machine.unlink(`${want.path}/.tag.tmp`)
    machine.write(`${want.path}/CACHEDIR.TAG`, Buffer.from(TAG), options)
    return null
  },
  standing: (context, want) => treeStanding(context, want.path),
  settle: (context, want) => cache.perform(context, want, null),
  async restore(context, want) {
    const { machine } = context
    const trash = trashOf(context, want.path)
    if (machine.lstat(trash) === null) {
      if (machine.lstat(want.path) === null) return { how: 'noop', kept: [] }
      if (!owned(context, want.path) && !newborn(context, want.path)) {
        return { how: 'noop', kept: [kept(want.path, 'it is not the cache that gb10 made')] }
      }
      machine.rename(want.path, trash)
    }
    const models = machine.lstat(`${trash}/${MODELS}`) !== null && [...machine.walk(`${trash}/${MODELS}`)].some((e) => e.path.includes('/blobs/'))
    const spare = models && !context.purge
    for (const _ of machine.prune(trash, (e) => !spare || (e.path !== MODELS && !e.path.startsWith(`${MODELS}/`)))) continue
    if (!spare) {
      machine.rmdir(trash)
      return { how: 'removed', kept: [] }
    }
    machine.rename(trash, want.path)
    return { how: 'removed', kept: [kept(`${want.path}/${MODELS}`, 'models that your programs downloaded; --purge-data removes them', `${want.path}/${MODELS}`)] }
  },
  drift: ({ machine }, want) => (machine.lstat(want.path) ? [] : [`${want.path} is gone`]),
}
