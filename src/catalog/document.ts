import { isAlias, isCollection, isMap, isNode, isPair, isScalar, parseDocument, type Node, type Pair } from 'yaml'
import { MAX_DEPTH, nesting } from '../model/nesting.ts'
import type { CatalogIssue } from './issue.ts'

const MAX_BYTES = 1024 * 1024

/** Where faults go, and how an offset in the text becomes a line and a column. */
export type Sink = {
  file: string
  issues: CatalogIssue[]
  report: (offset: number, path: string, expected: string, got: string, hint?: string | null) => void
}

/**
 * The node tree of one YAML 1.2 document, or null with the reasons in the sink. Refused: more than 1 MiB, more than 20 levels,
 * several documents, anchors, aliases, tags and doubled keys. Such files come from users too, and none of ours needs any of
 * this.
 */
export function readNodes(text: string, file: string): { root: Node | null; sink: Sink } {
  const sink = sinkOf(file, text)
  if (Buffer.byteLength(text) > MAX_BYTES) {
    sink.report(0, '', 'at most 1 MiB of text', `${text.length} characters`)
    return { root: null, sink }
  }
  const tooDeep = nesting(text)
  if (tooDeep !== null) {
    sink.report(0, '', `at most ${MAX_DEPTH} levels`, `${tooDeep} levels or more`)
    return { root: null, sink }
  }
  const document = parseDocument(text, { prettyErrors: false, merge: false, uniqueKeys: false, version: '1.2' })
  for (const fault of [...document.errors, ...document.warnings]) {
    sink.report(fault.pos[0], '', 'well-formed YAML', oneLine(fault.message))
  }
  if (sink.issues.length === 0 && document.contents !== null) refuseExtras(document.contents, 1, sink)
  return { root: sink.issues.length === 0 ? document.contents : null, sink }
}

/** Lines are counted here: after a fault the parser's own counter leaves out those of a block of text. */
function sinkOf(file: string, text: string): Sink {
  const issues: CatalogIssue[] = []
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const report: Sink['report'] = (offset, path, expected, got, hint = null) => {
    let [line, after] = [0, starts.length]
    while (after - line > 1) {
      const middle = (line + after) >> 1
      if (starts[middle]! <= offset) line = middle
      else after = middle
    }
    issues.push({ file, line: line + 1, col: offset - starts[line]! + 1, path, expected, got, hint })
  }
  return { file, issues, report }
}

function refuseExtras(node: Node | Pair | null, depth: number, sink: Sink): void {
  if (node === null) return
  if (isPair(node)) {
    if (isNode(node.key)) refuseExtras(node.key, depth, sink)
    if (isNode(node.value)) refuseExtras(node.value, depth, sink)
    return
  }
  const offset = node.range?.[0] ?? 0
  if (isAlias(node)) return sink.report(offset, '', 'plain YAML', `the alias *${node.source}`, 'write the value out')
  if (node.anchor !== undefined) sink.report(offset, '', 'plain YAML', `the anchor &${node.anchor}`, 'write the value out')
  if (node.tag !== undefined) sink.report(offset, '', 'plain YAML', `the tag ${node.tag}`, 'leave the tag out')
  if (!isCollection(node)) return
  if (depth > MAX_DEPTH) return sink.report(offset, '', `at most ${MAX_DEPTH} levels`, 'more')
  if (isMap(node)) refuseDoubledKeys(node.items, sink)
  for (const item of node.items) refuseExtras(item as Node | Pair, depth + 1, sink)
}

/** The parser's own look for them compares each key with all, which takes minutes for a file full of keys. */
function refuseDoubledKeys(pairs: readonly Pair[], sink: Sink): void {
  const seen = new Set<unknown>()
  for (const { key } of pairs) {
    if (!isScalar(key)) continue
    if (seen.has(key.value)) sink.report(key.range?.[0] ?? 0, '', 'well-formed YAML', 'Map keys must be unique')
    seen.add(key.value)
  }
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim()
}
