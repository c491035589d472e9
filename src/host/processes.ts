import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const AGAIN = 60

/**
 * All processes as `ps -eo pid,stat,comm` prints them, from `/proc/PID/stat` alone: `cmdline` and `environ` of a process can block.
 * A process counts as D only when it still is after a moment, since every disk access passes through that state.
 */
export const processTable = async (): Promise<string> => {
  const first = all()
  const waiting = first.filter((p) => p.state === 'D')
  if (waiting.length > 0) await sleep(AGAIN)
  const still = new Set(waiting.filter((p) => one(p.pid)?.state === 'D').map((p) => p.pid))
  const rows = first.map(
    (p) => `${String(p.pid).padStart(7)} ${p.state === 'D' && !still.has(p.pid) ? 'S' : p.state}    ${p.name}`,
  )
  return ['    PID STAT COMMAND', ...rows, ''].join('\n')
}

/** Whether a table shows the whole machine: only there is the kernel's own process 2. A container, as without /proc, shows less. */
export const isWholeTable = (table: string): boolean => /^ *2 \S+ +kthreadd$/m.test(table)

type Process = { pid: string; state: string; name: string }

const all = (): Process[] => {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => one(pid) ?? [])
  } catch {
    return []
  }
}

/** `PID (NAME) STATE …`; the name may hold blanks and brackets. */
const one = (pid: string): Process | null => {
  try {
    const found = /^\d+ \(([\s\S]*)\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return found ? { pid, state: found[2] ?? '?', name: found[1] ?? '' } : null
  } catch {
    return null
  }
}
