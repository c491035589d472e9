import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root, workFolder } from './places.ts'
import { megabytes, row, type Row } from './row.ts'
import { output } from './timing.ts'

/** The files of the npm package as an install lays them out, with a bundle of its own: dist/ of the clone is not touched. */
export async function installedPackage(): Promise<{ shim: string; bundled: string }> {
  const folder = join(workFolder('package'), 'gb10')
  for (const name of ['bin', 'recipes', 'checks', 'smoke', 'package.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  output(['rolldown', '-c', '-d', join(folder, 'dist')], { cwd: root })
  // Where packages of npm lie beside it the compile cache is kept among them.
  mkdirSync(join(folder, 'node_modules'))
  const files = readdirSync(join(folder, 'dist')).map((name) => statSync(join(folder, 'dist', name)).size)
  return {
    shim: join(folder, 'bin/gb10.cjs'),
    bundled: `bundle: ${files.length} files, ${megabytes(files.reduce((sum, size) => sum + size, 0))}`,
  }
}

/** How big the package is that npm would pack from this tree. */
export function packageSize(): Row[] {
  const text = output(['npm', 'pack', '--dry-run', '--json', '--offline', '--ignore-scripts'], { cwd: root })
  const { size, unpackedSize, entryCount } = (
    JSON.parse(text) as { size: number; unpackedSize: number; entryCount: number }[]
  )[0]!
  return [
    row(
      'npm package',
      '≤ 5 MB',
      megabytes(size),
      size <= 5e6,
      `${entryCount} files, ${megabytes(unpackedSize)} unpacked; Node.js not counted`,
    ),
  ]
}
