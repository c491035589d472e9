import type { ChangeTemplate, Recipe, TemplateWant, Tool } from '../model/recipe.ts'
import { bytesText } from '../model/units.ts'
import { plain } from './text.ts'
import { verifiedText, withDefaults } from './recipes.ts'

const UNDONE: Record<TemplateWant['kind'], string> = {
  file: 'The file as it was before comes back, or the file goes. If you edited it since, it stays and is reported.',
  block: 'Exactly the lines between the markers are cut out. The rest of the file is not touched.',
  directory: 'Removed when it is empty; otherwise it stays and is reported.',
  symlink: 'The link that was there before comes back, or the link goes.',
  'env-line': 'The line as it was before comes back, or this one line goes.',
  cache: 'The whole folder goes. It only holds what programs can fetch or compute again.',
  clone: 'Files as they were fetched go; what you changed or added is kept.',
  exec: 'By the undo command that the recipe declares, after looking whether the change is still there.',
  tool: 'Files as they were fetched go, with the last recipe that uses them. A tool that was on the machine is never touched.',
  venv:
    'Files as they were installed go, and so does the link. What you changed or added is kept; packages you installed stay ' +
    'unless `--purge-data` is given.',
  download:
    'Files as they were fetched go. What you changed or added is kept. A folder of your own that you named is never touched.',
}

/** SYSTEM_CHANGES.md: every change that each recipe can make, where, and how it is undone. */
export function systemChanges(recipes: readonly Recipe[], tools: readonly Tool[]): string {
  const parts = recipes.flatMap((recipe) => [
    `## ${recipe.name}: ${plain(recipe.title)}`,
    '',
    `${plain(recipe.description)}`,
    '',
    `Scope: ${recipe.scope}. ${verifiedText(recipe)}`,
    '',
    '| change | kind | what it does | where | undo |',
    '|---|---|---|---|---|',
    ...recipe.changes.map((change) => row(recipe, change, tools)),
    '',
  ])
  return [...HEADER, ...parts].join('\n').trimEnd() + '\n'
}

const HEADER = [
  '# What gb10 changes',
  '',
  '<!-- Generated from recipes/ by `node scripts/system-changes.ts`. Do not edit. -->',
  '',
  'Every change that a recipe can make, with the values it has when nothing is set, and how the change is undone. What really',
  'happened on a machine is in the `SYSTEM_CHANGES.md` that gb10 keeps in its state folder there; `gb10 status` shows it.',
  '',
  '`{home}` is your home folder, `{data}` is `$XDG_DATA_HOME/gb10` (`~/.local/share/gb10`), `{cache}` is `$XDG_CACHE_HOME/gb10`',
  '(`~/.cache/gb10`). Folders on the way to a path are made when they are missing, and removed again when they are empty. What was',
  'there before gb10 is never owned and never removed. `gb10 undo RECIPE` takes one recipe back, `gb10 uninstall` all.',
  '',
]

function row(recipe: Recipe, change: ChangeTemplate, tools: readonly Tool[]): string {
  const { want } = change
  const size = change.bytes === null ? '' : ` (${bytesText(change.bytes)})`
  const only = Object.entries(change.when).map(([name, allowed]) => ` Only when ${name} is ${allowed.join(' or ')}.`)
  const what = `${plain(withDefaults(recipe, change.summary))}${size}.${only.join('')}`
  const cells = [change.id, want.kind, what, where(recipe, want, tools), `${UNDONE[want.kind]}${exception(change)}`]
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}

function where(recipe: Recipe, want: TemplateWant, tools: readonly Tool[]): string {
  if (want.kind === 'exec') return `\`${want.perform.map((word) => withDefaults(recipe, word)).join(' ')}\``
  if (want.kind === 'tool') {
    const version = tools.find(({ name }) => name === want.tool)?.version ?? ''
    return `\`{data}/tools/${want.tool}-${version}\`, only when the machine has none that is new enough`
  }
  const path = withDefaults(recipe, want.path)
  if (want.kind !== 'venv') return `\`${path}\``
  const cut = path.lastIndexOf('/')
  return `\`${path}\`, a link to \`${path.slice(0, cut)}/.${path.slice(cut + 1)}-<hash>\``
}

function exception({ reversible, want }: ChangeTemplate): string {
  if (want.kind === 'exec' && want.undo.length > 0) return ` Command: \`${want.undo.join(' ')}\`.`
  if (reversible === 'full') return ''
  const texts = { 'data-kept': ' Your data stays.', 'opt-in': ' Only when asked for.', none: ' Cannot be undone.' }
  return texts[reversible]
}
