import { spawn } from 'node:child_process'

/** Shows a text page by page with the user's own pager; false when there is none that could be started. */
export function page(text: string, env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  return new Promise((done) => {
    const child = spawn('/bin/sh', ['-c', env['PAGER'] || 'less -S'], { env, stdio: ['pipe', 'inherit', 'inherit'] })
    child.on('error', () => done(false))
    child.on('exit', (code) => done(code !== 127 && code !== 126))
    child.stdin.on('error', () => undefined) // a pager that was left early reads no more
    child.stdin.end(text)
  })
}
