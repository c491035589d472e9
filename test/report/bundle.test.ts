import { expect, test } from 'vitest'
import { capturesOf } from '../../src/host/recorded.ts'
import type { Capture } from '../../src/model/capture.ts'
import { bundleFiles, type BundleParts } from '../../src/report/bundle.ts'

const base: Capture = { status: 'ok', text: '', stderr: '', exitCode: 0, excerpt: false, ms: 0 }
const captures: Capture[] = [
  { ...base, argv: ['/usr/bin/nvidia-smi', '-q', '-d', 'CLOCK'], program: '/usr/bin/nvidia-smi', text: 'out\n', stderr: 'err\n', exitCode: 3, ms: 12 },
  { ...base, argv: ['docker', 'ps', '--filter', 'a[b]{c}: "d" \u007F\uFEFF😀'], status: 'hung', exitCode: null, pid: 4711, wchan: 'rm_[lock]' },
  { ...base, path: '/etc/cdi/../cdi/nvidia.yaml', text: 'kind: x\n', excerpt: true },
  { ...base, path: '/proc/version', status: 'denied' },
]
const parts: BundleParts = {
  captures, facts: { a: 1 }, doctor: { results: [] }, log: 'NVRM: Xid\n', at: '2026-01-31T12:00:00.000Z', version: '0.1.0',
  redaction: { rules: [{ rule: 'ipv4', count: 2 }], leftOut: ['os.pretty'], redacted: true },
}

test('every part of what was captured can be read again from a bundle', async () => {
  expect(await capturesOf(bundleFiles(parts), 'bundle')).toEqual(captures)
})

test.each([
  ['whole', parts],
  ['least', { ...parts, captures: [], doctor: null, log: null, redaction: { rules: [], leftOut: [], redacted: false } }],
])('the files of a bundle, %s', async (name, given) => {
  const text = [...bundleFiles(given)].map(([file, said]) => `===== ${file}\n${said}`).join('')
  await expect(text).toMatchFileSnapshot(`golden/bundle-${name}.txt`)
})
