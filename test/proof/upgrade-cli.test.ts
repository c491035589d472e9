import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gb10, newHome } from '../support/cli.ts'
import { tiny, wheel, wheelIndex } from '../support/wheel-index.ts'

test('a new torch that cannot compute is not switched to; uninstall takes both away', async () => {
  const wheels = ['torch', 'torchvision'].flatMap((name) => [wheel(name, '1.0'), wheel(name, '2.0')])
  const { url } = await wheelIndex(wheels)
  const home = newHome()
  const envs = `${home.home}/.local/share/gb10/envs`
  const first = await gb10(['apply', ...tiny(url), '--yes', '--json'], home)
  expect(first.code, first.stderr).toBe(0)
  const link = readdirSync(envs).find((name) => !name.startsWith('.'))!
  const old = readlinkSync(`${envs}/${link}`)
  const newer = tiny(url).map((word) => word.replace(/^(torch|torchvision)=1\.0$/, '$1=2.0'))
  const second = await gb10(['apply', ...newer, '--yes', '--json'], home)
  expect([second.code, second.stdout]).toEqual([1, expect.stringContaining('does not work, so the one before stays in use')])
  expect([readlinkSync(`${envs}/${link}`), existsSync(`${old}/bin/python`)]).toEqual([old, true])
  expect((await gb10(['uninstall', '--yes', '--json'], home)).code).toBe(0)
  expect(readdirSync(home.home)).toEqual([])
}, 120_000)
