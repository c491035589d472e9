import { createRequire } from 'node:module'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

/** Another gb10 holds the lock; `holder` says who, as far as it is known. */
export class Locked extends Error {
  readonly holder: string
  constructor(holder: string) {
    super(`another gb10 run is at work here${holder ? ` (${holder})` : ''}`)
    this.holder = holder
  }
}

/** The locks that this process holds: an open database that nobody holds on to would be closed as garbage, and its lock with it. */
const held = new Set<DatabaseSync>()

/**
 * Takes the state folder's exclusive lock: an SQLite transaction on lock.db, which the kernel frees when the process ends, however it ends.
 * Waits for no run: throws `Locked`. The returned function gives it back.
 */
export function lock(folder: string, command: string): () => void {
  const { DatabaseSync } = createRequire(import.meta.url)('node:sqlite') as typeof import('node:sqlite')
  const note = `${folder}/lock.holder`
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(`${folder}/lock.db`)
    // Nothing is ever written into it, so its journal needs no file: the lock is to be had on a full disk too.
    // The moment of waiting is for somebody who only looks (`heldBy`).
    database.exec('PRAGMA busy_timeout = 20; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    if ((error as { errcode?: number }).errcode === 5) throw new Locked(readNote(note))
    throw error
  }
  try {
    writeFileSync(note, `process ${process.pid}, ${command}`, { mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error // it only says who holds the lock
  }
  held.add(database)
  return () => {
    held.delete(database)
    database.close()
  }
}

/** Who holds the lock, as far as it is known; null when nobody does. Changes nothing. */
export function heldBy(folder: string): string | null {
  if (!existsSync(`${folder}/lock.db`)) return null
  // Asking the lock itself takes a while; who held it last and is gone holds it no more.
  const holder = /^process (\d+)/.exec(readNote(`${folder}/lock.holder`))?.[1]
  if (holder !== undefined && !existsSync(`/proc/${holder}`)) return null
  const { DatabaseSync } = createRequire(import.meta.url)('node:sqlite') as typeof import('node:sqlite')
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(`${folder}/lock.db`, { readOnly: true })
    database.exec('SELECT 1 FROM sqlite_master')
    return null
  } catch (error) {
    return (error as { errcode?: number }).errcode === 5 ? readNote(`${folder}/lock.holder`) : null
  } finally {
    database?.close()
  }
}

function readNote(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
