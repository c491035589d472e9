import { mkdirSync, writeFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openSession } from '../../src/apply/session.ts'
import { applyChanges } from '../../src/apply/run.ts'
import { undo, verifyGone } from '../../src/apply/undo.ts'
import type { Machine } from '../../src/host/machine.ts'
import { manifestOf } from '../support/manifest.ts'
import { command, quickMachine } from './quick-machine.ts'
import { changesOf, RECIPES, treeOf } from './recipes.ts'
import { furnish } from './world.ts'

const FOLDERS = 1000
const EACH = 100

/** An installer that brings a hundred thousand files. */
const heavy: Machine = {
  ...quickMachine,
  run: async (argv) => {
    const code = command(argv)
    if (argv[1] !== 'pip') return { code, signal: null, tail: '' }
    const root = argv[argv.indexOf('--python') + 1]!.replace('/bin/python', '/lib/many')
    for (let i = 0; i < FOLDERS; i++) {
      mkdirSync(`${root}/${i}`, { recursive: true })
      for (let j = 0; j < EACH; j++) writeFileSync(`${root}/${i}/${j}.py`, `${i} ${j}`)
    }
    return { code, signal: null, tail: '' }
  },
}

test(`a tree of ${FOLDERS * EACH} files is made, known, and taken away but for what the user did in it`, async () => {
  const w = furnish()
  try {
    const s = openSession(heavy, {
      folder: w.state,
      command: 'test',
      emit: () => undefined,
      signal: new AbortController().signal,
    })
    const { failed } = await applyChanges(s, 'run', changesOf('env', RECIPES['env']!(w.home, 1)))
    expect(failed).toBeNull()
    const many = `${treeOf(w.home, 1)}/lib/many`
    writeFileSync(`${many}/mine`, 'mine')
    writeFileSync(`${many}/7/7.py`, 'edited')
    const start = performance.now()
    const { kept, failed: stuck } = await undo(s, 'u', { all: true }, false)
    process.stdout.write(`undo of ${FOLDERS * EACH} files: ${Math.round(performance.now() - start)} ms\n`)
    expect([stuck, kept.length, verifyGone(s)]).toEqual([[], 1, []])
    expect([
      readFileSync(`${kept[0]!.savedCopy}/lib/many/mine`, 'utf8'),
      readFileSync(`${kept[0]!.savedCopy}/lib/many/7/7.py`, 'utf8'),
    ]).toEqual(['mine', 'edited'])
    expect(existsSync(`${kept[0]!.savedCopy}/lib/many/8`)).toBe(false)
    expect(manifestOf(w.home).filter((l) => !l.startsWith('/.local'))).toEqual(w.before)
    s.close()
  } finally {
    rmSync(w.home, { recursive: true })
  }
})
