import { mkdtempSync, mkdirSync, rmSync } from 'node:fs'
import { realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { realMachine } from '../../src/host/real.ts'
import { applyChanges } from '../../src/apply/run.ts'
import { openSession, type Session } from '../../src/apply/session.ts'
import type { Change, Want } from '../../src/model/change.ts'
import type { Event } from '../../src/model/event.ts'

/** A home of the test's own, removed afterwards. */
export function sandbox(): { home: string; state: string } {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'gb10-test-')))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  mkdirSync(`${home}/user`)
  return { home: `${home}/user`, state: `${home}/user/.local/state/gb10` }
}

export const machine = realMachine({ PATH: process.env['PATH']!, LC_ALL: 'C.UTF-8' })

/** An open session whose events are collected. */
export function session(state: string, events: Event[] = [], signal = new AbortController().signal): Session {
  const opened = openSession(machine, { folder: state, command: 'test', emit: (e) => events.push(e), signal })
  onTestFinished(() => {
    try {
      opened.close()
    } catch {
      // closed by the test already
    }
  })
  return opened
}

export const change = (recipe: string, id: string, want: Want): Change => ({
  id, recipe, want, summary: `${want.kind} ${id}`, scope: 'user', reversible: 'full', seconds: null, bytes: null,
})

/** Applies wants as one recipe's plan. */
export const applyWants = (s: Session, recipe: string, wants: Want[]) =>
  applyChanges(s, `run-${recipe}`, wants.map((want, i) => change(recipe, `c${i}`, want)))
