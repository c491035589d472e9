import type { Compatibility, Problem, Problems } from '../model/problem.ts'
import { suggest } from '../model/suggest.ts'
import { CatalogError, type CatalogIssue } from './issue.ts'
import { parseProblem, problemReference } from './problem.ts'
import { list, need, object, orElse, readText } from './reader.ts'
import { oneOf, slug, text } from './scalars.ts'

/** The files under checks/, as paths from there (`apt/some-id.yaml`), and how to read one. */
export type ProblemFiles = { names: readonly string[]; text: (name: string) => string }

const compatibility = object<Compatibility>({
  name: need(slug),
  also: orElse(list(text), []),
  title: need(text),
  state: need(oneOf(['works', 'build', 'container', 'cpu-only', 'no', 'unclear'])),
  version: need(text),
  note: orElse<string | null>(text, null),
  problems: orElse(list(slug), []),
  references: need(list(problemReference)),
})

/** checks/_compat.yaml: which framework runs on GB10, since which version. */
export function parseCompatibility(source: string, file: string): { value: Compatibility[] } | { errors: CatalogIssue[] } {
  const read = readText(source, file, object<{ components: Compatibility[] }>({ components: need(list(compatibility)) }))
  return 'errors' in read ? read : { value: read.value.components }
}

/**
 * The whole catalogue, in order of area and id.
 *
 * @throws CatalogError with every fault of every file.
 */
export function loadProblems({ names, text: read }: ProblemFiles): Problems {
  const errors: CatalogIssue[] = []
  const problems = names
    .filter((name) => /^[a-z]+\/[^/_][^/]*\.yaml$/.test(name))
    .toSorted()
    .flatMap((name): Problem[] => {
      const parsed = parseProblem(read(name), `checks/${name}`)
      if ('problem' in parsed) return [parsed.problem]
      errors.push(...parsed.errors)
      return []
    })
  const table = names.includes('_compat.yaml') ? parseCompatibility(read('_compat.yaml'), 'checks/_compat.yaml') : { value: [] }
  if ('errors' in table) errors.push(...table.errors)
  const rows = 'value' in table ? table.value : []
  if (errors.length === 0) errors.push(...crossIssues(problems, rows))
  if (errors.length > 0) throw new CatalogError(errors)
  return { problems, compatibility: rows }
}

/** Ids that one file names and another must have. An id is used once, as waivers and metrics hang on it. */
function crossIssues(problems: readonly Problem[], rows: readonly Compatibility[]): CatalogIssue[] {
  const ids = problems.map(({ id }) => id)
  const issues: CatalogIssue[] = []
  const report = (file: string, path: string, id: string): void => {
    const near = suggest(id, ids)
    issues.push({
      file,
      line: 1,
      col: 1,
      path,
      expected: 'the id of a problem',
      got: JSON.stringify(id),
      hint: near === null ? null : `did you mean ${near}?`,
    })
  }
  problems.forEach(({ id, area, after, causes }, at) => {
    const file = `checks/${area}/${id}.yaml`
    for (const other of after) if (!ids.includes(other) || other === id) report(file, 'after', other)
    for (const other of causes) if (!ids.includes(other) || other === id) report(file, 'causes', other)
    if (ids.indexOf(id) !== at)
      issues.push({ file, line: 1, col: 1, path: 'id', expected: 'an id of its own', got: JSON.stringify(id), hint: null })
  })
  for (const { name, problems: named } of rows)
    for (const id of named) if (!ids.includes(id)) report('checks/_compat.yaml', name, id)
  return issues
}

/** The catalogue without what only tests read. */
export function withoutTests({ problems, compatibility: rows }: Problems): Problems {
  return { problems: problems.map((problem) => ({ ...problem, tests: [] })), compatibility: rows }
}
