import { createRequire } from 'node:module'
import { read } from './files.ts'

/** The entries of a zip file whose names are wanted; the rest is not decompressed. Loaded when first needed. */
export function unzip(path: string, wanted: (name: string) => boolean): { name: string; bytes: Uint8Array }[] {
  const { unzipSync } = createRequire(import.meta.url)('fflate') as typeof import('fflate')
  const entries = unzipSync(read(path), { filter: (file) => wanted(file.name) })
  return Object.entries(entries).map(([name, bytes]) => ({ name, bytes }))
}
