import { read } from './files.ts'

/** The entries of a zip file whose names are wanted; the rest is not decompressed. */
export async function unzip(path: string, wanted: (name: string) => boolean): Promise<{ name: string; bytes: Uint8Array }[]> {
  const { unzipSync } = await import('fflate')
  const entries = unzipSync(read(path), { filter: (file) => wanted(file.name) })
  return Object.entries(entries).map(([name, bytes]) => ({ name, bytes }))
}
