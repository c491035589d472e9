import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseData } from '../../src/facts/data.ts'
import { detect } from '../../src/facts/detect.ts'
import type { Capture } from '../../src/model/capture.ts'

/**
 * One case a file, test/facts/AREA/CASE.json. `captures`: parts of a Capture, `text` a string or its lines. `facts`: fact id → value, or → `{status}`
 * for one that has none. `machine`: any part of the whole detection.
 */
type Case = {
  captures: (Omit<Partial<Capture>, 'text'> & { text?: string | string[] })[]
  facts?: Record<string, unknown>
  machine?: Record<string, unknown>
}

const root = fileURLToPath(new URL('.', import.meta.url))
const data = parseData(readFileSync(`${root}/../../checks/_gpus.yaml`, 'utf8'))
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

const capture = ({ text = '', ...rest }: Case['captures'][number]): Capture => ({
  status: 'ok',
  stderr: '',
  exitCode: null,
  excerpt: false,
  ms: 0,
  ...rest,
  text: Array.isArray(text) ? `${text.join('\n')}\n` : text,
})

describe.each(folders)('%s', (folder) => {
  it.each(
    readdirSync(`${root}/${folder}`)
      .filter((name) => name.endsWith('.json'))
      .sort(),
  )('%s', (name) => {
    const { captures, facts = {}, machine = {} } = JSON.parse(readFileSync(`${root}/${folder}/${name}`, 'utf8')) as Case
    const detection = detect(captures.map(capture), data)
    for (const [id, wanted] of Object.entries(facts)) {
      const fact = detection.facts[id]
      const status = typeof wanted === 'object' && wanted !== null && 'status' in wanted ? wanted : undefined
      expect({ [id]: status ? { status: fact?.status } : fact?.value }).toEqual({ [id]: status ?? wanted })
      if (status) expect(fact?.value ?? null).toBeNull()
    }
    expect(detection).toMatchObject(machine)
  })
})
