import { createHash, randomBytes } from 'node:crypto'
import { closeSync, constants, createReadStream, openSync, readFileSync } from 'node:fs'
import { canonicalPath, openFolder, splitPath, through } from './paths.ts'
import * as files from './files.ts'
import { command } from './command.ts'
import { fetcher } from './fetch-any.ts'
import { prune, walk } from './tree.ts'
import { openAppender } from './appender.ts'
import { heldBy, lock } from './lock.ts'
import { endSurvivors } from './survivors.ts'
import { unzip } from './unzip.ts'
import type { Machine } from './machine.ts'

/** The machine gb10 runs on. `env` is what children get. */
export function realMachine(env: Record<string, string>): Machine {
  const boot = bootId()
  return {
    ...files,
    uid: process.geteuid!(),
    gid: process.getegid!(),
    env,
    canonical: (path, whole = false) => canonicalPath(path, whole),
    syncAll: async (path) => {
      // By the held folder, as its input: a path may be longer than an argument, or of bytes that are no text.
      const folder = openFolder(path)
      try {
        const exit = await command(['sync', '-f', '/proc/self/fd/0'], env, {}, folder)
        if (exit.code !== 0) throw new Error(`sync -f ${path} failed: ${exit.tail}`)
      } finally {
        closeSync(folder)
      }
    },
    hash,
    walk,
    prune,
    unzip,
    lock,
    heldBy,
    append: openAppender,
    endSurvivors,
    run: (argv, options = {}) => command(argv, env, options),
    fetch: fetcher(env, hash),
    now: () => ({ ts: new Date().toISOString(), boot, mono: Number(process.hrtime.bigint() / 1000n) }),
    newId: () => randomBytes(10).toString('hex'),
  }
}

/** The boot this run belongs to; empty where /proc does not tell. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

function hash(path: string): Promise<string> {
  const [parent, name] = splitPath(path)
  const folder = openFolder(parent)
  const sum = createHash('sha256')
  const fd = openSync(through(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW)
  closeSync(folder)
  return new Promise((done, fail) => {
    createReadStream('', { fd, highWaterMark: 1 << 20 })
      .on('data', (chunk) => sum.update(chunk))
      .on('error', fail)
      .on('end', () => done(sum.digest('hex')))
  })
}
