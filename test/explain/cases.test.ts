import { describe, expect, it, test } from 'vitest'
import { explain, idsIn, problems, signatures, textsIn } from './catalogue.ts'

/** cases/<id>/<what>.txt, or <what>+<other-id>.txt: exactly these problems are in the text. */
const cases = textsIn('cases').map(([path, text]) => {
  const [id = '', name = ''] = path.split('/')
  return { path, text, ids: [id, ...name.split('+').slice(1)] }
})

describe('pastes', () => {
  it.each(cases.map((one) => [one.path, one] as const))('%s', (_path, { text, ids }) => {
    const { matches } = explain(text)
    expect(matches.map(({ problem }) => problem.id).toSorted()).toEqual(ids.toSorted())
    const lines = text.split('\n')
    for (const { line, evidence } of matches) {
      expect(line).toBeGreaterThan(0)
      expect(lines[line! - 1]).toBeDefined()
      expect(evidence).toMatch(/\S/)
      expect(evidence).not.toMatch(/\p{Cc}/u)
    }
  })
})

describe('signatures', () => {
  it('have no piece so short that healthy logs are full of it: each hit is looked at more closely', () => {
    expect(signatures.words.filter((piece) => piece.length < 4)).toEqual([])
  })
  const signed = problems.flatMap((problem) =>
    problem.signatures.map(
      (signature) => [`${problem.id}: ${signature.text ?? signature.pattern}`, problem.id, signature] as const,
    ),
  )
  it.each(signed)('%s', (_what, id, { text, pattern, example, counterExample, notWhen }) => {
    expect(idsIn(example), example).toContain(id)
    expect(idsIn(`${example.replace(/^\s+/, '')}`.replaceAll(/(.{39}\S)(?=\S)/g, '$1\n')), 'wrapped').toContain(id)
    expect(idsIn(`\u001B[31m2026-11-20 10:00:00,123\u001B[0m ${example}\r\n`), 'with colour and time').toContain(id)
    if (counterExample !== null)
      expect(
        explain(counterExample).matches.filter((m) => m.problem.id === id && m.evidence?.includes(text ?? pattern ?? '')),
      ).toEqual([])
    for (const { text: against, within, later } of notWhen) {
      if (against === null || against.includes('…')) continue
      const lines = later ? [example, against] : [against, example]
      expect(
        explain(lines.join(within === 0 ? ' ' : '\n')).matches.filter(
          (m) => m.problem.id === id && m.evidence?.includes(text ?? ''),
        ),
        against,
      ).toEqual([])
    }
  })
})

describe('healthy logs', () => {
  test.each(textsIn('healthy'))('%s', (_path, text) => {
    expect(explain(text).matches.map(({ problem, line, evidence }) => `${problem.id} ${line} ${evidence}`)).toEqual([])
  })
})

describe('errors that are not in the catalogue', () => {
  test.each(textsIn('unknown'))('%s', (_path, text) => {
    expect(idsIn(text)).toEqual([])
  })
})
