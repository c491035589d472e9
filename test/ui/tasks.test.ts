import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import type { Event, Outcome } from '../../src/model/event.ts'
import { taskList } from '../../src/ui/tasks.ts'

const outcome = (status: Outcome['status'], error?: string): Event => ({
  type: 'end', outcome: { id: 'x', recipe: 'docling', kind: 'venv', summary: 's', status, ms: 0, ...(error === undefined ? {} : { error }) },
})
const start = (number: number, summary: string): Event => ({ type: 'start', id: 'x', recipe: 'docling', kind: 'venv', summary, number, of: 4 })

test('tasks are drawn on the given stream alone, each with its end', async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 }) as unknown as NodeJS.WriteStream
  let text = ''
  stream.on('data', (piece: Buffer) => (text += piece.toString()))
  const stdout = vi.spyOn(process.stdout, 'write')
  const stop = new AbortController()
  const list = taskList(stream, stop.signal)
  list.emit(start(1, 'the cache'))
  list.emit(outcome('skipped'))
  list.emit(start(2, 'the model'))
  await sleep(150)
  list.emit({ type: 'progress', id: 'x', progress: { bytes: 5e6, total: 212e6, what: 'deep/inside/model.safetensors' } })
  await sleep(150)
  list.emit(outcome('failed', 'it broke\nin two lines'))
  list.emit(start(3, 'the tree'))
  await sleep(150)
  stop.abort()
  await list.close()
  expect(stdout).not.toHaveBeenCalled()
  stdout.mockRestore()
  // oxlint-disable-next-line no-control-regex
  const bare = text.replaceAll(/\u001B\[[\d;?]*[A-Za-z]/g, '')
  expect(bare).toContain('[1/4] docling: the cache: there already')
  expect(bare).toContain('5.0 MB of 212 MB: model.safetensors')
  expect(bare).toContain('[2/4] docling: the model: FAILED')
  expect(bare).toContain('[3/4] docling: the tree: stopped')
})
