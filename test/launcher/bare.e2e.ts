import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { box, canBox } from '../box/box.ts'
import { project } from './clone.ts'
import { type NodeSource, pin, realRelease, serve } from './node-source.ts'

// From a clone to `detect` on machines of all four kinds, with the true Node, npm and registry.
describe.skipIf(!canBox)('a clone on another machine', () => {
  const work = mkdtempSync(join(tmpdir(), 'gb10-bare-'))
  const npmFolder = dirname(dirname(realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim())))
  let source: NodeSource

  beforeAll(async () => {
    // What a clone would hold: tracked files and those about to be.
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: project, encoding: 'utf8' })
    for (const file of files.split('\0').filter(name => name && existsSync(join(project, name)))) {
      mkdirSync(join(work, 'clone', dirname(file)), { recursive: true })
      cpSync(join(project, file), join(work, 'clone', file), { force: true })
    }
    realRelease(join(work, 'dist'), process.execPath, npmFolder)
    source = await serve(join(work, 'dist'))
  })
  afterAll(async () => {
    await source.close()
    rmSync(work, { recursive: true })
  })

  const bind = { [join(work, 'clone')]: '/clone' }
  const copied = 'cp -r /clone ~/gb10; cd ~/gb10'
  const from = () => ({ GB10_SOURCE_NODE: source.url })

  test('with neither Node nor npm', async () => {
    const script = `${copied}; ./gb10 detect --json >first; ./gb10 detect --json >second; cat first; cat ~/.local/state/gb10/launcher.jsonl node_modules/.gb10-brought; ls -A ~ ~/.local/state/gb10/node >&2`
    const { code, stdout, stderr } = await box({ user: 'spark', bind, env: from() }, script)
    expect(stderr).toContain(`bringing Node.js ${pin}`)
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('dgxSpark')
    expect(stdout.match(/"kind":"\w+"/g)?.join()).toMatch(/"kind":"node".*"kind":"packages"/)
    expect(stderr).not.toContain('.npm\n')
  })

  test('uninstall --self takes the Node and the packages away that it brought', async () => {
    const listed = 'find ~ | sort'
    const script = `${copied}; ${listed} >/tmp/before; ./gb10 detect --json >/tmp/detected; ./gb10 uninstall --self --yes; ${listed} >/tmp/after
      diff /tmp/before /tmp/after && echo nothing left`
    const { code, stdout, stderr } = await box({ user: 'spark', bind, env: from() }, script)
    expect(code, `${stdout}${stderr}`).toBe(0)
    expect(stdout).toContain('nothing left')
  })

  test('with an old Node and npm', async () => {
    const script = `mkdir ~/bin; ln -s /usr/local/lib/node_modules/npm/bin/npm-cli.js ~/bin/npm; PATH=~/bin:$PATH; ${copied}; ./gb10 detect --json`
    const { code, stdout, stderr } = await box({ user: 'spark', bind: { ...bind, ...machineNode(npmFolder) } }, script)
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('dgxSpark')
  })

  test('read-only and without the network it says what to do, and changes nothing', async () => {
    const readOnly = await box({ user: 'spark', bind, env: from() }, '/clone/gb10 detect || echo code $?; ls -A ~')
    expect(readOnly.stderr).toMatch(/cannot be written by spark[^]*Next:/)
    expect(readOnly.stdout).toMatch(/^code 69\n/)
    const before = await box({ user: 'spark', bind, offline: true }, `${copied}; find ~ | sort`)
    const offline = await box({ user: 'spark', bind, offline: true }, `${copied}; ./gb10 detect || [ $? = 69 ]; find ~ | sort`)
    expect(offline.stderr).toMatch(/cannot read https:\/\/nodejs.org[^]*nothing was changed[^]*Next:/)
    expect(offline.stdout).toBe(before.stdout)
  })

  test("somebody else's state folder is refused", async () => {
    const script = `mkdir -p /home/spark/.local/state/gb10; chmod -R a+rX /home/spark; cp -r /clone /gb10; chown -R spark /gb10
      setpriv --reuid spark --regid spark --clear-groups env HOME=/home/spark /gb10/gb10 detect`
    const { code, stderr } = await box({ bind, env: from() }, script)
    expect(stderr).toContain('is not a folder of spark')
    expect(code).toBe(69)
  })
})

/** This machine's own Node, where it is older than what gb10 needs, and its npm. */
function machineNode(npmFolder: string): Record<string, string> {
  const node = execFileSync('sh', ['-c', 'PATH=/usr/local/bin:/usr/bin:/bin; command -v node'], { encoding: 'utf8' }).trim()
  return { [node]: '/usr/local/bin/node', [npmFolder]: '/usr/local/lib/node_modules/npm' }
}
