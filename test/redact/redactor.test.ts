import { describe, expect, it } from 'vitest'
import { withVocabulary } from '../../src/redact/data.ts'
import { createRedactor } from '../../src/redact/redactor.ts'
import { controls, corpus, siblings } from './corpus.ts'
import { data, machineNames } from './support.ts'

const fresh = () => createRedactor(machineNames, data)

describe('thirty kinds are replaced', () => {
  it('are thirty', () => expect(new Set(corpus.map(([kind]) => kind)).size).toBe(30))
  it.each([...corpus, ...siblings])('%s', (_kind, line, value) => {
    const redactor = fresh()
    for (const text of [line(value), JSON.stringify({ said: line(value) }), `before\n${line(value)}\nafter`]) {
      const out = redactor.redact(text)
      for (const part of value.split('\n')) expect(out).not.toContain(part)
      expect(redactor.redact(out)).toBe(out)
      expect(redactor.find(out)).toEqual([])
    }
    expect(fresh().find(line(value)).length).toBeGreaterThan(0)
  })
})

describe('what tells nothing stays', () => {
  it.each(controls)('%s', (_what, text) => {
    for (const one of [text, JSON.stringify({ said: text })]) {
      expect(fresh().redact(one)).toBe(one)
      expect(fresh().find(one)).toEqual([])
    }
  })
})

describe('tokens', () => {
  it('are the same for the same value, in any case, and its full name', () => {
    const redactor = fresh()
    expect(redactor.redact('vega-7f3a VEGA-7F3A vega-7f3a.lab.example.org')).toBe('host-1 host-1 host-1')
    expect(redactor.redact('10.0.0.7 10.0.0.8 10.0.0.7')).toBe('ip-1 ip-2 ip-1')
    expect(redactor.redact('marguerite@vega-7f3a:/home/marguerite')).toBe('user-1@host-1:/home/user-1')
  })
  it('leave a name that is a common word alone, except where its place says what it is', () => {
    const redactor = createRedactor(
      [
        { kind: 'user', value: 'nvidia' },
        { kind: 'host', value: 'spark' },
      ],
      data,
    )
    expect(redactor.redact('nvidia-smi on spark: /home/nvidia/venv, USER=nvidia')).toBe(
      'nvidia-smi on spark: /home/user-1/venv, USER=user-1',
    )
    expect(redactor.redact('Linux spark 6.17.0 aarch64')).toBe('Linux host-1 6.17.0 aarch64')
  })
  it('leave a user name that is a word of our own alone in tool names and keys', () => {
    const redactor = createRedactor(
      [{ kind: 'user', value: 'max' }],
      withVocabulary(data, ['nvidia-smi --query-gpu=clocks.max.sm']),
    )
    expect(redactor.redact('clocks.max.sm of /home/max')).toBe('clocks.max.sm of /home/user-1')
  })
  it('are only what is one as a whole: what begins or ends like one is a name or a secret', () => {
    const redactor = createRedactor(
      [
        { kind: 'host', value: 'host-12a' },
        { kind: 'host', value: 'web-host-1' },
      ],
      data,
    )
    expect(redactor.redact('ssh host-12a web-host-1 host-7')).toBe('ssh host-1 host-2 host-7')
    expect(redactor.redact('password=secret-1Hunter22 token=MyOwn-secret-1')).not.toMatch(/Hunter|MyOwn/)
  })
  it('stand for short names, for names that a model has too, and for homes, but not for common words in capitals', () => {
    const redactor = createRedactor(
      [
        { kind: 'user', value: 'bob' },
        { kind: 'host', value: 'mistral' },
        { kind: 'model', value: 'mistral:7b' },
        { kind: 'home', value: '/srv/people/nv' },
        { kind: 'host', value: 'SPARK' },
      ],
      data,
    )
    expect(redactor.redact('bob ran mistral:7b on mistral in /srv/people/nv of a Spark')).toBe('user-1 ran host-1:7b on host-1 in /home-1 of a Spark')
  })
  it('stand for names at the start of any line', () => {
    expect(fresh().redact('one\nLinux rigel-9 6.17.0\nnode name: rigel-8\n')).toBe('one\nLinux host-2 6.17.0\nnode name: host-1\n')
  })
  it('keep the shape of a GPU UUID and are left alone when they come back', () => {
    const redactor = fresh()
    const out = redactor.redact('(UUID: GPU-3f1a9c2e-7b40-5d11-9e02-c41d88a0b7f3)')
    expect(out).toBe('(UUID: GPU-00000000-0000-0000-0000-000000000001)')
    expect(fresh().redact(out)).toBe(out)
  })
  it('are counted by rule, without values', () => {
    const redactor = fresh()
    redactor.redact('marguerite 10.0.0.7, 10.0.0.8')
    expect(redactor.rules()).toEqual([
      { rule: 'collected-user', count: 1 },
      { rule: 'ipv4', count: 2 },
    ])
  })
})
