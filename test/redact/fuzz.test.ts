import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scan } from '../../src/redact/gate.ts'
import type { Identifier } from '../../src/redact/model.ts'
import { isToken } from '../../src/redact/model.ts'
import { createRedactor } from '../../src/redact/redactor.ts'
import { controls, corpus, siblings } from './corpus.ts'
import { data } from './support.ts'

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(...[...corpus, ...siblings].map(([, line, value]) => line(value)), ...controls.map(([, text]) => text)),
  fc.constantFrom(
    ' ',
    '\n',
    '"',
    '\\',
    ':',
    '=',
    '/',
    '@',
    '-',
    'user-1',
    'ip-2',
    'secret-3',
    '/home/',
    'password=',
    'serial: ',
    '\u0000',
    '\uD800',
  ),
)
const text = fc.array(piece, { maxLength: 12 }).map((all) => all.join(''))
const kind = fc.constantFrom('host', 'user', 'serial', 'ssid', 'domain', 'email', 'name', 'mac', 'ip', 'machine') as fc.Arbitrary<
  Identifier['kind']
>
const value = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 24 }),
    fc.stringMatching(/^[a-z][a-z0-9_-]{2,15}$/),
    fc.string({ unit: 'grapheme', minLength: 3, maxLength: 16 }),
  )
  .map((v) => v.trim())
const identifiers = fc.array(fc.record({ kind, value }), { maxLength: 5 })

/** Long enough to be told from other text, and no word that names nobody. */
const telling = ({ value: v }: Identifier): boolean =>
  v.length >= 5 &&
  !data.words.has(v.toLowerCase()) &&
  !isToken(v) &&
  /^[\p{L}\p{N}].*[\p{L}\p{N}]$/u.test(v) &&
  !v.includes('-') &&
  /[\p{L}]/u.test(v)

describe('redaction of any text', () => {
  it('never throws, and redacting again changes nothing', () => {
    fc.assert(
      fc.property(identifiers, text, (names, one) => {
        const redactor = createRedactor(names, data)
        const out = redactor.redact(one)
        expect(redactor.redact(out)).toBe(out)
        expect(redactor.find(out)).toEqual([])
      }),
      { numRuns: 600 },
    )
  }, 120_000)

  it('lets no collected name through', () => {
    fc.assert(
      fc.property(identifiers, fc.array(text, { minLength: 1, maxLength: 4 }), (names, texts) => {
        const all = names.filter(telling)
        const redactor = createRedactor(all, data)
        const joined = texts.map((one, at) => `${one}${all.length > 0 ? ` ${all[at % all.length]!.value} ` : ''}`).join('')
        const out = redactor.redact(joined).toLowerCase()
        for (const { value: v } of all) {
          const name = v.toLowerCase()
          for (let spot = out.indexOf(name); spot >= 0; spot = out.indexOf(name, spot + 1))
            expect(`${out[spot - 1] ?? ' '}${out[spot + name.length] ?? ' '}`).toMatch(/[\p{L}\p{N}]/u)
        }
      }),
      { numRuns: 600 },
    )
  }, 120_000)

  it('ends in good time on text made to be slow', () => {
    const redactor = createRedactor([], data)
    for (const one of [
      'a',
      '1.',
      ':',
      'key=',
      'A1b',
      '/home/',
      'eyJ',
      '-----BEGIN ',
      'x@a.',
      '0a:',
      'password',
      ' ',
      '--token ',
      'a:b',
      'https://a/',
      '+1 ',
      'db_pass',
      '"pw=',
      'mysql -p',
      '4cbb.',
    ]) {
      expect(typeof redactor.redact(one.repeat(Math.ceil(100_000 / one.length)))).toBe('string')
    }
  }, 60_000)
})

describe('the gate', () => {
  const files = new Map([
    ['README.txt', 'read me\n'],
    ['host.yaml', 'records: []\n'],
    ['facts.json', '{}\n'],
    ['001-free.txt', 'Mem: 1\n'],
  ])
  const redactor = createRedactor([{ kind: 'user', value: 'marguerite' }], data)
  it('lets a clean bundle through', () => expect(scan(files, redactor)).toEqual([]))
  it.each([...corpus, ...siblings].flatMap(([what, line, secret]) => [...files.keys()].map((file) => [what, file, line(secret), secret] as const)))(
    'refuses: %s in %s',
    (_what, file, line, secret) => {
      const hits = scan(
        new Map([...files, [file, `${files.get(file)}${line}\n`]]),
        createRedactor([{ kind: 'user', value: 'marguerite' }, ...named], data),
      )
      expect(hits.map(({ path }) => path)).toContain(file)
      expect(JSON.stringify(hits)).not.toContain(secret)
    },
  )
  const named: Identifier[] = [
    { kind: 'host', value: 'vega-7f3a' },
    { kind: 'serial', value: '1984925001234' },
    { kind: 'ssid', value: "Margie's Attic" },
    { kind: 'host', value: 'vega-7f3a.lab.example.org' },
  ]
  it('refuses a name in a file name, and does not show it', () => {
    expect(scan(new Map([['001-home-marguerite.txt', '']]), redactor)).toEqual([
      { path: '001-home-user-1.txt', rule: 'file name' },
    ])
  })
  it.each([
    ['base64', `data: ${Buffer.from('config of marguerite, her machine').toString('base64')}`],
    ['base64 with an A', `data: ${Buffer.from('ab@ marguerite, her machine').toString('base64')}`],
    ['percent signs', 'path: file:%2F%2Fmargu%65rite'],
    ['JSON escapes', String.raw`{"a": "m\u0061rguerite"}`],
    ['invisible characters', 'margu\u200Berite'],
  ])('looks through %s', (_how, said) => expect(scan(new Map([['a.txt', said]]), redactor)).toHaveLength(1))
})
