import { fileUrl } from '../../model/file-url.ts'
import type { App } from '../app.ts'
import { EXIT } from '../exit.ts'
import { setUpOne } from '../records.ts'

/** The variables of an environment, PATH first. */
export async function variablesOf(app: App, name: string): Promise<Record<string, string>> {
  const { recipe, environment } = await setUpOne(app, name)
  const constraint = fileUrl(`${environment}/gb10-constraints.txt`)
  return {
    PATH: `${environment}/bin:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
    PIP_CONSTRAINT: constraint, UV_CONSTRAINT: constraint,
    ...recipe.env,
  }
}

/** `gb10 env NAME`: shell exports of an environment, for `eval "$(gb10 env NAME)"`. */
export async function run(app: App, name: string): Promise<number> {
  const { PATH: _path, ...rest } = await variablesOf(app, name)
  const { environment } = await setUpOne(app, name)
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  const lines = [`export PATH=${quoted(`${environment}/bin`)}:"$PATH"`, ...Object.entries(rest).map(([key, value]) => `export ${key}=${quoted(value)}`)]
  app.show(() => ({ formatVersion: '1.0', command: 'env', name, environment, variables: rest }), () => `${lines.join('\n')}\n`)
  return EXIT.good
}
