import { describe, expect, it } from 'vitest'
import { addressFault, resolveSource, resolveSources } from '../../src/plan/sources.ts'
import { catalogIn } from './support.ts'

const { sources } = catalogIn('recipes')
const none = { flags: {}, env: {}, config: {} }

describe('sources', () => {
  it('takes the flag before the environment, that before the configuration, that before the default', () => {
    const dashed = [...sources, { ...sources[0]!, name: 'torch-cpu' }]
    const config = { 'torch-cpu': 'https://config.example' }
    const env = { GB10_SOURCE_TORCH_CPU: 'https://env.example/' }
    const flags = { 'torch-cpu': 'https://flag.example//' }
    const url = (overrides: object) => resolveSource('torch-cpu', dashed, { ...none, ...overrides })
    expect(url({ config, env, flags })).toEqual({ name: 'torch-cpu', url: 'https://flag.example', from: 'flag' })
    expect(url({ config, env })).toEqual({ name: 'torch-cpu', url: 'https://env.example', from: 'environment' })
    expect(url({ config })).toEqual({ name: 'torch-cpu', url: 'https://config.example', from: 'config' })
    expect(url({})?.from).toBe('default')
    expect(resolveSource('nowhere', sources, none)).toBeNull()
  })

  it('reports unknown names and addresses that cannot be used', () => {
    const { errors } = resolveSources(sources, { ...none, flags: { torhc: 'https://a.example', uv: 'ftp://a.example' } })
    expect(errors[0]).toContain('unknown source torhc, did you mean torch?')
    expect(errors[1]).toBe('the address of source uv must start with https://, http:// or file:///, or be the word default')
  })

  it.each([
    ['default', null],
    ['https://a.example/x', null],
    ['file:///srv/wheels', null],
    ['https://me:secret@a.example', 'holds a name or a password: put it into ~/.netrc or a git credential helper instead'],
    ['https://a.example/x\n', 'must start with https://, http:// or file:///, or be the word default'],
  ])('judges %j', (address, fault) => {
    expect(addressFault(address)).toBe(fault)
  })
})
