import type { Promised } from '../model/change.ts'
import { fileUrl } from '../model/file-url.ts'
import { sealTree, type TreePost } from './manifest.ts'
import { absentOnly, beginTree, clearUnfinished, removeTree, treeStanding, untouchedOrDerived } from './tree.ts'
import type { ChangeKind, Context, WantOf } from './kind.ts'
import { createArgv, installArgv, installEnv } from './installer.ts'

type VenvWant = WantOf<'venv'>

/** A step of a longer change failed; the message is for people and holds the last lines of the tool. */
export class StepFailed extends Error {}

/** A Python environment in a tree of its own, made by uv (or pip), with every promise checked after every step. */
export const venv: ChangeKind<VenvWant, null, TreePost> = {
  async observe(context, want) {
    const refusal = absentOnly(context, want.path)
    return { state: refusal ? 'other' : 'absent', pre: null, refusal }
  },
  async perform(context, want) {
    await clearUnfinished(context, want.path, madeByInstallers)
    beginTree(context, want.path)
    writePlain(context, `${want.path}/gb10-constraints.txt`, `${want.constraints.join('\n')}\n`)
    await step(context, want, createArgv(want), 'default')
    writePlain(context, `${want.path}/pip.conf`, `[install]\nconstraint = ${fileUrl(`${want.path}/gb10-constraints.txt`)}\n`)
    for (const [number, part] of want.steps.entries()) {
      await step(context, want, installArgv(want, part), part.index)
      checkPromises(context, want, number === want.steps.length - 1)
    }
    writePlain(context, `${sitePackages(want)}/gb10_env.pth`, startupLine(want.variables))
    return sealTree(context, want.path)
  },
  standing: (context, want) => treeStanding(context, want.path),
  settle: (context, want) => venv.perform(context, want, null),
  restore: (context, want, _pre, post) => removeTree(context, want.path, post, untouchedOrDerived, madeByInstallers),
  drift({ machine }, want) {
    if (machine.lstat(`${want.path}/bin/python`) === null) return [`${want.path} is gone or has no Python any more`]
    return []
  },
}

/** What we, Python's venv, uv, pip and the data of packages put at the top of an environment. In one that was never finished anything else is its user's. */
const TOP = /^(bin|lib|lib64|include|share|etc|man|var|pyvenv\.cfg|\.gitignore|CACHEDIR\.TAG|\.lock|\.gb10-tree(\.tmp)?|\.gb10-write\.tmp|gb10-constraints\.txt|pip\.conf)(\/|$)/

const madeByInstallers = ({ path }: { path: string }): boolean => TOP.test(path)

const sitePackages = (want: VenvWant): string => `${want.path}/lib/python${want.pythonVersion}/site-packages`

async function step(context: Context, want: VenvWant, argv: string[], index: string): Promise<void> {
  const env = { ...installEnv(context, want, index), GB10_OP: context.op }
  const exit = await context.machine.run(argv, { env, signal: context.signal, onLine: (text) => context.progress({ text }) })
  context.signal.throwIfAborted()
  if (exit.code !== 0) throw new StepFailed(`${argv.slice(0, 3).join(' ')} ... ended with ${exit.code ?? exit.signal}:\n${exit.tail}`)
}

function writePlain({ machine }: Context, path: string, text: string): void {
  machine.write(path, Buffer.from(text), { mode: 0o644, uid: machine.uid, gid: machine.gid, temp: '.gb10-write.tmp' })
}

/** Run by every Python of this environment at its start: what it caches goes where gb10 can find it, unless the user chose otherwise. */
const startupLine = (variables: Record<string, string>): string =>
  `import os; [os.environ.setdefault(k, v) for k, v in ${JSON.stringify(variables)}.items()]\n`

/** What is installed, read from the folders' names (never by importing): distribution → version. */
export function installed({ machine }: Context, folder: string): Map<string, string> {
  if (machine.lstat(folder) === null) return new Map()
  const pairs = machine.list(folder).map((name) => /^(.+)-([^-]+)\.dist-info$/.exec(name))
  return new Map(pairs.filter((m) => m !== null).map((m) => [normal(m[1]!), m[2]!]))
}

const normal = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-')

/** Another requirement may have swapped a promised package for a different build: that is found here, not by the owner a week later. */
function checkPromises(context: Context, want: VenvWant, last: boolean): void {
  const found = installed(context, sitePackages(want))
  for (const promise of want.promised) {
    const named = found.get(normal(promise.distribution))
    if (named === undefined && !last) continue
    const version = named && builtAs(context, want, promise.distribution, named)
    if (!keeps(promise, version)) {
      const wanted = `${promise.version}${promise.localVersion ? `+${promise.localVersion}` : ''}`
      throw new StepFailed(`${promise.distribution} ${wanted} was promised, but ${version ?? 'nothing'} is installed. The index may lack that build.`)
    }
  }
}

/**
 * The version with its build, which an index may leave out of the package's name: what the package says of itself in its version.py.
 * That is where torch and torchvision keep what their own `__version__` gives.
 */
function builtAs({ machine }: Context, want: VenvWant, distribution: string, named: string): string {
  const path = `${sitePackages(want)}/${distribution.replaceAll('-', '_')}/version.py`
  if (machine.lstat(path)?.type !== 'file') return named
  const own = /^__version__ = ['"]([^'"]+)['"]/m.exec(machine.read(path).toString())?.[1]
  return own?.split('+')[0] === named.split('+')[0] ? own! : named
}

function keeps(promise: Promised, version: string | undefined): boolean {
  const [release, local] = (version ?? '').split('+')
  return release === promise.version && (promise.localVersion === null || local === promise.localVersion)
}
