import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sandbox } from '../support/sandbox.ts'

const tree = new URL('../../src/host/tree.ts', import.meta.url)
const root = process.geteuid!() === 0
const unshare = ['unshare', ...(root ? [] : ['--map-root-user']), '--mount']
const mayMount = spawnSync(unshare[0]!, [...unshare.slice(1), 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

/** What stays when another process, with other rights, prunes everything in a folder. */
function pruned(folder: string, argv: string[], before = ''): string[] {
  const script = `import(${JSON.stringify(tree.href)}).then(({ prune }) => console.log(JSON.stringify([...prune(${JSON.stringify(folder)}, () => true)].map((s) => s.why + ' ' + s.path))))`
  const [program, ...args] = [...argv, 'sh', '-ec', `${before} "$0" -e "$1"`, process.execPath, script]
  return JSON.parse(execFileSync(program!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })) as string[]
}

test.skipIf(!mayMount)('what is mounted in a tree is not touched, be it of the same disk', () => {
  const { home } = sandbox()
  for (const folder of ['share', 'tree/uv', 'tree/disk/deep', 'tree/gone']) mkdirSync(`${home}/${folder}`, { recursive: true })
  writeFileSync(`${home}/share/torch.whl`, 'shared')
  writeFileSync(`${home}/tree/file`, '')
  const stay = pruned(`${home}/tree`, unshare, `mount --bind ${home}/share ${home}/tree/uv; mount -t tmpfs none ${home}/tree/disk; touch ${home}/tree/disk/x;`)
  expect(stay).toEqual(['mounted disk', 'mounted uv'])
  expect([readFileSync(`${home}/share/torch.whl`, 'utf8'), readdirSync(`${home}/tree`)]).toEqual(['shared', ['disk', 'uv']])
})

test.skipIf(!root)('folders of this user that are closed are opened; what is of another user stays', () => {
  const { home } = sandbox()
  chmodSync(`${home}/..`, 0o755)
  mkdirSync(`${home}/tree/a/b`, { recursive: true })
  writeFileSync(`${home}/tree/a/b/file`, '')
  execFileSync('chown', ['-R', '65534:65534', `${home}/tree`])
  execFileSync('chmod', ['-R', 'a-w', `${home}/tree`])
  mkdirSync(`${home}/tree/foo/__pycache__`, { recursive: true })
  writeFileSync(`${home}/tree/foo/__pycache__/x.pyc`, '')
  execFileSync('chown', ['65534', `${home}/tree/foo`])
  mkdirSync(`${home}/tree/secret`, { mode: 0o700 })
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  expect(pruned(`${home}/tree`, nobody)).toEqual(['refused foo/__pycache__/x.pyc', 'refused secret'])
  expect([existsSync(`${home}/tree/a`), readdirSync(`${home}/tree`)]).toEqual([false, ['foo', 'secret']])
})
