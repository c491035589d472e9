import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export const project = join(import.meta.dirname, '../..')

// All that the launcher may need of a machine; anything else must not be on PATH, or a machine without it would fail.
const tools = ['sh', 'curl', 'tar', 'gzip', 'sha256sum', 'awk', 'sed', 'ls', 'id', 'uname', 'readlink', 'mkdir', 'rmdir', 'mv', 'cp',
  'rm', 'cut', 'tr', 'wc', 'date', 'sleep', 'chown', 'cat'] // prettier-ignore

export interface Clone {
  folder: string
  root: string
  home: string
  state: string
  bin: string
  env: Record<string, string>
}

export interface Ended {
  code: number | null
  signal: string | null
  stdout: string
  stderr: string
}

/** A clone with the launcher, one package to install and a program that prints what it was given; an empty home; a PATH without Node. */
export function makeClone(): Clone {
  const folder = mkdtempSync(join(tmpdir(), 'gb10-launcher-'))
  const root = join(folder, 'clone of gb10')
  const home = join(folder, 'home')
  const bin = join(folder, 'bin')
  for (const made of [root, home, bin, join(root, 'src/cli')]) mkdirSync(made, { recursive: true })
  for (const name of ['gb10', 'bin', 'package.json', '.npmrc']) cpSync(join(project, name), join(root, name), { recursive: true })
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, 'node_modules/one': { version: '1.0.0' } } }))
  writeFileSync(join(root, 'src/cli/main.ts'), `console.log(JSON.stringify({ args: process.argv.slice(2), node: process.env['FAKE_NODE'] }))`)
  for (const tool of tools) linkTool(bin, tool)
  return { folder, root, home, bin, state: join(home, '.local/state/gb10'), env: { PATH: bin, HOME: home } }
}

export function linkTool(bin: string, tool: string): void {
  const found = (process.env['PATH'] ?? '').split(delimiter).map(folder => join(folder, tool)).find(file => existsSync(file))
  if (found) symlinkSync(found, join(bin, tool))
}

export function removeClone(clone: Clone): void {
  rmSync(clone.folder, { recursive: true, force: true })
}

export function script(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
}

/** Says the version that the test wants, and does the work with the real Node. */
export function fakeNode(file: string, version: string): void {
  script(file, `[ "$1" != --version ] || { echo v${version}; exit 0; }\nFAKE_NODE=${version} exec ${process.execPath} "$@"`)
}

/** An npm that installs the one package, and the pinned Node unless told not to; notes its arguments in npm-called. */
export function fakeNpm(file: string, version: string, log: string): void {
  script(file, `[ "$1" != --version ] || { echo ${version}; exit 0; }
echo "$@" >>'${log}'
[ ! -e '${log}.fail' ] || { echo 'npm error network' >&2; exit 1; }
mkdir -p node_modules/one && echo '{"version":"1.0.0"}' >node_modules/one/package.json
case "$*" in *--omit=optional*) ;; *)
  mkdir -p node_modules/node-linux-${process.arch}/bin
  cp '${log}.node' node_modules/node-linux-${process.arch}/bin/node ;;
esac
sleep 0.05; echo '{}' >node_modules/.package-lock.json`) // prettier-ignore
  fakeNode(`${log}.node`, '24.21.0')
}

export function start(clone: Clone, args: string[], env: Record<string, string> = {}): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(join(clone.root, 'gb10'), args, { env: { ...clone.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => (text.stdout += chunk))
  child.stderr.on('data', chunk => (text.stderr += chunk))
  return { child, ended: new Promise(resolve => child.on('close', (code, signal) => resolve({ code, signal, ...text }))) }
}

export function launch(clone: Clone, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return start(clone, args, env).ended
}

/** Every file and folder below, as sorted relative names. */
export function tree(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String).sort() : []
}
