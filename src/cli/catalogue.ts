import type { Problems } from '../model/problem.ts'

/** Sources whose change makes a compiled catalogue old. */
const CODE = ['problem', 'problems', 'problem-condition', 'problem-signature', 'reader', 'scalars', 'document'].map(
  (name) => `src/catalog/${name}.ts`,
)

/** The catalogue of problems, compiled where it was compiled before: the YAML parser costs more than all of a quick doctor. */
export async function loadCatalogue(): Promise<Problems> {
  const { compiled } = await import('../host/compiled.ts')
  return compiled<Problems>('checks', CODE, async (texts) => {
    const { loadProblems, withoutTests } = await import('../catalog/problems.ts')
    return withoutTests(loadProblems(texts))
  })
}
