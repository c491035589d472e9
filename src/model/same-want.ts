import { canonicalJson } from './canonical.ts'
import type { Want } from './change.ts'

type VenvWant = Extract<Want, { kind: 'venv' }>
type DownloadWant = Extract<Want, { kind: 'download' }>

/**
 * The inputs of a tree as one text: what decides what is in it. Who installs (uv or pip, and where it lies) does not: a uv that
 * appears on PATH later must not rebuild anything.
 */
export function treeInputs({ path, python, pythonVersion, steps, constraints, promised, variables }: VenvWant): string {
  return canonicalJson({ path, python, pythonVersion, steps, constraints, promised, variables })
}

/** The same for a folder of files: by their hashes, so that another mirror fetches nothing anew; by its address where one has no hash. */
export function folderInputs({ path, files, unpack }: DownloadWant): string {
  return canonicalJson({ path, unpack, files: files.map(({ name, url, sha256 }) => ({ name, is: sha256 ?? url })) })
}

/** Do two wants ask for the same state? Trees and folders are compared by their inputs. */
export function sameWant(one: Want, other: Want): boolean {
  if (one.kind === 'venv' && other.kind === 'venv') return treeInputs(one) === treeInputs(other)
  if (one.kind === 'download' && other.kind === 'download') return folderInputs(one) === folderInputs(other)
  return canonicalJson(one) === canonicalJson(other)
}
