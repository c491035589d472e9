import type { Explained } from '../../report/explain.ts'
import type { Problem } from '../../model/problem.ts'
import type { App } from '../app.ts'
import { loadCatalogue } from '../catalogue.ts'
import { shellWord } from '../../model/shell-word.ts'
import { EXIT, UserError } from '../exit.ts'

/** `gb10 explain [ARG… | -]`: a log, a file, an id, a framework or words. Exit 0 when something known was found, else 1. */
export async function run(app: App, args: string[]): Promise<number> {
  const { kindOf } = await import('../../host/chunks.ts')
  const isFile = (one: string): boolean => kindOf(one) === 'file'
  const { width, colourOut } = app.terminal
  const { problems, compatibility } = await loadCatalogue()
  const { explainJson, explainText } = await import('../../report/explain.ts')
  const answer = (found: Partial<Explained>, page: ((explained: Explained) => Promise<string>) | null = null): Promise<number> =>
    show(
      app,
      { matches: [], lines: null, framework: null, near: null, ...found },
      page ?? (async (one) => explainText(one, width, colourOut)),
      explainJson,
    )

  const [word = ''] = args
  const words = args.join(' ').trim()
  if (args.length === 0 && process.stdin.isTTY)
    throw new UserError('nothing to explain', EXIT.usage, 'some-command 2>&1 | gb10 explain -')
  if (args.length === 0 || (args.length === 1 && word === '-')) return answer(await readLog(app, null, problems))
  if (args.length === 1 && isFile(word)) return answer(await readLog(app, word, problems))
  if (args.length > 1 && args.every((one) => one === '-' || isFile(one))) {
    throw new UserError('one log at a time, as line numbers would not say of which', EXIT.usage, `gb10 explain ${shellWord(word)}`)
  }
  const known = problems.find(({ id }) => id === words)
  if (known) {
    const { problemPage } = await import('../../report/explain-page.ts')
    const match = { problem: known, manner: 'id' as const, line: null, evidence: null, causes: [] }
    return answer({ matches: [match] }, async () => problemPage(known, width, colourOut))
  }
  const { aboutWords, frameworkNamed } = await import('../../doctor/explain-words.ts')
  const framework = frameworkNamed(words, compatibility)
  if (framework) {
    const { frameworkPage } = await import('../../report/explain-page.ts')
    return answer({ framework }, async () => frameworkPage(framework, width, colourOut))
  }
  const { explainText: explain } = await import('../../doctor/explain.ts')
  const { matches } = explain(words, problems)
  if (matches.length > 0) return answer({ matches })
  const { suggest } = await import('../../model/suggest.ts')
  if (args.length === 1 && /^\S+$/.test(word)) {
    if (kindOf(word) === 'folder') app.note(`${word} is a folder here; what is read is a file, and this word was taken for a text`)
    else if (/\/|\.(?:log|txt|out|err)$/i.test(word)) app.note(`there is no file ${word} here: this word was taken for a text`)
  }
  // The path of a folder asks about nothing: a piece of it may stand in the example of any problem.
  if (args.length === 1 && word.includes('/') && kindOf(word) === 'folder') return answer({})
  const names = [...problems.map(({ id }) => id), ...compatibility.map(({ name }) => name)]
  return answer({ matches: aboutWords(words, problems), near: words.includes(' ') ? null : suggest(words, names) })
}

/** How compressed files begin, such as the older logs that logrotate keeps, and what unpacks each. */
const PACKED: [number[], string][] = [
  [[0x1f, 0x8b], 'zcat'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'xzcat'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstdcat'],
  [[0x42, 0x5a, 0x68], 'bzcat'],
]

/** Reads a log piece by piece; it may be larger than the memory. Ctrl-C ends the reading: what was found so far is told. */
async function readLog(
  app: App,
  path: string | null,
  problems: readonly Problem[],
): Promise<Pick<Explained, 'matches' | 'lines'>> {
  const { chunks } = await import('../../host/chunks.ts')
  const { Explainer } = await import('../../doctor/explain.ts')
  if (path === null && process.stdin.isTTY) app.note('Paste the text, then press Enter and Ctrl-D.')
  const explainer = new Explainer(problems)
  let first = true
  try {
    for await (const chunk of chunks(path, app.signal)) {
      const by = first ? PACKED.find(([magic]) => magic.every((byte, at) => chunk[at] === byte))?.[1] : undefined
      if (by !== undefined)
        throw new UserError(`${path ?? 'what came on stdin'} is compressed: no line of it can be read`, EXIT.usage, `${by} ${path === null ? 'FILE' : shellWord(path)} | gb10 explain -`)
      first = false
      explainer.push(chunk)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES' || path === null) throw error
    throw new UserError(`you may not read ${path}`, EXIT.failed, `sudo cat ${shellWord(path)} | gb10 explain -`)
  }
  const { matches, lines } = explainer.end()
  return { matches, lines }
}

async function show(
  app: App,
  explained: Explained,
  page: (explained: Explained) => Promise<string>,
  json: (explained: Explained) => object,
): Promise<number> {
  const text = app.options.json ? '' : await page(explained)
  if (!(await paged(app, text)))
    app.show(
      () => json(explained),
      () => text,
    )
  if (app.signal.aborted) return 130
  return explained.matches.length > 0 || explained.framework !== null ? EXIT.good : EXIT.failed
}

/** Shows on a terminal what is longer than its screen through the pager that the user named; false: it is still to be shown. */
async function paged(app: App, text: string): Promise<boolean> {
  const { env, stdout } = process
  if (!env['PAGER'] || !app.terminal.home || app.options.plain || text.split('\n').length <= (stdout.rows || 24)) return false
  const { page } = await import('../../host/pager.ts')
  return page(text, { LESS: 'FRX', ...env }) // as git does it: with colours, and what was read stays on the screen
}
