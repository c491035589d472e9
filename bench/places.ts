import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The clone that is measured. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** gb10 as an argument list, run by the very Node that runs the bench. */
export const gb10 = (...args: string[]): string[] => [process.execPath, join(root, 'bin/gb10.cjs'), ...args]

const endings: (() => void)[] = []

/** Does something when the bench ends, however it ends: newest first, synchronously. */
export const onEnd = (ending: () => void): void => void endings.unshift(ending)

process.on('exit', () => {
  for (const ending of endings) {
    try {
      ending()
    } catch (error) {
      process.stderr.write(`bench: ${(error as Error).message}\n`)
    }
  }
})
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.on(signal, () => process.exit(code))

/** A folder that goes with the bench. */
export function workFolder(name: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `gb10-bench-${name}-`)))
  onEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
