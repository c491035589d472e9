import { describe, expect, test } from 'vitest'
import { box, canBox } from './box.ts'

describe.skipIf(!canBox)('the throw-away machine', () => {
  test('is bare', async () => {
    const { stdout, code } = await box({}, 'for tool in node npm python3 gcc pip curl; do command -v $tool || echo no $tool; done')
    expect({ stdout, code }).toEqual({ stdout: 'no node\nno npm\nno python3\nno gcc\nno pip\n/usr/bin/curl\n', code: 0 })
  })

  test('with Python has neither pip nor venv nor headers', async () => {
    const { stdout } = await box({ packages: ['python3'], user: 'spark' }, 'id -un; for m in pip ensurepip; do python3 -m $m 2>&1 || :; done; ls /usr/include')
    expect(stdout).toMatch(/^spark\n.*No module named pip\n.*No module named ensurepip\n$/)
  })

  test('starts clean each time and hands back only what was bound', async () => {
    await box({}, 'touch /root/left')
    expect(await box({}, 'ls /root/left')).toMatchObject({ code: 2, stdout: '' })
  })

  test('ends by itself when its caller is killed', async () => {
    const before = Date.now()
    expect(await box({ timeoutMs: 1500 }, 'sleep 60')).toMatchObject({ code: 137 })
    expect(Date.now() - before).toBeLessThan(10_000)
  })

  test('passes arguments, environment and exit code on', async () => {
    const { stdout, code } = await box({ env: { WORD: 'a b' } }, ['sh', '-c', 'echo "$WORD" "$1"; exit 7', 'sh', "it's"])
    expect({ stdout, code }).toEqual({ stdout: "a b it's\n", code: 7 })
  })
})
