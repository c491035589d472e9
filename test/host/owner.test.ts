import { expect, test, vi } from 'vitest'
import { becomeOwner, NoOwner } from '../../src/host/owner.ts'

vi.mock('../../src/host/probe-files.ts', () => ({ readPlain: () => ({ status: 'absent', text: '' }) }))

test('a container without a table of users and without HOME has no owner, which is told', () => {
  vi.stubEnv('HOME', undefined)
  vi.stubEnv('SUDO_UID', undefined)
  expect(becomeOwner).toThrow(NoOwner)
  vi.unstubAllEnvs()
})
