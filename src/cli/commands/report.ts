import { createHash } from 'node:crypto'
import type { Fact } from '../../model/fact.ts'
import type { Detection } from '../../model/machine.ts'
import type { Health } from '../../model/verdict.ts'
import type { App } from '../app.ts'
import { loadCatalogue } from '../catalogue.ts'
import { confirm } from '../confirm.ts'
import { EXIT, UserError } from '../exit.ts'
import { makeBundle, type Bundle } from '../reporting.ts'

type Options = { output?: string; show?: boolean; includeLogs?: boolean; redact: boolean }

/**
 * `gb10 report`: a redacted support bundle of this machine, for the user to hand on. Exit 1 when the last look finds something
 * in it.
 */
export async function run(app: App, options: Options): Promise<number> {
  const at = new Date()
  const path = await placeOf(app, options, at)
  const bundle = await bundleOfThisMachine(app, options, at)
  const { reportJson } = await import('../../report/bundle.ts')
  const { reportText, wholeText } = await import('../../report/bundle-text.ts')
  const files = [...bundle.files].map(([name, text]) => ({ name, bytes: Buffer.byteLength(text) }))
  const said = { files, redactions: bundle.rules, leftOut: bundle.leftOut, refused: bundle.hits }
  if (bundle.hits.length > 0) {
    const none = { path: null, bytes: 0, sha256: null, ...said }
    app.show(
      () => reportJson(none),
      () => reportText(none, app.terminal.width),
    )
    return EXIT.failed
  }
  if (options.show && !(await shown(app, wholeText(bundle.files)))) return EXIT.failed
  const { pack } = await import('../../host/pack.ts')
  const { writeNew } = await import('../../host/new-file.ts')
  const bytes = pack(nameOf(path), bundle.files, at.getTime() / 1000)
  try {
    writeNew(path, bytes)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new UserError(
      `${path} is there already and is never overwritten: nothing was written`,
      EXIT.failed,
      'gb10 report --output ANOTHER.tar.gz',
    )
  }
  const report = { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), ...said }
  app.show(
    () => reportJson(report),
    () => reportText(report, app.terminal.width),
  )
  if (!options.redact)
    app.terminal.err('gb10: NOTHING IN THIS BUNDLE WAS REPLACED. It names this machine and its people. Do not post it.\n')
  return EXIT.good
}

const nameOf = (path: string): string => (path.split('/').at(-1) ?? '').replace(/\.(?:tar\.gz|tgz)$/, '')

/** Where the bundle goes. Without --output never into a git work tree, where it could be committed by accident. */
async function placeOf(app: App, { output, redact }: Options, at: Date): Promise<string> {
  const machine = await app.machine()
  const mark = redact ? '' : '-UNREDACTED'
  const wanted = output ?? `gb10-report-${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}.tar.gz`
  const marked = wanted.includes('UNREDACTED') ? wanted : wanted.replace(/(\.tar\.gz|\.tgz)?$/, `${mark}$1`)
  const path = machine.canonical(marked.startsWith('/') ? marked : `${process.cwd()}/${marked}`)
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  if (machine.lstat(folder)?.type !== 'directory')
    throw new UserError(`${folder} is no folder: nothing was written`, EXIT.failed, `mkdir -p ${folder}`)
  if (machine.lstat(path) !== null)
    throw new UserError(
      `${path} is there already and is never overwritten: nothing was written`,
      EXIT.failed,
      'gb10 report --output ANOTHER.tar.gz',
    )
  if (output !== undefined) return path
  for (let up = folder; ; up = up.slice(0, up.lastIndexOf('/'))) {
    if (machine.lstat(`${up}/.git`) !== null) {
      throw new UserError(
        `${up || '/'} is a git work tree, where a bundle is easily committed: nothing was written`,
        EXIT.failed,
        `gb10 report --output ${app.owner.home}/${wanted}`,
      )
    }
    if (up === '') return path
  }
}

async function bundleOfThisMachine(app: App, options: Options, at: Date): Promise<Bundle> {
  const { parse } = await import('yaml')
  const { parseData } = await import('../../facts/data.ts')
  const { gpuGuard } = await import('../../facts/kernel-log.ts')
  const { doctorProbes } = await import('../../facts/probes-doctor.ts')
  const { probeLive } = await import('../../host/live.ts')
  const { projectText, projectVersion } = await import('../../host/project.ts')
  const { ownNames } = await import('../../host/self.ts')
  const { readRedactionData } = await import('../../redact/data.ts')
  const { identityProbes } = await import('../../redact/sources.ts')
  const onWait = (argv: readonly string[], limit: number): void => app.note(`waiting for ${argv[0]} (at most ${limit / 1000} s)`)
  return makeBundle({
    captures: await probeLive(doctorProbes, { onWait, guard: gpuGuard }),
    identity: await probeLive(identityProbes, { onWait }),
    own: ownNames(app.owner.home),
    redaction: readRedactionData(parse(projectText('checks/_redaction.yaml'))),
    gpus: parseData(projectText('checks/_gpus.yaml')),
    doctor: health,
    includeLogs: options.includeLogs === true,
    redact: options.redact,
    at: at.toISOString(),
    version: projectVersion(),
  })
}

/** What doctor says to facts, without the user's waivers: those do not travel. */
async function health(facts: Record<string, Fact>, { machine, driver, kernel }: Detection): Promise<object> {
  const { problems } = await loadCatalogue()
  const { judge, summaryOf } = await import('../../doctor/judge.ts')
  const { doctorJson } = await import('../../report/doctor-json.ts')
  const results = judge(problems, facts)
  const of: Health['machine'] = { dgxSpark: machine.dgxSpark, product: machine.product, driver: driver.version, kernel }
  return doctorJson({ summary: summaryOf(results), results, notes: [], machine: of })
}

/** Shows the bytes that would be written; false when the user then says no. Where nobody can be asked they are printed. */
async function shown(app: App, text: string): Promise<boolean> {
  const { page } = await import('../../host/pager.ts')
  if (!app.terminal.canAsk || !(await page(text))) {
    if (app.options.json) app.terminal.err(text)
    else app.terminal.out(text)
  }
  if (!app.terminal.canAsk) return true
  const yes = await confirm(app, 'Write exactly this?', false)
  if (!yes) app.note('nothing was written')
  return yes
}
