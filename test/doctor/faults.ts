import type { Capture } from '../../src/model/capture.ts'
import { capture, changed, without } from './machine.ts'

/** A fault, the one check that must show it, and how loud. */
export type Fault = [what: string, id: string, severity: 'error' | 'warning' | 'info', plant: (captures: Capture[]) => Capture[]]

export const put =
  (part: Partial<Capture>) =>
  (captures: Capture[]): Capture[] => [capture(part), ...captures]
/** Replaces the captures of a path or command by one. */
export const instead =
  (which: string, part: Partial<Capture>) =>
  (captures: Capture[]): Capture[] => [capture(part), ...without(captures, which)]
export const edit =
  (which: string, from: string | RegExp, to: string) =>
  (captures: Capture[]): Capture[] =>
    changed(captures, which, (text) => {
      const edited = text.replace(from, to)
      if (edited === text) throw new Error(`nothing to change in ${which}`)
      return edited
    })
export const all =
  (...steps: ((captures: Capture[]) => Capture[])[]) =>
  (captures: Capture[]): Capture[] =>
    steps.reduce((now, step) => step(now), captures)
export const smi = 'nvidia-smi --query-gpu'
export const site = '/home/user/.local/share/gb10/envs/torch-cu130/lib/python3.12/site-packages'
export const ocr = '/home/user/venvs/ocr/lib/python3.12/site-packages'
export const add =
  (folder: string, name: string) =>
  (captures: Capture[]): Capture[] =>
    changed(captures, `${folder}/*.dist-info`, (text) => `${text}${folder}/${name}.dist-info\n`)
export const torch = (version: string, cuda: string) =>
  all(
    edit(`${site}/*.dist-info`, 'torch-2.14.0+cu130', `torch-${version}`),
    edit('/torch/version.py', /'2.14.0\+cu130'/, `'${version}'`),
    edit('/torch/version.py', /= '13.0'/, `= ${cuda}`),
  )
