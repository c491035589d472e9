import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { childEnvironment } from '../../src/host/children.ts'
import { parsePipConf, pipConfig } from '../../src/host/pip-config.ts'

test('reads what says where packages come from, [install] before [global], lines that go on', () => {
  const text = '# mine\n[global]\nindex-url = https://a.example/simple\nextra_index_url =\n    https://b.example/simple\n    https://c.example/simple\n[install]\nindex-url: https://d.example/simple\n[list]\nindex-url = https://no.example\n'
  expect(parsePipConf(text)).toEqual({
    'index-url': 'https://d.example/simple', 'extra-index-url': ' https://b.example/simple https://c.example/simple',
  })
})

test('hands on where packages come from, never where they go', () => {
  const home = mkdtempSync(join(tmpdir(), 'gb10-pip-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  mkdirSync(join(home, '.config/pip'), { recursive: true })
  writeFileSync(join(home, '.config/pip/pip.conf'), '[global]\nfind-links = /wheels\ntarget = /somewhere/else\n')
  const env = { HOME: home, PATH: '/usr/bin', PIP_TARGET: '/mylib', PIP_INDEX_URL: 'https://a.example/simple', PIP_CONSTRAINT: '/x/gb10-constraints.txt' }
  expect(pipConfig(env)).toMatchObject({ index: 'https://a.example/simple' })
  const child = childEnvironment(env)
  expect(child).toMatchObject({ UV_DEFAULT_INDEX: 'https://a.example/simple', PIP_INDEX_URL: 'https://a.example/simple', PIP_CONFIG_FILE: '/dev/null' })
  expect(child['UV_FIND_LINKS']).toContain('/wheels')
  expect(Object.keys(child).filter((name) => /TARGET|CONSTRAINT/.test(name))).toEqual([])
})
