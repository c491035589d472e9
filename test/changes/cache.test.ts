import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { undo } from '../../src/apply/undo.ts'
import { mountedAt, openOn, refusing } from '../support/in-the-way.ts'
import { meddled } from '../support/meddled.ts'
import { applyWants, sandbox, session } from '../support/sandbox.ts'

describe('a cache', () => {
  const want = { kind: 'cache', path: '' } as const
  test.each<[string, (path: string) => void, RegExp | null, string[]]>([
    ['with files in it goes whole', (path) => {
      mkdirSync(`${path}/pip/x`, { recursive: true })
      writeFileSync(`${path}/pip/x/y`, '')
    }, null, []],
    ['with the notes of a hub client goes whole', (path) => {
      mkdirSync(`${path}/huggingface/hub/.locks`, { recursive: true })
      mkdirSync(`${path}/huggingface/modules/transformers_modules/x`, { recursive: true })
      const notes = ['hub/version.txt', 'hub/.locks/a.lock', 'xet.log', 'modules/__init__.py', 'modules/transformers_modules/x/modeling_x.py']
      for (const name of notes) writeFileSync(`${path}/huggingface/${name}`, '1')
    }, null, []],
    ['with weights of the user beside the notes of a hub client keeps both', (path) => {
      mkdirSync(`${path}/huggingface/my-finetune`, { recursive: true })
      writeFileSync(`${path}/huggingface/version.txt`, '1')
      writeFileSync(`${path}/huggingface/my-finetune/model.safetensors`, 'weights of days')
    }, /models or other files/, ['huggingface']],
    ['with a token and a data set keeps them', (path) => {
      mkdirSync(`${path}/huggingface/datasets/mine`, { recursive: true })
      writeFileSync(`${path}/huggingface/datasets/mine/data.arrow`, 'rows')
      writeFileSync(`${path}/huggingface/token`, 'hf_x')
    }, /models or other files/, ['huggingface']],
    ["with matplotlib's list of fonts goes whole", (path) => {
      mkdirSync(`${path}/matplotlib`)
      writeFileSync(`${path}/matplotlib/fontlist-v390.json`, '1')
    }, null, []],
    ['with settings of the user for matplotlib keeps them', (path) => {
      mkdirSync(`${path}/matplotlib`)
      for (const name of ['fontlist-v390.json', 'matplotlibrc']) writeFileSync(`${path}/matplotlib/${name}`, '1')
    }, /models or other files/, ['matplotlib']],
    ['with models a user fetched keeps those', (path) => {
      mkdirSync(`${path}/huggingface/hub/blobs`, { recursive: true })
      writeFileSync(`${path}/huggingface/hub/blobs/a`, 'model')
      mkdirSync(`${path}/pip`)
    }, /models/, ['huggingface']],
    ['that was replaced by another folder stays', (path) => {
      rmSync(path, { recursive: true })
      mkdirSync(path)
      writeFileSync(`${path}/mine`, '')
    }, /gb10 did not put it there/, ['mine']],
    ['keeps what the user put beside ours, and weights that torch fetched', (path) => {
      writeFileSync(`${path}/notes.txt`, 'mine')
      mkdirSync(`${path}/torch/hub/checkpoints`, { recursive: true })
      writeFileSync(`${path}/torch/hub/checkpoints/resnet.pth`, 'weights')
      mkdirSync(`${path}/triton`)
    }, /gb10 did not put it there.*models/, ['notes.txt', 'torch']],
  ])('%s', async (_name, meddle, kept, left) => {
    const seen = await meddled(want, () => undefined, meddle)
    expect(existsSync(seen.path) ? readdirSync(seen.path) : []).toEqual(left)
    expect(seen.result.kept.map((k) => k.reason).join()).toMatch(kept ?? /^$/)
    expect(readdirSync(seen.home).filter((n) => n.startsWith('.gb10'))).toEqual([])
  })
})

test('models that were in the cache folder before gb10 are none of its business', async () => {
  const had = (path: string): void => {
    mkdirSync(`${path}/huggingface/hub`, { recursive: true })
    writeFileSync(`${path}/huggingface/hub/version.txt`, '1')
  }
  const seen = await meddled({ kind: 'cache', path: '' }, had, () => undefined)
  expect([readFileSync(`${seen.path}/huggingface/hub/version.txt`, 'utf8'), seen.result.kept]).toEqual(['1', []])
})

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
    expect([failed, kept.map((k) => k.path), existsSync(`${home}/cache`)]).toEqual([[], [`${home}/cache/uv`], false])
    expect(kept[0]!.reason).toContain(`sudo rm -r ${kept[0]!.savedCopy}`)
    expect(existsSync(`${kept[0]!.savedCopy}/roots`)).toBe(true)
    expect((await applyWants(next, 'demo', [{ kind: 'cache', path: `${home}/cache` }])).failed).toBeNull()
    next.close()
  })

  test('a cache that was closed is opened, and closed again where it stays', async () => {
    const { home, state } = sandbox()
    mkdirSync(`${home}/theirs`)
    const s = session(state)
    await applyWants(s, 'demo', ['theirs', 'ours'].map((name) => ({ kind: 'cache', path: `${home}/${name}` })))
    for (const name of ['theirs', 'ours']) chmodSync(`${home}/${name}`, 0o555)
    expect(await undo(s, 'u', { all: true }, false)).toMatchObject({ failed: [], kept: [] })
    expect([readdirSync(home).sort(), statSync(`${home}/theirs`).mode & 0o777]).toEqual([['.local', 'theirs'], 0o555])
  })
})

test('of the folders around it is said that what is in them was kept, not that somebody put it there', async () => {
  const { home, state } = sandbox()
  const s = session(state)
  await applyWants(s, 'demo', [{ kind: 'cache', path: `${home}/.cache/gb10` }])
  mkdirSync(`${home}/.cache/gb10/torch`)
  writeFileSync(`${home}/.cache/gb10/torch/weights`, 'model')
  const around = async () => (await undo(s, 'u', { all: true }, false)).kept.find((k) => k.path === `${home}/.cache`)?.reason
  expect(await around()).toBe('it holds what was kept for you (gb10)')
})
