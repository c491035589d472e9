import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { canonicalPath } from './paths.ts'
import { readPlain } from './probe-files.ts'

/** It cannot be told for whom gb10 works. */
export class NoOwner extends Error {}

/** The user whose home gb10 works in, and the folders that follow from it. */
export type Owner = { home: string; data: string; cache: string; state: string; config: string }

/**
 * Who gb10 works for. Under sudo that is the user who called it: all work in a home runs with that user's ids, and the home comes from
 * passwd, never from $HOME. Root without sudo is simply the user.
 */
export function becomeOwner(): Owner {
  const { env } = process
  const sudo = process.geteuid!() === 0 && env['SUDO_UID'] ? Number(env['SUDO_UID']) : null
  if (sudo !== null && sudo !== 0) {
    const entry = passwd(sudo)
    if (!entry) throw new NoOwner(`SUDO_UID is ${sudo}, but no such user exists: run gb10 without sudo`)
    // @types/node leaves initgroups out
    ;(process as unknown as { initgroups(user: string, group: number): void }).initgroups(entry.name, entry.gid)
    process.setgid!(entry.gid)
    process.setuid!(sudo)
    for (const name of ['XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_STATE_HOME', 'XDG_CONFIG_HOME']) delete env[name]
    env['HOME'] = entry.home
  }
  const home = env['HOME'] || passwd(process.geteuid!())?.home
  if (!home) throw new NoOwner('HOME is not set, and this user has no home folder')
  if (!home.startsWith('/')) throw new NoOwner(`HOME is ${JSON.stringify(home)}, which is no whole path`)
  // Resolved once: from here on no folder of these paths may be a link. The folder with the ledger stays as it is written, to be refused if it is one.
  const place = (variable: string, fallback: string, whole: boolean): string => {
    const value = env[variable]
    return canonicalPath(`${value?.startsWith('/') ? value.replace(/\/+$/, '') : `${home.replace(/\/+$/, '')}/${fallback}`}/gb10`, whole)
  }
  return {
    home: canonicalPath(home.replace(/\/+$/, ''), true),
    data: place('XDG_DATA_HOME', '.local/share', true),
    cache: place('XDG_CACHE_HOME', '.cache', true),
    state: place('XDG_STATE_HOME', '.local/state', false),
    config: place('XDG_CONFIG_HOME', '.config', false),
  }
}

/**
 * Refuses a home of another user, as root has it by a HOME that it was handed: whose home it is could not remove what is made there. What gb10
 * made there once is taken back all the same, and looking is free.
 */
export function refuseForeign({ home }: Owner): void {
  let at = home
  while (at !== '/' && !existsSync(at)) at = dirname(at)
  const { uid } = statSync(at)
  if (uid === 0 || uid === process.geteuid!()) return
  const name = passwd(uid)?.name ?? `'#${uid}'`
  throw new NoOwner(`${at} belongs to another user (uid ${uid}), and nothing is made there: run gb10 as that user, by sudo -H -u ${name} gb10 ...`)
}

function passwd(uid: number): { name: string; gid: number; home: string } | null {
  const line = readPlain('/etc/passwd').text.split('\n').find((l) => l.split(':')[2] === String(uid))
  const fields = line?.split(':')
  return fields ? { name: fields[0]!, gid: Number(fields[3]), home: fields[5]! } : null
}
