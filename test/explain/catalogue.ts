import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadProblems } from '../../src/catalog/problems.ts'
import { compileSignatures } from '../../src/doctor/explain-signatures.ts'
import { explainText, type Explanation } from '../../src/doctor/explain.ts'

const checks = fileURLToPath(new URL('../../checks', import.meta.url))
const names = readdirSync(checks, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.yaml'))

/** The catalogue that ships. */
export const { problems, compatibility } = loadProblems({ names, text: (name) => readFileSync(`${checks}/${name}`, 'utf8') })
export const signatures = compileSignatures(problems)

/** A text against the catalogue that ships. */
export const explain = (text: string): Explanation => explainText(text, problems, signatures)

/** What was found, in order. */
export const idsIn = (text: string): string[] => explain(text).matches.map(({ problem }) => problem.id)

/** The text files below a folder of this one, as [path, text]. */
export function textsIn(folder: string): [path: string, text: string][] {
  const at = new URL(`${folder}/`, import.meta.url)
  return readdirSync(at, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.txt'))
    .toSorted()
    .map((name) => [name.replace(/\.txt$/, ''), readFileSync(new URL(name, at), 'utf8')])
}
