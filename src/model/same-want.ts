import { canonicalJson } from './canonical.ts'
import type { Want } from './change.ts'

type VenvWant = Extract<Want, { kind: 'venv' }>

/**
 * The inputs of a tree as one text: what decides what is in it. Who installs (uv or pip, and where it lies) does not: a uv that
 * appears on PATH later must not rebuild anything.
 */
export function treeInputs({ path, python, pythonVersion, steps, constraints, promised, variables }: VenvWant): string {
  return canonicalJson({ path, python, pythonVersion, steps, constraints, promised, variables })
}

/** Do two wants ask for the same state? Trees are compared by their inputs. */
export function sameWant(one: Want, other: Want): boolean {
  if (one.kind === 'venv' && other.kind === 'venv') return treeInputs(one) === treeInputs(other)
  return canonicalJson(one) === canonicalJson(other)
}
