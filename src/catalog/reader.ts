import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'
import { suggest } from '../model/suggest.ts'
import { readNodes, type Sink } from './document.ts'
import type { CatalogIssue } from './issue.ts'

/** One place in a document: its node (null where the key has no value), its path and where to report. */
export type Cursor = { node: Node | null; at: number; path: string; sink: Sink }

/** Reads one value; undefined means that a fault was reported. */
export type Reader<T> = (cursor: Cursor) => T | undefined

/** A key of a mapping: required, with a value for when it is absent, or left out of the result when absent. */
export type Field<T> = { read: Reader<T>; absent: 'error' | 'omit' | { value: T } }

export const need = <T>(read: Reader<T>): Field<T> => ({ read, absent: 'error' })
export const orElse = <T>(read: Reader<T>, value: NoInfer<T>): Field<T> => ({ read, absent: { value } })
export const maybe = <T>(read: Reader<T>): Field<T> => ({ read, absent: 'omit' })

/** Whether a text holds blank lines and comments alone. */
export const saysNothing = (text: string): boolean => text.split('\n').every((line) => /^\s*(#|$)/.test(line))

/** Reads a whole document with one reader. Faults come in the order of the text, at most fifty. */
export function readText<T>(text: string, file: string, read: Reader<T>): { value: T } | { errors: CatalogIssue[] } {
  const { root, sink } = readNodes(text, file)
  const value = sink.issues.length > 0 ? undefined : read({ node: root, at: root?.range?.[0] ?? 0, path: '', sink })
  if (sink.issues.length === 0 && value !== undefined) return { value }
  return { errors: sink.issues.toSorted((one, other) => one.line - other.line || one.col - other.col).slice(0, 50) }
}

/** Reports a fault at the cursor. */
export function fault(cursor: Cursor, expected: string, got: string = shown(cursor.node), hint: string | null = null): undefined {
  cursor.sink.report(cursor.at, cursor.path, expected, got, hint)
  return undefined
}

/** What a node is, for messages: its kind and, when short, its value. */
export function shown(node: Node | null): string {
  if (isMap(node)) return 'a mapping'
  if (isSeq(node)) return 'a list'
  if (!isScalar(node) || node.value === null) return 'nothing'
  const text = JSON.stringify(node.value) ?? String(node.value)
  const clipped = text.length > 60 ? `${text.slice(0, 57)}...` : text
  return typeof node.value === 'string' ? clipped : `the ${typeof node.value} ${node.source ?? clipped}`
}

/** A list; every item is read, so that all faults show at once. */
export function list<T>(read: Reader<T>): Reader<T[]> {
  return (cursor) => {
    if (!isSeq(cursor.node)) return fault(cursor, 'a list')
    const items = cursor.node.items.map((item, index) => read(below(cursor, item as Node | null, `[${index}]`)))
    return items.includes(undefined) ? undefined : (items as T[])
  }
}

/** A mapping with free keys. */
export function record<T>(read: Reader<T>, key: RegExp, keyIs: string): Reader<Record<string, T>> {
  return (cursor) => {
    if (!isMap(cursor.node)) return fault(cursor, 'a mapping')
    const found: [string, T | undefined][] = pairs(cursor).map(([name, child]) => {
      if (!key.test(name)) return [name, fault({ ...child, at: child.keyAt }, keyIs, JSON.stringify(name))]
      return [name, read(child)]
    })
    return found.some(([, value]) => value === undefined) ? undefined : (Object.fromEntries(found) as Record<string, T>)
  }
}

/** A mapping with exactly these keys; an unknown one is a fault and the nearest known one is offered. */
export function object<T extends object>(fields: { [K in keyof Required<T>]: Field<Required<T>[K]> }): Reader<T> {
  const names = Object.keys(fields)
  return (cursor) => {
    if (!isMap(cursor.node)) return fault(cursor, 'a mapping')
    const before = cursor.sink.issues.length
    const given = new Map(pairs(cursor))
    for (const [name, child] of given) {
      if (Object.hasOwn(fields, name)) continue
      const near = suggest(
        name,
        names.filter((known) => !given.has(known)),
      )
      fault(
        { ...child, at: child.keyAt },
        `one of ${names.join(', ')}`,
        `the unknown key ${JSON.stringify(name)}`,
        near === null ? null : `did you mean ${near}?`,
      )
    }
    const found = names.flatMap((name): [string, unknown][] => {
      const field = fields[name as keyof T] as Field<unknown>
      const child = given.get(name)
      if (child !== undefined) return [[name, field.read(child)]]
      if (field.absent === 'error') fault(cursor, `the key ${name}`, 'a mapping without it')
      return typeof field.absent === 'object' ? [[name, field.absent.value]] : []
    })
    return cursor.sink.issues.length > before ? undefined : (Object.fromEntries(found) as T)
  }
}

/** The keys of a mapping, each with a cursor at its value and the offset of the key itself. */
export function pairs(cursor: Cursor): [string, Cursor & { keyAt: number }][] {
  if (!isMap(cursor.node)) return []
  return (cursor.node.items as Pair<Node | null, Node | null>[]).map((pair) => {
    const key = isScalar(pair.key) ? String(pair.key.value) : shown(pair.key)
    const child = below(cursor, pair.value, cursor.path === '' ? key : `.${key}`)
    return [key, { ...child, keyAt: pair.key?.range?.[0] ?? child.at }]
  })
}

function below(cursor: Cursor, node: Node | null, step: string): Cursor {
  return { node, at: node?.range?.[0] ?? cursor.at, path: `${cursor.path}${step}`, sink: cursor.sink }
}
