import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { gb10, newHome, type Home } from '../support/cli.ts'
import { violations } from '../support/schemas.ts'

/** A home with a tool in front of PATH that prints what the test wants. */
const withTool = (name: string, text: string): Home => {
  const made = newHome()
  mkdirSync(`${made.home}/bin`)
  writeFileSync(`${made.home}/bin/${name}`, `#!/bin/sh\ncat <<'END'\n${text}\nEND\n`)
  chmodSync(`${made.home}/bin/${name}`, 0o755)
  return { ...made, env: { ...made.env, PATH: `${made.home}/bin:${made.env['PATH']}` } }
}
type Document = { path: string; refused: { path: string; rule: string }[]; files: { name: string }[] }

describe('gb10 report', () => {
  test('writes a private bundle once, that detect and doctor read to the same end', async () => {
    const home = withTool('ollama', 'ollama version is 0.30.5')
    const out = `${home.home}/out.tar.gz`
    const ended = await gb10(['report', '--output', out, '--json'], home)
    expect(ended.stderr).toBe('')
    expect(violations(ended.stdout, 'report')).toEqual([])
    expect(ended.code).toBe(0)
    expect(statSync(out).mode & 0o777).toBe(0o600)
    execFileSync('tar', ['-xzf', out, '-C', home.home])
    for (const [command, file] of [
      ['detect', 'facts.json'],
      ['doctor', 'doctor.json'],
    ] as const) {
      const [again, unpacked] = [
        await gb10([command, '--host', out, '--json'], home),
        await gb10([command, '--host', `${home.home}/out`, '--json'], home),
      ]
      const held = execFileSync('cat', [`${home.home}/out/${file}`], { encoding: 'utf8' })
      expect(JSON.parse(again.stdout)).toEqual(JSON.parse(held))
      expect(unpacked.stdout).toBe(again.stdout)
    }
    const before = statSync(out)
    const twice = await gb10(['report', '--output', out], home)
    expect(twice.code).toBe(1)
    expect(twice.stderr).toContain('never overwritten')
    expect(statSync(out)).toEqual(before)
  })

  test('writes nothing when the last look finds something, and does not show it', async () => {
    const hidden = Buffer.from(`token ${'hf'}_${'x7Yw'.repeat(8)} of mine`).toString('base64')
    const home = withTool('ollama', `ollama version is 0.30.5\n${hidden}`)
    const ended = await gb10(['report', '--output', `${home.home}/out.tar.gz`, '--json'], home)
    expect(ended.code).toBe(1)
    expect(violations(ended.stdout, 'report')).toEqual([])
    const { path, refused } = JSON.parse(ended.stdout) as Document
    expect(path).toBeNull()
    expect(refused.some(({ rule }) => rule.startsWith('base64'))).toBe(true)
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(hidden)
    expect(readdirSync(home.home)).toEqual(['bin'])
  })

  test('refuses a git work tree without --output, a link, and a missing folder', async () => {
    const home = newHome()
    const links = `${home.home}/link.tar.gz`
    symlinkSync(`${home.home}/elsewhere`, links)
    for (const [args, reason] of [
      ...(existsSync('.git') ? [[['report'], 'git work tree'] as const] : []),
      [['report', '--output', links], 'never overwritten'],
      [['report', '--output', `${home.home}/no/such.tar.gz`], 'is no folder'],
    ] as const) {
      const ended = await gb10([...args], home)
      expect(ended.code).toBe(1)
      expect(ended.stderr).toContain(reason)
    }
    expect(existsSync(`${home.home}/elsewhere`)).toBe(false)
  })

  test('--show prints the very bytes; --no-redact says so, in the name too', async () => {
    const home = withTool('ollama', 'ollama version is 0.30.5')
    const ended = await gb10(['report', '--show', '--no-redact', '--output', `${home.home}/out.tar.gz`], home)
    expect(ended.code).toBe(0)
    expect(ended.stderr).toContain('NOTHING IN THIS BUNDLE WAS REPLACED')
    execFileSync('tar', ['-xzf', `${home.home}/out-UNREDACTED.tar.gz`, '-C', home.home])
    for (const name of readdirSync(`${home.home}/out-UNREDACTED`)) {
      expect(ended.stdout).toContain(execFileSync('cat', [`${home.home}/out-UNREDACTED/${name}`], { encoding: 'utf8' }))
    }
  })
})
