import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { zipSync, type Zippable } from 'fflate'

/**
 * Makes small wheels, the same every time: each one package of Python files whose text compresses as source does.
 * Gives their paths.
 */
export function makeWheels(folder: string, { count, files, lines }: { count: number; files: number; lines: number }): string[] {
  mkdirSync(folder, { recursive: true })
  return Array.from({ length: count }, (_, n) => {
    const name = `bench_package_${n}`
    const content: Record<string, Buffer> = { [`${name}/__init__.py`]: Buffer.from(`__version__ = '1.0'\n`) }
    for (let f = 0; f < files; f++) content[`${name}/part_${f % 10}/module_${f}.py`] = source(n * files + f, lines)
    const info = `${name}-1.0.dist-info`
    content[`${info}/METADATA`] = Buffer.from(`Metadata-Version: 2.1\nName: ${name.replaceAll('_', '-')}\nVersion: 1.0\n`)
    content[`${info}/WHEEL`] = Buffer.from('Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
    const record = Object.entries(content).map(
      ([path, bytes]) => `${path},sha256=${createHash('sha256').update(bytes).digest('base64url')},${bytes.length}`,
    )
    content[`${info}/RECORD`] = Buffer.from([...record, `${info}/RECORD,,`, ''].join('\n'))
    const path = `${folder}/${name}-1.0-py3-none-any.whl`
    const dated = Object.fromEntries(
      Object.entries(content).map(([at, bytes]) => [at, [bytes, { mtime: '2026-01-01T00:00:00' }]]),
    ) as Zippable
    writeFileSync(path, zipSync(dated, { level: 6 }))
    return path
  })
}

/** Text of a module: numbered lines with a small generator's noise, so that no two files are the same. */
function source(seed: number, lines: number): Buffer {
  let state = (seed + 1) * 2654435761
  const out: string[] = []
  for (let i = 0; i < lines; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out.push(
      `def function_${i}_${state.toString(36)}(first, second=${state % 1000}):\n    return first * second + ${state % 97}\n`,
    )
  }
  return Buffer.from(out.join('\n'))
}
