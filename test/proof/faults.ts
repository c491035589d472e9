import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import type { Appender, Machine } from '../../src/host/machine.ts'
import { unseal } from '../../src/ledger/chain.ts'
import { quickMachine } from './quick-machine.ts'

/**
 * At the `at`-th call that changes something: the process dies (before the call, after it, or in its middle), or the disk fails
 * or is full.
 */
export type Fault = { how: 'before' | 'after' | 'torn' | 'EIO' | 'full'; at: number }

/** The process is dead: nothing it still tries to do may have an effect. */
export class Crash extends Error {}

/** What the wrapped machine saw. `loose` holds every removal that no durable record names. */
export type Watch = { calls: number; fired: boolean; loose: string[] }

const ioError = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code })

/** Paths that durable intents name, and the ids of their operations: nothing else may be removed or replaced. */
class Named {
  private readonly paths = new Set<string>()
  private readonly ops = new Set<string>()
  learn(line: string): void {
    const record = unseal(line)
    if ('unreadable' in record || record.k !== 'intent') return
    this.ops.add(record.op)
    if ('path' in record.want) this.paths.add(record.want.path)
  }
  covers(path: string): boolean {
    const op = /[0-9a-f]{20}/.exec(path)?.[0]
    if (op !== undefined && this.ops.has(op)) return true
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) if (this.paths.has(at)) return true
    return false
  }
}

/** The quick machine with one fault in it (or none), watched. `clock` is added to every time it tells. */
export function faulty(state: string, fault: Fault | null, clock: { offset: number }): { machine: Machine; watch: Watch } {
  const watch: Watch = { calls: 0, fired: false, loose: [] }
  const named = new Named()
  let dead = false
  const own = (path: string): boolean =>
    path.startsWith(state) || path.includes('/.gb10-new-state') || state.startsWith(`${path}/`)
  /** One call that changes something. `half` does a part of it, `space` tells that it needs room. */
  const call = <T>(work: () => T, { half, space = true }: { half?: () => void; space?: boolean } = {}): T => {
    if (dead) throw new Crash('dead')
    watch.calls++
    if (fault === null || watch.calls < fault.at || (watch.fired && fault.how !== 'full')) return work()
    if (fault.how === 'full' && !space) return work()
    watch.fired = true
    if (fault.how === 'EIO' || fault.how === 'full') {
      half?.()
      throw ioError(fault.how === 'full' ? 'ENOSPC' : 'EIO')
    }
    dead = true
    if (fault.how === 'after') work()
    if (fault.how === 'torn') half?.()
    throw new Crash(`at call ${watch.calls}`)
  }
  const removing = (path: string): void => {
    if (!own(path) && !named.covers(path)) watch.loose.push(path)
  }
  const m = quickMachine
  const beside = (path: string, temp: string): string => `${path.slice(0, path.lastIndexOf('/'))}/${temp}`
  const machine: Machine = {
    ...m,
    now: () => {
      const { ts, ...rest } = m.now()
      return { ...rest, ts: new Date(Date.parse(ts) + clock.offset).toISOString() }
    },
    write(path, bytes, options) {
      if (m.lstat(path)) removing(path)
      call(() => m.write(path, bytes, options), {
        half: () => writeFileSync(beside(path, options.temp), bytes.subarray(0, bytes.length / 2)),
      })
    },
    overwrite(path, bytes) {
      removing(path)
      call(() => m.overwrite(path, bytes), { half: () => partly(path, bytes) })
    },
    mkdir: (path, mode) => call(() => m.mkdir(path, mode)),
    symlink: (target, path) => call(() => m.symlink(target, path)),
    chmod: (path, mode) => call(() => m.chmod(path, mode), { space: false }),
    setTimes: (path, mtimeNs) => call(() => m.setTimes(path, mtimeNs), { space: false }),
    syncFolder: (path) => call(() => m.syncFolder(path), { space: false }),
    syncAll: async (path) => call(() => m.syncAll(path), { space: false }),
    rmdir(path) {
      removing(path)
      call(() => m.rmdir(path), { space: false })
    },
    unlink(path) {
      removing(path)
      call(() => m.unlink(path), { space: false })
    },
    rename(from, to) {
      removing(from)
      call(() => m.rename(from, to), { space: false })
    },
    *prune(root, mine) {
      yield* m.prune(root, (entry) => {
        if (!mine(entry)) return false
        removing(`${root}/${entry.path}`)
        // A death before the call is one that leaves the entry; one after it, before the next.
        call(() => undefined, { space: false })
        return true
      })
    },
    fetch: async (url, path, options) =>
      call(() => m.fetch(url, path, options), { half: () => appendFileSync(path, 'x'.repeat(0)) }),
    run: async (argv, options) => call(() => m.run(argv, options)),
    append(path) {
      for (const line of readFileSync(path, 'utf8').split('\n')) named.learn(line)
      return watched(path, m.append(path), call, named)
    },
  }
  return { machine, watch }
}

type Call = <T>(work: () => T, options?: { half?: () => void; space?: boolean }) => T

/** An intent counts from its sync on. */
function watched(path: string, real: Appender, call: Call, named: Named): Appender {
  const unsynced: string[] = []
  return {
    write(line) {
      call(() => real.write(line), { half: () => appendFileSync(path, line.slice(0, line.length / 3)) })
      unsynced.push(line.trimEnd())
    },
    sync() {
      call(() => real.sync(), { space: false })
      for (const line of unsynced.splice(0)) named.learn(line)
    },
    truncate: (bytes) => call(() => real.truncate(bytes), { space: false, half: () => truncateSync(path, bytes) }),
    close: () => real.close(),
  }
}

/** What a death in the middle of writing into a file leaves: the beginning of the new, then the rest of the old. */
function partly(path: string, bytes: Uint8Array): void {
  const old = readFileSync(path)
  const at = Math.floor(bytes.length / 2)
  writeFileSync(path, Buffer.concat([bytes.subarray(0, at), old.subarray(at)]))
}
