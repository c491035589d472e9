import type { Want } from '../model/change.ts'
import { fill } from '../model/placeholders.ts'
import type { TemplateWant } from '../model/recipe.ts'
import { folderInputs, treeInputs } from '../model/same-want.ts'
import { holds } from './parameters.ts'

type VenvWant = Extract<Want, { kind: 'venv' }>
type DownloadWant = Extract<Want, { kind: 'download' }>
type VenvTemplate = Extract<TemplateWant, { kind: 'venv' }>

/** What only the machine can tell: which Python, which installer, and where the cache lies. */
export type Build = { python: string; pythonVersion: string; installer: 'uv' | 'pip'; uv: string | null; cache: string }

/** The two changes that a venv template stands for: the tree, and the link by which it is known. */
export function expandVenv(
  template: VenvTemplate,
  path: string,
  build: Build,
  values: Readonly<Record<string, string>>,
  hash: (text: string) => string,
): { tree: VenvWant; link: Want } {
  const filled = (texts: readonly string[]): string[] => texts.map((text) => fill(text, values))
  const wanted = {
    ...build,
    steps: template.steps
      .filter((step) => holds(step.when, values))
      .map(({ packages, index }) => ({
        packages: filled(packages),
        index: fill(index, values),
      })),
    constraints: filled(template.constraints.filter((one) => holds(one.when, values)).map(({ line }) => line)),
    promised: template.promised
      .filter((one) => holds(one.when, values))
      .map(({ distribution, version, localVersion }) => ({
        distribution,
        version: fill(version, values),
        localVersion: localVersion === null ? null : fill(localVersion, values),
      })),
    variables: Object.fromEntries(Object.entries(template.variables).map(([name, value]) => [name, fill(value, values)])),
  }
  const tree = beside(path, hash(treeInputs({ kind: 'venv', path, ...wanted })))
  return { tree: { kind: 'venv', path: tree, ...wanted }, link: { kind: 'symlink', path, target: tree } }
}

/** A downloaded folder lies under a name of its own too: the one in use stays until all of the next has come. */
export function expandDownload(want: DownloadWant, hash: (text: string) => string): { folder: DownloadWant; link: Want } {
  const folder = { ...want, path: beside(want.path, hash(folderInputs(want))) }
  return { folder, link: { kind: 'symlink', path: want.path, target: folder.path } }
}

/** The hidden name of one version, beside the link that leads to it. */
function beside(path: string, inputs: string): string {
  const cut = path.lastIndexOf('/')
  return `${path.slice(0, cut)}/.${path.slice(cut + 1)}-${inputs.slice(0, 8)}`
}
