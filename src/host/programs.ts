import { candidates, runnable } from './probe-files.ts'
import type { Reach } from './reach.ts'
import type { Runner } from './runner.ts'

/** Where programs are found that are started without a PATH. */
export const NO_PATH = '/usr/local/bin:/usr/bin:/bin'

/** The folders of a PATH, and those where tools live although a PATH, such as that of cron or of a plain user, may lack them. */
export const searchPath = (path: string | undefined): string => `${path || NO_PATH}:/usr/local/bin:/usr/sbin:/sbin`

/** Every program of a name, in the order of PATH. `sure` is false when a folder of PATH did not answer. */
export type Programs = (name: string) => Promise<{ found: string[]; sure: boolean }>

/**
 * Looks programs up. Folders that this process may touch it looks into itself; a child looks into the others, and when one of them
 * does not answer it is not asked again.
 */
export function programsOn(path: string, runner: Runner, reach: Reach): Programs {
  const look = async (name: string): ReturnType<Programs> => {
    const all = candidates(name, path)
    const near = new Set(all.filter(reach))
    const far = all.filter((one) => !near.has(one))
    const told = far.length === 0 ? '' : await tested(far, runner)
    const there = new Set((told ?? '').split('\n'))
    return { found: all.filter((one) => (near.has(one) ? runnable(one) : there.has(one))), sure: told !== null }
  }
  const known = new Map<string, ReturnType<Programs>>()
  return (name) => {
    const found = known.get(name) ?? look(name)
    known.set(name, found)
    return found
  }
}

/** Those of the paths that are executable files, a line each; null when that could not be told. */
async function tested(paths: readonly string[], runner: Runner): Promise<string | null> {
  const script = 'for one; do [ -f "$one" ] && [ -x "$one" ] && printf "%s\\n" "$one"; done; :'
  const ran = await runner.run(['/bin/sh', '-c', script, 'sh', ...paths], { key: 'folders of PATH' })
  return ran.end === 'exited' ? ran.out : null
}

/**
 * How to start a program. One on a file system that may hang is started by a shell: the system call that loads it does not come
 * back before it is loaded, and this process would wait for that.
 */
export const startOf = (program: string, rest: readonly string[], reach: Reach): [string, ...string[]] =>
  reach(program) ? [program, ...rest] : ['/bin/sh', '-c', 'exec "$0" "$@"', program, ...rest]
