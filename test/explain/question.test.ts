import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { idsIn, problems } from './catalogue.ts'

const asked = problems.flatMap(({ id, asked: words, signatures }) =>
  [...words, ...signatures.flatMap(({ text }) => text ?? [])].map((text): [string, string] => [id, text]),
)

test('every text of the catalogue, asked about alone, names its problem', () => {
  expect(asked.length).toBeGreaterThan(200)
  expect(asked.filter(([id, text]) => !idsIn(`${text}\n`).includes(id))).toEqual([])
})

test('so does its line in a short paste', () => {
  const inPaste = problems.flatMap(({ id, signatures }) => signatures.flatMap(({ text }) => (text === null ? [] : [[id, text] as const])))
  const lost = inPaste.filter(([id, text]) => !idsIn(`web-1  | starting\nweb-1  | ${text}\nweb-1  | ended\n`).includes(id))
  expect(lost).toEqual([])
})

test.each([
  ['in a sentence', 'the call of cudaMemGetInfo took 3 ms'],
  ['in a log', 'loading\ncudaMemGetInfo\ndone'],
  ['with what speaks against it', "modprobe: ERROR: could not insert 'vboxdrv': Key was rejected by service"],
])('a common word %s is no question', (_where, text) => {
  expect(idsIn(text)).toEqual([])
})

/** The problems as their collectors wrote them down, where they lie beside the project: each string they name must be known. */
const known = fileURLToPath(new URL('../../../shared/knowledge/problems.yaml', import.meta.url))
test.skipIf(!existsSync(known))('every symptom in the collected problems names its problem', () => {
  const { problems: collected } = parse(readFileSync(known, 'utf8')) as { problems: { id: string; symptoms: string[] }[] }
  const texts = collected.flatMap(({ id, symptoms }) => symptoms.filter((one) => !one.startsWith('measure:')).map((one) => [id, one] as const))
  expect(texts.length).toBeGreaterThan(250)
  expect(texts.filter(([id, text]) => !idsIn(text).includes(id))).toEqual([])
})
