import { spawn } from 'node:child_process'

/** Shows a text page by page with the user's own pager, to which Ctrl-C belongs meanwhile; false when there is none, or it failed. */
export function page(text: string, env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const others = process.listeners('SIGINT')
  const unheard = (): void => undefined
  process.on('SIGINT', unheard)
  for (const other of others) process.off('SIGINT', other)
  return new Promise<boolean>((done) => {
    const child = spawn('/bin/sh', ['-c', env['PAGER'] || 'less -S'], { env, stdio: ['pipe', 'inherit', 'inherit'] })
    child.on('error', () => done(false))
    child.on('exit', (code) => done(code === 0 || code === null)) // null: a signal ended it
    child.stdin.on('error', () => undefined) // a pager that was left early reads no more
    child.stdin.end(text)
  }).finally(() => {
    for (const other of others) process.on('SIGINT', other)
    process.off('SIGINT', unheard)
  })
}
