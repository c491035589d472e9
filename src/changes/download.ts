import type { Entry } from '../host/machine.ts'
import type { RemoteFile } from '../model/change.ts'
import type { Came } from '../model/ledger.ts'
import { sealTree, type TreePost } from './manifest.ts'
import { absentOnly, beginTree, removeTree, SENTINEL, treeStanding, untouchedOrDerived } from './tree.ts'
import { StepFailed } from './venv.ts'
import type { ChangeKind, Context, WantOf } from './kind.ts'

type DownloadWant = WantOf<'download'>
type DownloadPost = TreePost & { came: Came[] }

/** A folder of hashed files, fetched one by one. A stopped download goes on from the bytes that are there, with a note of what they are of. */
export const download: ChangeKind<DownloadWant, null, DownloadPost> = {
  async observe(context, want) {
    const refusal = absentOnly(context, want.path)
    return { state: refusal ? 'other' : 'absent', pre: null, refusal }
  },
  async perform(context, want) {
    beginTree(context, want.path)
    const came: Came[] = []
    for (const file of want.files) came.push(await fetchOne(context, want.path, file))
    if (want.unpack !== 'none') for (const file of want.files) await unpack(context, want, file)
    return { ...(await sealTree(context, want.path, (entry) => comesWith(want, came, entry))), came }
  },
  standing: (context, want) => treeStanding(context, want.path),
  settle: (context, want) => download.perform(context, want, null),
  restore: (context, want, _pre, post) => removeTree(context, want.path, post, untouchedOrDerived, (entry) => comesWith(want, context.came, entry)),
  drift({ machine }, want) {
    if (machine.lstat(want.path) === null) return [`${want.path} is gone`]
    if (want.unpack !== 'none') return []
    return want.files.filter((f) => machine.lstat(`${want.path}/${f.name}`) === null).map((f) => `${want.path}/${f.name} is gone`)
  },
}

/** What a download puts into its folder, by name and by the hash it must have: anything else is someone's. */
function comesWith(want: DownloadWant, came: readonly Came[], entry: Entry): boolean {
  const { path, stat } = entry
  if (path === SENTINEL || path === `${SENTINEL}.tmp`) return true
  if (want.unpack !== 'none' && (path === 'bin' || path.startsWith('bin/'))) return true
  if (stat.type === 'directory') return want.files.some((f) => f.name.startsWith(`${path}/`))
  const file = want.files.find((f) => f.name === path)
  if (file) return entry.hash() === (file.sha256 ?? came.findLast((one) => one.name === path)?.sha256)
  return want.files.some((f) => path === `${f.name}.part` || path === `${f.name}.part.from`)
}

async function fetchOne(context: Context, folder: string, file: RemoteFile): Promise<Came> {
  const { machine, signal } = context
  const path = `${folder}/${file.name}`
  const expected = file.sha256 ?? context.heldHash(file.url)
  const part = `${path}.part`
  if (machine.lstat(path)) {
    const sha256 = await machine.hash(path)
    const known = file.sha256 ?? context.came.findLast(({ name }) => name === file.name)?.sha256 ?? expected
    if (sha256 === known) return { name: file.name, url: file.url, sha256, bytes: machine.lstat(path)!.size }
    throw new StepFailed(`${path} is not the file it should be (sha256 ${sha256}, expected ${known ?? 'none yet'}): move it away, then go on`)
  }
  makeFolders(context, folder, file.name)
  const onProgress = (p: { bytes: number; total: number | null }): void =>
    context.progress({ bytes: p.bytes, total: p.total ?? file.bytes, what: file.name })
  let sha256 = await machine.fetch(file.url, part, { signal, onProgress })
  if (expected !== null && sha256 !== expected) {
    // A part left by an earlier run may be of another file of that name: once more from the start before judging.
    machine.unlink(part)
    sha256 = await machine.fetch(file.url, part, { signal, onProgress })
  }
  const bytes = machine.lstat(part)!.size
  if (expected !== null && sha256 !== expected) {
    machine.unlink(part)
    throw new StepFailed(`${file.name} is not the file it should be: sha256 ${sha256}, expected ${expected}. The source may be wrong or damaged.`)
  }
  machine.chmod(part, 0o644)
  const came = { name: file.name, url: file.url, sha256, bytes }
  // Before it is in place: a file of which nobody knows what it should be is somebody else's.
  if (file.sha256 === null) context.note(came)
  machine.rename(part, path)
  return came
}

function makeFolders({ machine }: Context, root: string, name: string): void {
  const parts = name.split('/').slice(0, -1)
  for (const [i] of parts.entries()) {
    const path = `${root}/${parts.slice(0, i + 1).join('/')}`
    if (machine.lstat(path) === null) machine.mkdir(path, 0o755)
  }
}

/** Takes the programs out of an archive into bin/; the archive itself is not kept. */
async function unpack(context: Context, want: DownloadWant, file: RemoteFile): Promise<void> {
  const { machine } = context
  const archive = `${want.path}/${file.name}`
  const bin = `${want.path}/bin`
  if (machine.lstat(archive) === null) return
  if (machine.lstat(bin) === null) machine.mkdir(bin, 0o755)
  if (want.unpack === 'wheel') await unpackWheel(context, archive, bin)
  else await unpackTar(context, archive, bin)
  machine.unlink(archive)
}

/** A wheel keeps its programs in `*.data/scripts`. */
async function unpackWheel({ machine }: Context, archive: string, bin: string): Promise<void> {
  for (const { name, bytes } of await machine.unzip(archive, (entry) => /^[^/]+\.data\/scripts\/[^/]+$/.test(entry))) {
    const options = { mode: 0o755, uid: machine.uid, gid: machine.gid, temp: '.gb10-write.tmp' }
    if (machine.lstat(`${bin}/${options.temp}`)) machine.unlink(`${bin}/${options.temp}`)
    machine.write(`${bin}/${name.slice(name.lastIndexOf('/') + 1)}`, bytes, options)
  }
}

/** A release archive holds them in one folder. */
async function unpackTar(context: Context, archive: string, bin: string): Promise<void> {
  const argv = ['tar', '-xzf', archive, '-C', bin, '--strip-components=1', '--no-same-owner']
  const exit = await context.machine.run(argv, { env: { GB10_OP: context.op }, signal: context.signal })
  context.signal.throwIfAborted()
  if (exit.code !== 0) throw new StepFailed(`tar could not unpack ${archive}: ${exit.tail}`)
}
