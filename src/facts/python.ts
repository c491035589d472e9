import type { Fact } from '../model/fact.ts'
import { derived, factOf, tool, type Reading } from './reading.ts'
import { inOrder } from './text.ts'

/** One interpreter, judged by files alone. Null = the listing that would tell was not recorded. */
export type Interpreter = {
  version: string
  path: string
  onPath: boolean
  ensurepip: boolean | null
  pip: boolean | null
  headers: boolean | null
}

const PROGRAM = /^(\/\S*)\/bin\/python(3\.\d+)$/

/** Paths that `which` and `ls` printed, and the patterns that were listed without a match. */
const listings = (readings: readonly Reading[]): { paths: Set<string>; asked: string[]; onPath: Set<string> } => {
  const paths = new Set<string>()
  const onPath = new Set<string>()
  const asked: string[] = []
  for (const r of readings) {
    const printed =
      r.status === 'ok'
        ? r.text
            .split('\n')
            .map((line) => /(\/.+?):?\s*$/.exec(line)?.[1])
            .filter((p) => p !== undefined)
        : []
    if (r.tool === 'ls') {
      asked.push(...r.args.filter((a) => a.startsWith('/') && (r.status === 'ok' || r.status === 'absent')))
      printed.forEach((p) => paths.add(p))
    }
    if (r.tool === 'which')
      printed.forEach((p) => {
        paths.add(p)
        onPath.add(p)
      })
  }
  return { paths, asked, onPath }
}

const patternOf = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .split('*')
      .map((s) => s.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/]*')}$`,
  )

/** All interpreters `python3.N` that listings name, with what stands beside them. */
const interpretersOf = (readings: readonly Reading[]): Interpreter[] => {
  const { paths, asked, onPath } = listings(readings)
  const patterns = asked.filter((glob) => glob.includes('python3')).map(patternOf)
  const has = (path: string): boolean | null =>
    paths.has(path) ? true : patterns.some((pattern) => pattern.test(path)) ? false : null
  return [...paths]
    .flatMap((path) => {
      const found = PROGRAM.exec(path)
      if (found?.[1] === undefined || found[2] === undefined) return []
      const [home, version] = [found[1], found[2]]
      const own = has(`${home}/lib/python${version}/site-packages/pip`)
      return [
        {
          version,
          path,
          onPath: onPath.has(path),
          ensurepip: has(`${home}/lib/python${version}/ensurepip`),
          pip: own === true ? true : (has(`${home}/lib/python3/dist-packages/pip`) ?? own),
          headers: has(`${home}/include/python${version}/Python.h`),
        },
      ]
    })
    .filter((one) => !(one.path.startsWith('/bin/') && paths.has(`/usr${one.path}`)))
    .sort((a, b) => Number(b.version.slice(2)) - Number(a.version.slice(2)) || inOrder(a.path, b.path))
}

/**
 * Facts `python.interpreters` (every python3.N on PATH and in the usual places; `ensurepip` = `-m venv` works, `headers` = extensions can be
 * compiled), `python.default` (first python3 on PATH), `python.defaultVersion` where a call of it was recorded.
 */
export const pythonFacts = (readings: readonly Reading[]): Record<string, Fact> => {
  const found = interpretersOf(readings)
  const looked = readings.some((r) => (r.tool === 'ls' || r.tool === 'which') && r.args.some((a) => a.includes('python3')))
  const interpreters = derived(looked ? found : null, 'python3.N in bin folders')
  return {
    'python.interpreters': found.some(({ headers }) => headers === null) ? { ...interpreters, partial: true } : interpreters,
    'python.default': factOf(readings, [
      { of: tool('which', (args) => args.includes('python3')), parse: (r) => r.text.split('\n')[0]?.trim() || null },
    ]),
    'python.defaultVersion': factOf(readings, [
      {
        of: tool('python3', (args) => args.includes('--version') || args.includes('-V')),
        parse: (r) => /^Python (\d\S*)/.exec(r.text)?.[1] ?? null,
      },
    ]),
  }
}
