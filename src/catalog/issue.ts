/** One fault in a YAML file of ours or of the user's. `line` and `col` count from 1; `path` is like `changes[2].want`. */
export type CatalogIssue = {
  file: string
  line: number
  col: number
  path: string
  expected: string
  got: string
  hint: string | null
}

/** Thrown when files of the catalogue cannot be used; `errors` holds every fault found, in the order of the files. */
export class CatalogError extends Error {
  readonly errors: readonly CatalogIssue[]

  constructor(errors: readonly CatalogIssue[]) {
    super(errors.map(issueText).join('\n'))
    this.name = 'CatalogError'
    this.errors = errors
  }
}

/** One fault as one line: `file:line:col: path: expected …, got …; hint`. */
export function issueText(issue: CatalogIssue): string {
  const where = `${issue.file}:${issue.line}:${issue.col}: `
  const what = `${issue.path === '' ? '' : `${issue.path}: `}expected ${issue.expected}, got ${issue.got}`
  return `${where}${what}${issue.hint === null ? '' : `; ${issue.hint}`}`
}
