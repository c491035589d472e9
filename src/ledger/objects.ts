import type { Machine } from '../host/machine.ts'
import { sha256 } from './chain.ts'

/** Content-addressed store of what changes replaced, and of manifests. */
export type Objects = {
  /** Stores bytes durably and reads them back; returns their sha256. Nothing is written when they are there. */
  put(bytes: Uint8Array): string
  /** The bytes, checked against their hash. Throws when they are gone or damaged. */
  get(sha: string): Buffer
}

/** A saved copy is gone or is not what was saved: what it would restore cannot be restored. */
export class ObjectDamaged extends Error {}

export function objects(machine: Machine, folder: string): Objects {
  const place = (sha: string): [string, string] => [`${folder}/${sha.slice(0, 2)}`, `${folder}/${sha.slice(0, 2)}/${sha.slice(2)}`]
  const get = (sha: string): Buffer => {
    const path = place(sha)[1]
    let bytes: Buffer
    try {
      bytes = machine.read(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ObjectDamaged(`the saved copy ${path} is gone`)
      throw error
    }
    if (sha256(bytes) !== sha) throw new ObjectDamaged(`the saved copy ${path} is damaged`)
    return bytes
  }
  return {
    get,
    put(bytes) {
      const sha = sha256(bytes)
      const [parent, path] = place(sha)
      if (machine.lstat(path)) {
        get(sha)
        return sha
      }
      for (const dir of [folder, parent]) if (!machine.lstat(dir)) machine.mkdir(dir, 0o700)
      const temp = '.tmp'
      if (machine.lstat(`${parent}/${temp}`)) machine.unlink(`${parent}/${temp}`)
      machine.write(path, bytes, { mode: 0o600, uid: machine.uid, gid: machine.gid, temp })
      get(sha)
      return sha
    },
  }
}
