import type { App } from './app.ts'
import { sameCommand } from './confirm.ts'
import { EXIT, UserError } from './exit.ts'
import { needFolder } from './save.ts'

/** Where to write; null: not wanted. */
export type Places = { bundle: string | null; page: string | null }
type Wanted = { output?: string; html?: string; redact: boolean }

/**
 * Where the bundle and the page go. Each is written where it was asked for; when none was asked for it is the bundle, here, but
 * never into a git work tree, where it could be committed by accident.
 */
export async function placesOf(app: App, { output, html, redact }: Wanted, at: Date): Promise<Places> {
  const name = `gb10-report-${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}.tar.gz`
  const page = html === undefined ? null : await placeOf(app, html, redact, HINTS.html)
  const bundle = output === undefined && page !== null ? null : await placeOf(app, output ?? name, redact, HINTS.output)
  if (bundle !== null && bundle === page)
    throw new UserError(
      '--output and --html name the same file: nothing was written',
      EXIT.usage,
      'gb10 report --output ONE.tar.gz --html ANOTHER.html',
    )
  if (output === undefined && bundle !== null) await refuseWorkTree(app, bundle, name)
  return { bundle, page }
}

const HINTS = { output: 'gb10 report --output ANOTHER.tar.gz', html: 'gb10 report --html ANOTHER.html' }

/** That something is there already, which is never replaced. */
export const isThere = (path: string, hint: string = HINTS.output): UserError =>
  new UserError(`${path} is there already and is never overwritten: nothing was written`, EXIT.failed, hint)

async function placeOf(app: App, wanted: string, redact: boolean, hint: string): Promise<string> {
  if (wanted === '-') throw new UserError('- is no file, and nothing private goes to stdout by accident', EXIT.usage, hint)
  const machine = await app.machine()
  const marked = redact || wanted.includes('UNREDACTED') ? wanted : wanted.replace(/(\.tar\.gz|\.tgz|\.html?)?$/, '-UNREDACTED$1')
  const path = machine.canonical(marked.startsWith('/') ? marked : `${process.cwd()}/${marked}`)
  needFolder(machine, path)
  if (machine.lstat(path) !== null) throw isThere(path, hint)
  return path
}

async function refuseWorkTree(app: App, path: string, name: string): Promise<void> {
  const machine = await app.machine()
  let up = path
  while (up !== '') {
    up = up.slice(0, up.lastIndexOf('/'))
    if (machine.lstat(`${up}/.git`) === null) continue
    throw new UserError(
      `${up || '/'} is a git work tree, where a bundle is easily committed: nothing was written`,
      EXIT.failed,
      sameCommand('--output', `${app.owner.home}/${name}`),
    )
  }
}
