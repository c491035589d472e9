import { resolve } from 'node:path'
import { appendSummary, wroteInto } from '../host/append-summary.ts'
import type { Machine } from '../host/machine.ts'
import { shellWord } from '../model/shell-word.ts'
import { EXIT, UserError } from './exit.ts'

/** Writes a report whole or not at all: a reader such as node_exporter never sees half of it. */
export function saveText(machine: Machine, file: string, text: string): void {
  if (wroteInto(file, text)) return
  const path = machine.canonical(resolve(file), true)
  needFolder(machine, path, file)
  if (machine.lstat(path)?.type === 'directory')
    throw new UserError(`${file} is a folder, not a file`, EXIT.failed, `ls -ld ${shellWord(path)}`)
  machine.write(path, Buffer.from(text), { mode: 0o644, uid: machine.uid, gid: machine.gid, temp: `.gb10-${machine.newId()}.tmp` })
}

/** Refuses a file that would lie in no folder: there is none, or something else has its name. */
export function needFolder(machine: Machine, path: string, file = path): void {
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  const there = machine.lstat(folder)?.type
  if (there === 'directory') return
  const why = there === undefined ? 'there is no such folder' : `${folder} is no folder`
  throw new UserError(`${file} cannot be written: ${why}`, EXIT.failed, `${there === undefined ? 'mkdir -p' : 'ls -ld'} ${shellWord(folder)}`)
}

/** Makes a folder, unless another run did so meanwhile; tells whether it was made here. */
export function makeFolder(machine: Machine, path: string, mode: number): boolean {
  try {
    machine.mkdir(path, mode)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || machine.lstat(path)?.type !== 'directory') throw error
    return false
  }
}

/** Adds to a file that others write to as well, whole or not at all: GitHub drops a summary of 1 MiB and more with all that is in it. */
export const appendText = (file: string, text: string): void => appendSummary(file, text, 1_048_575)
