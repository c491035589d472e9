import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { manifestOf } from '../support/manifest.ts'
import { interruptedAt, pointsOf, run, traced, type Injection, type Point } from './strace.ts'
import type { Workshop } from './material.ts'

const node = process.execPath

/** What the driver said: the exit code of the command, and what was kept, failed or differs. */
export type Said = { code: number; kept?: unknown[]; failed?: unknown[]; verified?: { differences: unknown[] }; thrown?: string; changes?: { status: string }[]; error?: string | null }

/** One home with gb10 at work in it, on which commands run whole or are interrupted. */
export type Bench = {
  home: string
  command(name: string, mutant?: string): Promise<Said>
  points(name: string, mutant?: string): Promise<Point[]>
  /** Runs a command and interrupts it; gives the cell in which that happened, or null. */
  interrupt(name: string, injection: Injection, mutant?: string): Promise<{ cell: string | null; said: Said | null }>
  /** How the home differs from what it was before gb10: none after a complete undo. */
  differences(): string[]
  remove(): void
}

let count = 0

/** A fresh home of the template. */
export function bench(shop: Workshop): Bench {
  const place = `${shop.fast}/p${++count}`
  const home = `${place}/home`
  execFileSync('mkdir', [place])
  execFileSync('cp', ['-a', shop.template, home])
  const before = manifestOf(home)
  const argv = (name: string, mutant?: string): string[] => [node, shop.driver, name, `${home}/.local/state/gb10`, home, shop.materialFile, ...(mutant ? [mutant] : [])]
  const env = { NODE_COMPILE_CACHE: `${shop.root}/compiled` }
  const parse = (out: string): Said | null => (out.trim() ? (JSON.parse(out) as Said) : null)
  return {
    home,
    async command(name, mutant) {
      const ended = await run(argv(name, mutant), env)
      return parse(ended.out) ?? { code: -1, thrown: `${ended.code} ${ended.signal} ${ended.err}` }
    },
    async points(name, mutant) {
      const { ended, lines } = await traced(argv(name, mutant), `${place}/trace`, env)
      if (parse(ended.out)?.code !== 0) throw new Error(`${name} failed without any interruption: ${ended.out}${ended.err}`)
      return pointsOf(lines, home)
    },
    async interrupt(name, injection, mutant) {
      const { ended, lines } = await traced(argv(name, mutant), `${place}/trace`, env, injection)
      return { cell: interruptedAt(lines), said: parse(ended.out) }
    },
    differences() {
      const now = manifestOf(home)
      return [...before.filter((l) => !now.includes(l)).map((l) => `- ${l}`), ...now.filter((l) => !before.includes(l)).map((l) => `+ ${l}`)]
    },
    remove: () => rmSync(place, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** The shape of what a complete apply leaves, without what differs between two of them (times, operation ids, what git and uv keep for themselves). */
export function shapeOf(home: string, at = ''): string[] {
  return readdirSync(home + at).sort().flatMap((name) => {
    const path = `${at}/${name}`
    if (path === '/.local/state' || path.startsWith('/.cache/gb10/uv')) return []
    const stat = lstatSync(home + path)
    const text = stat.isFile() && !path.includes('/.git/') && name !== '.gb10-tree' ? readFileSync(home + path, 'latin1').replaceAll(home, '') : ''
    if (path.includes('/.git/')) return existsSync(`${home}${path}`) && name.endsWith('.lock') ? [`a lock is left: ${path}`] : []
    return [`${path} ${stat.mode.toString(8)} ${text}`, ...(stat.isDirectory() ? shapeOf(home, path) : [])]
  })
}
