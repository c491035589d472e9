import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { peek } from '../../src/ledger/ledger.ts'
import { quickMachine } from './quick-machine.ts'
import { modelsOf } from './recipes.ts'
import type { World } from './world.ts'

const isFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true
const isFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** A text of the user's that must be found again. */
function mark(w: World, n: number): string {
  const text = `user-${w.serial++}-${n}-mark`
  w.marks.add(text)
  return text
}

/** Names, bytes and link targets of a path and all below it. */
function textsIn(path: string): string[] {
  const below = isFolder(path) ? (readdirSync(path, { recursive: true }) as string[]).map((name) => `${path}/${name}`) : []
  return [path, ...below].flatMap((name) => {
    const stat = lstatSync(name)
    return [name, stat.isFile() ? readFileSync(name, 'latin1') : stat.isSymbolicLink() ? readlinkSync(name) : '']
  })
}

/** What the user removes is theirs to remove: it need not be found again. */
function remove(w: World, path: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })) return
  const texts = textsIn(path)
  for (const text of w.marks) if (texts.some((t) => t.includes(text))) w.marks.delete(text)
  rmSync(path, { recursive: true })
}

const edit = (w: World, name: string, change: (text: string) => string): void => {
  const path = `${w.home}/${name}`
  if (isFile(path)) writeFileSync(path, change(readFileSync(path, 'utf8')))
}

const add = (w: World, folder: string, n: number): void => {
  if (isFolder(`${w.home}/${folder}`)) writeFileSync(`${w.home}/${folder}/mine-${n}-${w.serial}`, mark(w, n))
}

/** The environment as its user knows it: by its link, which points only to what is finished. */
function environment(w: World): string {
  const link = `${w.home}/envs/demo`
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() ? `envs/${readlinkSync(link).split('/').at(-1)}` : 'nowhere'
}

/** Moves what is there out of the way and puts a link to something of the user's in its place. */
function swap(w: World, name: string, n: number, target: 'file' | 'folder'): void {
  const path = `${w.home}/${name}`
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (!stat || stat.isDirectory() !== (target === 'folder')) return
  const aside = `${w.home}/aside-${w.serial}`
  const victim = `${w.home}/victim-${w.serial}`
  renameSync(path, aside)
  if (target === 'folder') mkdirSync(victim)
  writeFileSync(target === 'folder' ? `${victim}/mine` : victim, mark(w, n))
  symlinkSync(victim, path)
  if (target === 'folder') w.swapped = true
}

/** All that a user may do to their own home between two runs. */
export const HAND: Record<string, (w: World, n: number) => void> = {
  appendToBashrc: (w, n) => edit(w, '.bashrc', (text) => `${text}${mark(w, n)}\n`),
  prependToBashrc: (w, n) => edit(w, '.bashrc', (text) => `${mark(w, n)}\n${text}`),
  editInsideBlock: (w, n) => edit(w, '.bashrc', (text) => text.replace(/^A=.*$/m, (old) => `${old} # ${mark(w, n)}`)),
  deleteOurBlock: (w) =>
    edit(w, '.bashrc', (text) => (text.includes('user-') ? text : text.replace(/# >>> gb10:two[^]*?# <<< gb10:two <<<\n/, ''))),
  editEnvironment: (w, n) => edit(w, 'environment', (text) => `${text}\n${mark(w, n)}=1\n`),
  editTwin: (w, n) => edit(w, 'twin', (text) => `${mark(w, n)}\n${text}`),
  editReplacedFile: (w, n) => edit(w, 'old.conf', (text) => `${text}${mark(w, n)}\n`),
  editOurFile: (w, n) => edit(w, 'shared/dir/one.conf', (text) => `${text}${mark(w, n)}\n`),
  editInTree: (w, n) =>
    edit(w, `${environment(w)}/lib/python3.12/site-packages/demo/twin.py`, (text) => `${text}# ${mark(w, n)}\n`),
  addFile: (w, n) => add(w, 'shared/dir', n),
  addToTree: (w, n) => add(w, environment(w), n),
  addToModels: (w, n) => add(w, 'models/deep', n),
  addToCache: (w, n) => add(w, 'cache', n),
  addPackage(w, n) {
    const folder = `${w.home}/${environment(w)}/lib/python3.12/site-packages/mine-${n}.0.dist-info`
    if (!isFolder(folder.slice(0, folder.lastIndexOf('/'))) || isFolder(folder)) return
    mkdirSync(folder)
    writeFileSync(`${folder}/METADATA`, mark(w, n))
  },
  fetchOwnModel(w, n) {
    if (!isFolder(`${w.home}/cache`)) return
    const folder = `${w.home}/cache/huggingface/${n % 2 === 0 ? 'hub/blobs' : 'my-finetune'}`
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${folder}/${w.serial}`, mark(w, n))
  },
  deleteOurFile: (w) => remove(w, `${w.home}/shared/dir/one.conf`),
  deleteTree: (w) => remove(w, `${w.home}/${environment(w)}`),
  deleteLink: (w) => remove(w, `${w.home}/envs/demo`),
  deleteModels: (w) => remove(w, `${w.home}/models`),
  deleteCache: (w) => remove(w, `${w.home}/cache`),
  deleteFromTree: (w) => remove(w, `${w.home}/models/weights`),
  deleteFolder: (w) => remove(w, `${w.home}/shared`),
  chmodFile: (w, n) => isFile(`${w.home}/environment`) && chmodSync(`${w.home}/environment`, n % 2 === 0 ? 0o600 : 0o640),
  chmodReplaced: (w, n) => isFile(`${w.home}/old.conf`) && chmodSync(`${w.home}/old.conf`, n % 2 === 0 ? 0o600 : 0o640),
  swapFile: (w, n) => swap(w, n % 2 === 0 ? '.bashrc' : 'fresh', n, 'file'),
  swapFolder: (w, n) => swap(w, n % 2 === 0 ? 'shared/dir' : 'envs', n, 'folder'),
  relink(w, n) {
    remove(w, `${w.home}/current`)
    symlinkSync(mark(w, n), `${w.home}/current`)
  },
  fileForLink(w, n) {
    remove(w, `${w.home}/current`)
    writeFileSync(`${w.home}/current`, mark(w, n))
  },
}

/**
 * Cuts bytes off the end of the ledger. Where that goes unnoticed (no run had anchored those records yet), a tree may count
 * as unfinished again, which goes whole: what the user did in it is counted from then on, not looked for.
 */
export function cutLedger(w: World, n: number): void {
  const file = `${w.state}/ledger.jsonl`
  if (!isFile(file)) return
  truncateSync(file, Math.max(0, lstatSync(file).size - 1 - n * 40))
  w.cut = true
  if (peek(quickMachine, w.state)?.damage) return
  const trees = [`${w.home}/envs`, ...[1, 2, 3].map((version) => modelsOf(w.home, version))].filter(isFolder)
  for (const text of trees.flatMap(textsIn)) {
    for (const one of w.marks) if (text.includes(one) && w.marks.delete(one)) w.atRisk.add(one)
  }
}
