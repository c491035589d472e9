import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { commandLine, newHome } from '../support/cli.ts'

const UID = 4242

/** A home of a user whom only a throw-away mount namespace knows, with a recipe that edits a file and makes a tree. */
function usersHome() {
  const { home, env } = newHome()
  const base = dirname(home)
  chmodSync(base, 0o755)
  writeFileSync(`${base}/passwd`, `${readFileSync('/etc/passwd', 'utf8')}spark:x:${UID}:${UID}::${home}:/bin/sh\n`)
  writeFileSync(`${base}/model`, 'weights')
  const recipe = `name: both
title: An edit and a tree
description: For a test
scope: user
changes:
  - {id: block, kind: block, summary: block, path: '{home}/.bashrc', name: both, lines: ['export A=1']}
  - {id: tree, kind: download, summary: tree, path: '{home}/models', files: [{url: 'file://${base}/model', name: model, sha256: null, bytes: null}]}
verifiedOn: []
references: []
`
  writeFileSync(`${base}/both.yaml`, recipe)
  writeFileSync(`${home}/.bashrc`, 'mine\n')
  utimesSync(`${home}/.bashrc`, 1e9, 1e9)
  for (const path of [home, `${home}/.bashrc`]) chownSync(path, UID, UID)
  mkdirSync(`${base}/tmp`, { mode: 0o777 })
  const accept = ['--accept', createHash('sha256').update(recipe).digest('hex')]
  const inside = (as: Record<string, string>, before: string[], args: string[]) => {
    const script = `mount --bind ${base}/passwd /etc/passwd && exec ${before.join(' ')} "$@"`
    const argv = ['-m', 'sh', '-c', script, 'sh', ...commandLine(args)]
    const { status, stderr } = spawnSync('unshare', argv, { env: { ...env, TMPDIR: `${base}/tmp`, ...as }, encoding: 'utf8', cwd: '/' })
    return { status, stderr }
  }
  const sudo = (...args: string[]) => inside({ SUDO_UID: String(UID), SUDO_GID: String(UID), SUDO_USER: 'spark', HOME: '/root' }, [], args)
  const plain = (...args: string[]) => inside({}, ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups'], args)
  const owners = (): string => execFileSync('find', [home, '-printf', '%u\\n'], { encoding: 'utf8' })
  return { home, recipe: [`${base}/both.yaml`, ...accept, '--yes'], sudo, plain, owners }
}

const good = { status: 0, stderr: expect.anything() as string }

test.each(['sudo', 'plain'] as const)('what was applied (%s) is taken back under sudo, and all of it is the user\'s', (first) => {
  const { home, recipe, owners, ...as } = usersHome()
  expect(as[first]('apply', ...recipe)).toEqual(good)
  expect([readFileSync(`${home}/.bashrc`, 'utf8'), readFileSync(`${home}/models/model`, 'utf8')]).toEqual([expect.stringContaining('A=1'), 'weights'])
  expect(new Set(owners().trim().split('\n'))).toEqual(new Set([String(UID)]))
  expect(as.sudo('uninstall', '--yes')).toEqual(good)
  const { uid, gid, mtimeMs } = statSync(`${home}/.bashrc`)
  expect([readFileSync(`${home}/.bashrc`, 'utf8'), uid, gid, mtimeMs]).toEqual(['mine\n', UID, UID, 1e12])
  expect([readdirSync(home), lstatSync(home).uid]).toEqual([['.bashrc'], UID])
})
