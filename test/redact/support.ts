import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { readRedactionData } from '../../src/redact/data.ts'
import type { Identifier } from '../../src/redact/model.ts'

export const data = readRedactionData(parse(readFileSync(new URL('../../checks/_redaction.yaml', import.meta.url), 'utf8')))

/** The people and names of the machine that the corpus comes from. */
export const machineNames: Identifier[] = [
  { kind: 'user', value: 'marguerite' },
  { kind: 'host', value: 'vega-7f3a', as: 'vega-7f3a' },
  { kind: 'host', value: 'vega-7f3a.lab.example.org', as: 'vega-7f3a' },
  { kind: 'domain', value: 'lab.example.org' },
  { kind: 'serial', value: '1984925001234' },
  { kind: 'ssid', value: "Margie's Attic" },
]

/** A text that repeats a short pattern: stands for the random part of a key, so that no key is complete in this repository. */
export const filler = (length: number, alphabet = 'aB3dE5gH7jK9mN2pQ4sT6vW8xZ'): string =>
  Array.from({ length }, (_, at) => alphabet[(at * 7) % alphabet.length]).join('')
