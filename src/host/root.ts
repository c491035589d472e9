import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

let root: string | undefined

/** The folder that holds recipes/, checks/, smoke/ and schema/: the clone, or the installed package (where this code runs from dist/). */
export function projectRoot(): string {
  if (root) return root
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`no package.json above ${import.meta.dirname}`)
    folder = parent
  }
  root = folder
  return root
}
