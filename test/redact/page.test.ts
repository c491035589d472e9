import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeBundle } from '../../src/cli/reporting.ts'
import { parseData } from '../../src/facts/data.ts'
import { readRecording } from '../../src/host/recorded.ts'
import type { Capture } from '../../src/model/capture.ts'
import { scan } from '../../src/redact/gate.ts'
import { createRedactor } from '../../src/redact/redactor.ts'
import { data, filler, machineNames } from './support.ts'

const gpus = parseData(readFileSync('checks/_gpus.yaml', 'utf8'))
const captures = await readRecording('test/hosts/gb10-live-forms')
const blank: Capture = { text: '', status: 'ok', stderr: '', exitCode: 0, excerpt: false, ms: 0 }
const service: Capture = {
  ...blank,
  path: '/etc/systemd/system/ollama.service',
  text: 'Environment="OLLAMA_MODELS=/data/marguerite/models"\n',
}
const passwd = (names: string[]): string => names.map((name, at) => `${name}:x:${1000 + at}:1000::/home/${name}:/bin/sh\n`).join('')
const bundle = (names: string[], more: Capture[] = []) =>
  makeBundle({
    captures: [...captures, ...more],
    identity: [{ ...blank, path: '/etc/passwd', text: passwd(names) }],
    own: { home: null, user: null, hostname: null, addresses: [], macs: [] },
    redaction: data, gpus, doctor: null, includeLogs: true, page: true, redact: true, at: '2026-01-31T12:00:00.000Z', version: '0.0.0',
  })

test('people who are called like a word or a piece of markup of the page do not stop it', async () => {
  const { page, hits } = await bundle(['margin', 'verdicts', 'threads', 'unified', 'section', 'charset', 'monospace', 'replay', 'found', 'print'])
  expect(hits).toEqual([])
  expect(page).toContain('How to replay it')
})

test('names of people are tokens on the page too', async () => {
  const { page, hits } = await bundle(['marguerite'], [service])
  expect(hits).toEqual([])
  expect(page).toMatch(/\/data\/user-\d\/models/)
  expect(page).not.toContain('marguerite')
})

test('what only the page puts together is found on the page', async () => {
  const text = 'Environment="OLLAMA_MODELS=/data/mar\u001B]0;x\u0007guerite/models"\n'
  const { hits } = await bundle(['marguerite'], [{ ...service, text }])
  expect(hits).toEqual([{ path: 'report.html', rule: 'collected-user' }])
})

test.each([
  ['as it is', `${'hf'}_${filler(34)}`, 'hugging-face-token'],
  ['behind an entity', `Margie&#39;s Attic`, 'HTML collected-ssid'],
  ['behind a tag', 'ether <b>4cbb472a9d01</b>', 'HTML mac-without-colons'],
  ['behind a number', `vega&#x2d;7f3a`, 'HTML collected-host'],
])('the gate sees on a page what is there %s', (_, planted, rule) => {
  const page = `<!doctype html><title>x</title><p>${planted}</p>`
  expect(scan(new Map([['report.html', page]]), createRedactor(machineNames, data))).toContainEqual({ path: 'report.html', rule })
})
