import { readFileSync, readdirSync } from 'node:fs'

/** The variable every child of a change carries: its operation. A killed gb10 leaves children behind; this tells which are its own. */
export const OP_VARIABLE = 'GB10_OP'

/** Process ids of children of these operations that outlived the run that started them. Other users' processes cannot be seen, nor be ours. */
export function survivors(ops: ReadonlySet<string>): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').find((l) => l.startsWith(`${OP_VARIABLE}=`))
        return line !== undefined && ops.has(line.slice(OP_VARIABLE.length + 1))
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Ends them and waits until they are gone, at most `limitMs`. Returns those that are still there. */
export async function endSurvivors(ops: ReadonlySet<string>, limitMs = 5000): Promise<number[]> {
  const end = performance.now() + limitMs
  let left = survivors(ops)
  while (left.length > 0 && performance.now() < end) {
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // gone meanwhile
      }
    }
    await new Promise((done) => setTimeout(done, 20))
    left = survivors(ops)
  }
  return left
}
