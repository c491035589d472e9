import { expect, test } from 'vitest'
import type { Want } from '../../src/model/change.ts'
import { sameWant } from '../../src/model/same-want.ts'

const folder = (url: string, sha256: string | null): Want => ({
  kind: 'download', path: '/models/net', files: [{ name: 'weights', url, sha256, bytes: 3 }], licence: null, unpack: 'none',
})

test.each([
  ['another mirror of the same bytes', folder('https://one.example/w', 'aa'), folder('https://two.example/w', 'aa'), true],
  ['other bytes from the same address', folder('https://one.example/w', 'aa'), folder('https://one.example/w', 'bb'), false],
  ['another address, and no hash to tell', folder('https://one.example/w', null), folder('https://two.example/w', null), false],
])('%s', (_what, one, other, same) => {
  expect(sameWant(one, other)).toBe(same)
})
