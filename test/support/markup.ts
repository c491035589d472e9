import { parse, type DefaultTreeAdapterTypes as Tree } from 'parse5'

/** What an HTML parser that is not ours makes of a page: its tags, its attributes, and the text of every element. */
export type Markup = { errors: string[]; skeleton: string[]; attributes: [name: string, value: string][]; text: string }

/** Reads a page as a browser does. `skeleton` is the tree without texts, so that two pages can be compared. */
export function readMarkup(page: string): Markup {
  const seen: Markup = { errors: [], skeleton: [], attributes: [], text: '' }
  const walk = (node: Tree.ChildNode, depth: number): void => {
    if (node.nodeName === '#text') seen.text += (node as Tree.TextNode).value
    if (!('tagName' in node)) return void (node.nodeName === '#comment' && seen.skeleton.push('comment'))
    seen.skeleton.push(`${' '.repeat(depth)}${node.tagName} ${node.attrs.map(({ name }) => name).join(' ')}`)
    seen.attributes.push(...node.attrs.map(({ name, value }): [string, string] => [name, value]))
    if (node.tagName !== 'style') for (const child of node.childNodes) walk(child, depth + 1)
  }
  const document = parse(page, { onParseError: ({ code, startLine }) => seen.errors.push(`${startLine}: ${code}`) })
  for (const child of document.childNodes) walk(child, 0)
  return seen
}
