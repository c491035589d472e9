import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { undo } from '../../src/apply/undo.ts'
import type { Want } from '../../src/model/change.ts'
import { applyWants, sandbox, session } from '../support/sandbox.ts'

// Node has no calls for these. The list lets one more user read; a folder's default list is what new files in it begin with.
const PYTHON = `
import os, struct, sys
entries = [(1, 6, 0xffffffff), (2, 4, 4242), (4, 4, 0xffffffff), (16, 4, 0xffffffff), (32, 0, 0xffffffff)]
acl = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *entry) for entry in entries)
for word in sys.argv[2:]:
    name, value = {'note': ('user.note', b'mine'), 'list': ('system.posix_acl_access', acl), 'default': ('system.posix_acl_default', acl)}[word]
    os.setxattr(sys.argv[1], name, value)
print(sorted((name, os.getxattr(sys.argv[1], name)) for name in os.listxattr(sys.argv[1])), oct(os.stat(sys.argv[1]).st_mode))
`
const attributes = (path: string, ...set: string[]): string => execFileSync('python3', ['-c', PYTHON, path, ...set], { encoding: 'utf8' })

test.each<[string, Want]>([
  ['edited', { kind: 'block', path: '', name: 'demo', lines: ['A=1'] }],
  ['replaced', { kind: 'file', path: '', content: 'ours\n', mode: 0o755 }],
])('a file that is %s keeps its access list and extended attributes, and has them after undo', async (_how, want) => {
  const { home, state } = sandbox()
  writeFileSync(`${home}/f`, 'mine\n')
  writeFileSync(`${home}/plain`, 'mine\n', { mode: 0o644 })
  const [rich, plain] = [attributes(`${home}/f`, 'note', 'list'), attributes(`${home}/plain`)]
  attributes(home, 'default')
  const s = session(state)
  expect((await applyWants(s, 'demo', ['f', 'plain'].map((name) => ({ ...want, path: `${home}/${name}` })))).failed).toBeNull()
  expect(attributes(`${home}/f`)).toContain("('user.note', b'mine')")
  expect((await undo(s, 'u', { all: true }, false)).kept).toEqual([])
  expect([attributes(`${home}/f`), attributes(`${home}/plain`)]).toEqual([rich, plain])
  expect([readFileSync(`${home}/f`, 'utf8'), readdirSync(home)]).toEqual(['mine\n', ['.local', 'f', 'plain']])
})
