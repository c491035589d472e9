import { resolve } from 'node:path'
import { appendSummary, wroteInto } from '../host/append-summary.ts'
import type { Machine } from '../host/machine.ts'
import { EXIT, UserError } from './exit.ts'

/** Writes a report whole or not at all: a reader such as node_exporter never sees half of it. */
export function saveText(machine: Machine, file: string, text: string): void {
  if (wroteInto(file, text)) return
  const path = machine.canonical(resolve(file), true)
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  if (machine.lstat(folder)?.type !== 'directory')
    throw new UserError(`${file} cannot be written: there is no such folder`, EXIT.failed, `mkdir -p ${folder}`)
  if (machine.lstat(path)?.type === 'directory')
    throw new UserError(`${file} is a folder, not a file`, EXIT.failed, `ls -ld ${path}`)
  machine.write(path, Buffer.from(text), { mode: 0o644, uid: machine.uid, gid: machine.gid, temp: `.gb10-${machine.newId()}.tmp` })
}

/** Adds to a file that others write to as well; GitHub refuses summaries of 1 MiB and more. */
export const appendText = (file: string, text: string): void => appendSummary(file, text.slice(0, 1_000_000))
