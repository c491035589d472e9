import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { commandLine, gb10, newHome, type Home } from '../support/cli.ts'
import { readMarkup } from '../support/markup.ts'
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
      ...(existsSync('.git') ? [[['report', '--show', '--include-logs'], 'Next: gb10 report --show --include-logs --output '] as const] : []),
      [['report', '--output', links], 'never overwritten'],
      [['report', '--output', `${home.home}/no folder/such.tar.gz`], `Next: mkdir -p '${home.home}/no folder'`],
    ] as const) {
      const ended = await gb10([...args], home)
      expect(ended.code).toBe(1)
      expect(ended.stderr).toContain(reason)
    }
    expect(existsSync(`${home.home}/elsewhere`)).toBe(false)
    const deep = `${home.home}/project/src/deep`
    mkdirSync(`${home.home}/project/.git`, { recursive: true })
    mkdirSync(deep, { recursive: true })
    const [program, ...rest] = commandLine(['report'])
    const below = spawnSync(program!, rest, { env: home.env, cwd: deep, encoding: 'utf8' })
    expect([below.status, below.stderr, readdirSync(deep)]).toEqual([1, expect.stringContaining('/project is a git work tree'), []])
  })

  test('--show prints the very bytes; --no-redact says so, in the name too', async () => {
    const home = withTool('ollama', 'ollama version is 0.30.5')
    const ended = await gb10(['report', '--show', '--no-redact', '--output', `${home.home}/out.tar.gz`], home)
    expect(ended.code).toBe(0)
    expect(ended.stdout).not.toContain('hand it on yourself')
    expect(ended.stderr).toContain('NOTHING IN THIS BUNDLE WAS REPLACED')
    await gb10(['report', '--no-redact', '--output', `${home.home}/my-UNREDACTED.tgz`], home)
    expect(readdirSync(home.home).sort()).toEqual(['bin', 'my-UNREDACTED.tgz', 'out-UNREDACTED.tar.gz'])
    execFileSync('tar', ['-xzf', `${home.home}/out-UNREDACTED.tar.gz`, '-C', home.home])
    for (const name of readdirSync(`${home.home}/out-UNREDACTED`)) {
      expect(ended.stdout).toContain(execFileSync('cat', [`${home.home}/out-UNREDACTED/${name}`], { encoding: 'utf8' }))
    }
  })

  test('--html writes the page alone, with --output both, and never over another file', async () => {
    const home = withTool('ollama', 'ollama version is 0.30.5 <script>alert(1)</script>')
    const [page, both, out] = [`${home.home}/page.html`, `${home.home}/both.html`, `${home.home}/out.tar.gz`]
    const alone = await gb10(['report', '--html', page, '--json'], home)
    expect([alone.code, alone.stderr, violations(alone.stdout, 'report')]).toEqual([0, '', []])
    const bytes = readFileSync(page)
    expect(JSON.parse(alone.stdout)).toMatchObject({
      path: null,
      html: { path: page, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
    })
    expect(statSync(page).mode & 0o777).toBe(0o600)
    expect(readdirSync(home.home).sort()).toEqual(['bin', 'page.html'])
    const { errors, skeleton, text } = readMarkup(bytes.toString())
    expect(errors).toEqual([])
    expect(skeleton.join()).not.toContain('script')
    expect(text).toMatch(/Machine[^]*Verdicts[^]*(?:PASS|SKIP|UNKNOWN)[^]*How to replay it/)
    const together = await gb10(['report', '--html', both, '--output', out], home)
    expect([together.code, together.stdout.includes(both), together.stdout.includes(out)]).toEqual([0, true, true])
    expect((await gb10(['detect', '--host', out], home)).code).toBeLessThan(3)
    const before = statSync(page)
    for (const args of [['--html', page], ['--html', page, '--output', `${home.home}/new.tar.gz`]]) {
      const ended = await gb10(['report', ...args], home)
      expect(ended.code).toBe(1)
      expect(ended.stderr).toContain('never overwritten')
    }
    const same = await gb10(['report', '--html', `${home.home}/x`, '--output', `${home.home}/x`], home)
    expect(same.code).toBe(64)
    expect(statSync(page)).toEqual(before)
    expect(readdirSync(home.home).sort()).toEqual(['bin', 'both.html', 'out.tar.gz', 'page.html'])
  })

  test('a secret that is left stops the page and the bundle', async () => {
    const hidden = Buffer.from(`token ${'hf'}_${'x7Yw'.repeat(8)} of mine`).toString('base64')
    const home = withTool('ollama', `ollama version is 0.30.5\n${hidden}`)
    const ended = await gb10(['report', '--html', `${home.home}/page.html`, '--output', `${home.home}/out.tar.gz`, '--json'], home)
    expect([ended.code, violations(ended.stdout, 'report')]).toEqual([1, []])
    expect(JSON.parse(ended.stdout)).toMatchObject({ path: null, html: null })
    expect(readdirSync(home.home)).toEqual(['bin'])
  })

  test('--show shows the page that is written; --no-redact says so on it and in its name', async () => {
    const home = withTool('ollama', 'ollama version is 0.30.5')
    const ended = await gb10(['report', '--show', '--no-redact', '--html', `${home.home}/page.html`], home)
    expect(ended.code).toBe(0)
    const page = readFileSync(`${home.home}/page-UNREDACTED.html`, 'utf8')
    expect(page).toContain('NOTHING ON THIS PAGE WAS REPLACED')
    expect(ended.stdout).toContain(page)
    expect(ended.stdout).not.toContain('===== host.yaml')
  })
})
