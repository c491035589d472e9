import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gb10, newHome, type Ended } from '../support/cli.ts'
import { manifestOf } from '../support/manifest.ts'
import { violations } from '../support/schemas.ts'
import { tiny, tinyWheels, wheelIndex } from '../support/wheel-index.ts'

const document = (ended: Ended): Record<string, never> => {
  expect(violations(ended.stdout)).toEqual([])
  return JSON.parse(ended.stdout) as Record<string, never>
}

/** Debian splits `-m venv` from its Python: there the stand-in of the next test has to do. */
const canMakeEnvironments = spawnSync('/usr/bin/python3', ['-c', 'import ensurepip']).status === 0

test.skipIf(!canMakeEnvironments)('what a real installer set up is used, looked at, and taken back to the byte', async () => {
  const home = newHome()
  writeFileSync(`${home.home}/.bashrc`, 'alias ll="ls -l"\n')
  const before = manifestOf(home.home)
  const index = await wheelIndex(tinyWheels())
  const run = (...args: string[]): Promise<Ended> => gb10(args, home)

  const plan = document(await run('plan', ...tiny(index.url, 'pip'), '--json'))
  expect(plan['changes']).toHaveLength(3)
  expect(manifestOf(home.home)).toEqual(before)

  const applied = await run('apply', ...tiny(index.url, 'pip'), '--yes', '--json')
  expect(applied.code, applied.stderr).toBe(0)
  expect(document(applied)).toMatchObject({ status: 'done', recipes: ['torch-cu130'], resume: null })
  const status = document(await run('status', '--verify', '--json'))
  expect(status).toMatchObject({ recipes: [{ name: 'torch-cu130', unfinished: [], drift: [] }], resume: null, verified: { differences: [] } })

  const env = await run('env', 'torch-cu130', '--json')
  const { environment } = document(env) as unknown as { environment: string }
  expect((await run('env', 'torch-cu130')).stdout).toContain(`export PATH='${environment}/bin':"$PATH"\n`)
  const inside = await run('run', 'torch-cu130', '--', 'python', '-c', 'import sys, torch; print(sys.prefix, torch.__version__); sys.exit(7)')
  expect(inside).toMatchObject({ code: 7, stderr: '' })
  expect(inside.stdout).toMatch(/ 1\.0\n$/)

  const again = document(await run('apply', ...tiny(index.url, 'pip'), '--yes', '--json'))
  expect(again).toMatchObject({ status: 'done' })
  expect((again['changes'] as unknown as { status: string }[]).map((c) => c.status)).toEqual(['skipped', 'skipped', 'skipped'])

  const unasked = await run('undo', 'torch-cu130')
  expect(unasked).toMatchObject({ code: 64, stdout: '' })
  expect(unasked.stderr).toMatch(/nobody can be asked here, and --yes was not given: nothing was changed\n +Next: gb10 undo torch-cu130 --yes\n/)
  const undone = await run('undo', 'torch-cu130', '--yes', '--json')
  expect(undone.code, undone.stderr).toBe(0)
  expect(document(undone)).toMatchObject({ status: 'done', kept: [], failed: [], verified: { differences: [] } })
  expect((await run('uninstall', '--yes')).code).toBe(0)
  expect(manifestOf(home.home)).toEqual(before)
}, 120_000)

test('what an earlier undo kept is named by uninstall too, until --purge-data removes it', async () => {
  const home = newHome()
  const index = await wheelIndex(tinyWheels())
  expect((await gb10(['apply', ...tiny(index.url), '--yes', '-q'], home)).code).toBe(0)
  mkdirSync(`${home.home}/.local/share/gb10/envs/torch-cu130/mine`)
  writeFileSync(`${home.home}/.local/share/gb10/envs/torch-cu130/mine/notes.txt`, 'do not lose me')
  const undone = await gb10(['undo', 'torch-cu130', '--yes', '--json'], home)
  const gone = await gb10(['uninstall', '--yes', '--json'], home)
  expect([undone.code, gone.code]).toEqual([3, 3])
  expect(document(gone)['kept']).toEqual(document(undone)['kept'])
  expect((await gb10(['uninstall', '--yes'], home)).stdout).toMatch(/^Nothing is set up: there is nothing to take back\.\n\nKept for you:\n/)
  expect(document(await gb10(['uninstall', '--yes', '--purge-data', '--json'], home))).toMatchObject({ status: 'done', kept: [] })
  expect(manifestOf(home.home)).toEqual([])
})

test('what the user put there stays, and the exit code says so', async () => {
  const home = newHome()
  const index = await wheelIndex(tinyWheels())
  expect((await gb10(['apply', ...tiny(index.url), '--yes', '-q'], home)).code).toBe(0)
  const link = `${home.home}/.local/share/gb10/envs/torch-cu130`
  mkdirSync(`${link}/mine`)
  writeFileSync(`${link}/mine/notes.txt`, 'do not lose me')
  const gone = await gb10(['uninstall', '--yes', '--json'], home)
  expect(gone.code).toBe(3)
  const { kept, verified } = document(gone) as unknown as { kept: { savedCopy: string }[]; verified: object }
  expect(verified).toEqual({ differences: [] })
  expect(readFileSync(`${kept[0]!.savedCopy}/mine/notes.txt`, 'utf8')).toBe('do not lose me')
  expect(document(await gb10(['status', '--json'], home))).toMatchObject({ recipes: [], kept: [{ savedCopy: kept[0]!.savedCopy }] })
})
