import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** What each room may use: other rooms, and packages. `import type` costs nothing at run time and is free. */
const MAY: Record<string, string[]> = {
  model: [],
  host: ['model', 'node:*', 'execa', 'fflate', 'yaml'],
  facts: ['model'],
  catalog: ['model', 'yaml'],
  plan: ['model', 'semver'],
  doctor: ['model'],
  report: ['model'],
  redact: ['model'],
  ledger: ['model', 'node:crypto'],
  changes: ['model', 'ledger'],
  apply: ['model', 'ledger', 'changes'],
  smoke: ['model'],
  ui: ['model', 'report', 'listr2', 'ink', 'react'],
  cli: ['*', 'node:crypto', 'node:path', 'node:readline/promises', 'node:timers/promises', 'commander', 'yaml'],
}

const src = new URL('../src/', import.meta.url)
const IMPORT = /^(?:import|export)(?! type\b)[^'"]*?from '([^']+)'|^import '([^']+)'|(?<!typeof )import\('([^']+)'\)/gm

test('every room imports only what its place in the house allows', () => {
  const strangers = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).flatMap((file) => {
    const room = file.split('/')[0]!
    const text = readFileSync(new URL(file, src), 'utf8')
    const found = [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3]!)
    const used = found.map((name) => (name.startsWith('.') ? new URL(name, `file:///${file}`).pathname.split('/')[1]! : name))
    const allowed = (name: string): boolean => {
      const may = MAY[room] ?? []
      return name === room || may.includes(name) || (may.includes('node:*') && name.startsWith('node:')) || (may.includes('*') && name in MAY)
    }
    const worlds = room === 'host' || room === 'cli' ? [] : [...text.matchAll(/\bprocess\.(env|cwd|argv|exit)\b|\bDate\.now\b|\bnew Date\(\)/g)].map(([use]) => use)
    return [...used.filter((name) => !allowed(name)), ...worlds].map((name) => `${file}: ${name}`)
  })
  expect(strangers).toEqual([])
})
