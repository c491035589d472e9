import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { undo } from '../../src/apply/undo.ts'
import { mountedAt, openOn, refusing } from '../support/in-the-way.ts'
import { applyWants, sandbox, session } from '../support/sandbox.ts'

describe('what is in the way of taking back', () => {
  test('of a cache in which a disk is mounted the rest goes', async () => {
    const { home, state } = sandbox()
    const s = session(state)
    await applyWants(s, 'demo', [{ kind: 'cache', path: `${home}/cache` }])
    s.close()
    for (const name of ['uv', 'pip']) mkdirSync(`${home}/cache/${name}`)
    writeFileSync(`${home}/cache/uv/theirs`, 'shared')
    let mount: string | null = `${home}/cache/uv`
    const next = openOn(state, mountedAt(() => mount))
    const { failed } = await undo(next, 'u', { all: true }, false)
    expect([failed[0]?.error, readFileSync(`${home}/cache/uv/theirs`, 'utf8')]).toEqual([expect.stringContaining(`sudo umount ${home}/cache/uv`), 'shared'])
    expect(existsSync(`${home}/cache/pip`)).toBe(false)
    mount = null
    expect(await undo(next, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
    expect(existsSync(`${home}/cache`)).toBe(false)
    next.close()
  })

  test('of a cache with something of another user in it the rest goes', async () => {
    const { home, state } = sandbox()
    const s = session(state)
    await applyWants(s, 'demo', [{ kind: 'cache', path: `${home}/cache` }])
    s.close()
    for (const name of ['uv', 'pip']) mkdirSync(`${home}/cache/${name}`)
    writeFileSync(`${home}/cache/uv/roots`, '')
    const next = openOn(state, refusing('roots'))
    const { failed, kept } = await undo(next, 'u', { all: true }, false)
    expect([failed, kept.map((k) => k.path), readdirSync(`${home}/cache`)]).toEqual([[], [`${home}/cache/uv`], ['uv']])
    expect(kept[0]!.reason).toContain(`sudo rm -r ${home}/cache/uv`)
    next.close()
  })
})
