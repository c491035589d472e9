import { describe, expect, it } from 'vitest'
import { atLeast, chooseProfile, deviceFor, shownBy } from '../../src/plan/profile.ts'
import { catalogIn } from './support.ts'

const { profiles } = catalogIn('recipes')

describe('profiles', () => {
  it.each([
    ['gb10', { dgxSpark: 'yes', nvidiaGpu: true, cuda: '13.0' }],
    ['cuda13', { dgxSpark: 'no', nvidiaGpu: true, cuda: '13.2' }],
    ['cuda13', { dgxSpark: 'unknown', nvidiaGpu: true, cuda: '13.0' }],
    ['cpu', { dgxSpark: 'no', nvidiaGpu: true, cuda: '12.8' }],
    ['cpu', { dgxSpark: 'unknown', nvidiaGpu: null, cuda: null }],
    ['cpu', { dgxSpark: 'no', nvidiaGpu: false, cuda: null }],
  ] as const)('%s for %o', (name, shown) => {
    expect(chooseProfile(profiles, shown)?.profile.name).toBe(name)
  })

  it('says what ruled out the better ones', () => {
    const why = chooseProfile(profiles, { dgxSpark: 'no', nvidiaGpu: true, cuda: '12.8' })?.why
    expect(why).toContain('not gb10: this is not a GB10; not cuda13: the driver supports CUDA 12.8 only')
  })

  it.each([
    ['a driver that names a GPU', { gpus: [{}] }, true],
    ['a GB10 that is silent', { machine: { dgxSpark: 'yes' } }, true],
    ['a driver that names none', { driver: { version: '580.95.05', module: null } }, null],
    ['a module that is not loaded', { driver: { version: null, module: 'not-loaded' } }, null],
    ['a GPU on the bus alone', { facts: { 'pci.gpus': { value: [{}] } } }, null],
    ['nothing', {}, false],
  ])('a GPU by %s', (_what, part, expected) => {
    const none = { machine: { dgxSpark: 'no' }, gpus: [], driver: { version: null, module: null, cuda: null }, facts: {} }
    expect(shownBy({ ...none, ...part } as unknown as Parameters<typeof shownBy>[0]).nvidiaGpu).toBe(expected)
  })

  it.each([
    ['cuda', { nvidiaGpu: true }, false],
    ['cuda', {}, true],
    ['cuda', {}, null],
    ['cpu', {}, false],
  ] as const)('without a profile the proof is made on %s: %o, GPU %s', (device, fit, nvidiaGpu) => {
    expect(deviceFor(fit, { dgxSpark: 'no', nvidiaGpu, cuda: null })).toBe(device)
  })

  it.each([
    ['13.0', '13.0', true],
    ['13', '13.0', true],
    ['12.10', '12.9', true],
    ['9.9', '13.0', false],
    [null, '1', false],
  ] as const)('%s at least %s: %s', (have, want, answer) => {
    expect(atLeast(have, want)).toBe(answer)
  })
})
