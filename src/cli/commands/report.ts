import { createHash } from 'node:crypto'
import type { NewFile } from '../../host/new-file.ts'
import type { Health } from '../../model/verdict.ts'
import type { App } from '../app.ts'
import { loadCatalogue } from '../catalogue.ts'
import { confirm } from '../confirm.ts'
import { EXIT } from '../exit.ts'
import { isThere, placesOf, type Places } from '../report-places.ts'
import { makeBundle, PAGE, type Bundle, type BundleRequest } from '../reporting.ts'

type Options = { output?: string; html?: string; show?: boolean; includeLogs?: boolean; redact: boolean }

/**
 * `gb10 report`: a redacted support bundle of this machine, or the same as a page to read, for the user to hand on. Exit 1 when
 * the last look finds something in it.
 */
export async function run(app: App, options: Options): Promise<number> {
  const at = new Date()
  const places = await placesOf(app, options, at)
  const bundle = await bundleOfThisMachine(app, options, at)
  const { reportJson } = await import('../../report/bundle.ts')
  const { reportText, wholeText } = await import('../../report/bundle-text.ts')
  const files = [...bundle.files].map(([name, text]) => ({ name, bytes: Buffer.byteLength(text) }))
  const said = { files, redactions: bundle.rules, leftOut: bundle.leftOut, refused: bundle.hits }
  if (bundle.hits.length > 0) {
    const none = { ...NONE, html: null, ...said }
    app.show(
      () => reportJson(none),
      () => reportText(none, app.terminal.width),
    )
    return EXIT.failed
  }
  if (options.show && !(await shown(app, wholeText(toWrite(bundle, places))))) return EXIT.failed
  const packed = places.bundle === null ? null : await packedAs(places.bundle, bundle, at)
  const page = places.page === null ? null : { path: places.page, bytes: Buffer.from(bundle.page ?? '') }
  await write([packed, page].filter((file) => file !== null))
  const report = { ...(packed === null ? NONE : written(packed)), html: page && written(page), ...said }
  app.show(
    () => reportJson(report),
    () => reportText(report, app.terminal.width, options.redact),
  )
  if (!options.redact)
    app.terminal.err('gb10: NOTHING IN THIS BUNDLE WAS REPLACED. It names this machine and its people. Do not post it.\n')
  return EXIT.good
}

/** The texts that will be written, by name. */
const toWrite = ({ files, page }: Bundle, places: Places): Map<string, string> =>
  new Map([...(places.bundle === null ? [] : files), ...(page === null ? [] : [[PAGE, page] as const])])

async function packedAs(path: string, { files }: Bundle, at: Date): Promise<NewFile> {
  const { pack } = await import('../../host/pack.ts')
  const name = (path.split('/').at(-1) ?? '').replace(/\.(?:tar\.gz|tgz)$/, '')
  return { path, bytes: pack(name, files, at.getTime() / 1000) }
}

async function write(files: readonly NewFile[]): Promise<void> {
  const { writeNew } = await import('../../host/new-file.ts')
  try {
    writeNew(files)
  } catch (error) {
    const { code, path, dest } = error as NodeJS.ErrnoException & { dest?: string }
    throw code === 'EEXIST' ? isThere(dest ?? path ?? 'that file') : error
  }
}

const NONE = { path: null, bytes: 0, sha256: null }
const written = ({ path, bytes }: NewFile): { path: string; bytes: number; sha256: string } => ({
  path,
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

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
  const { signal } = app
  const captures = await probeLive(doctorProbes, { onWait, guard: gpuGuard, signal })
  const identity = await probeLive(identityProbes, { onWait, signal })
  signal.throwIfAborted() // names that were not asked for any more would not be replaced
  return makeBundle({
    captures,
    identity,
    own: ownNames(app.owner.home),
    redaction: readRedactionData(parse(projectText('checks/_redaction.yaml'))),
    gpus: parseData(projectText('checks/_gpus.yaml')),
    doctor: health,
    includeLogs: options.includeLogs === true,
    page: options.html !== undefined,
    redact: options.redact,
    at: at.toISOString(),
    version: projectVersion(),
  })
}

/** What doctor says to facts, without the user's waivers: those do not travel. */
const health: NonNullable<BundleRequest['doctor']> = async (facts, { machine, driver, kernel }) => {
  const { problems } = await loadCatalogue()
  const { judge, summaryOf } = await import('../../doctor/judge.ts')
  const { doctorJson } = await import('../../report/doctor-json.ts')
  const results = judge(problems, facts)
  const of: Health['machine'] = { dgxSpark: machine.dgxSpark, product: machine.product, driver: driver.version, kernel }
  return { ...doctorJson({ summary: summaryOf(results), results, notes: [], machine: of }), results }
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
