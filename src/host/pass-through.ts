import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Hands the terminal to a command and gives its exit code, 128 + signal when one ended it, 127 when it does not exist. */
export function passThrough(argv: readonly string[], variables: Record<string, string>): Promise<number> {
  return new Promise((done) => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: 'inherit', env: { ...process.env, ...variables } })
    // The terminal has sent it to the child as well: whether that ends anything is the child's to say.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => signal !== 'SIGINT' && child.kill(signal))
    child.on('error', (error: NodeJS.ErrnoException) => {
      process.stderr.write(`gb10: ${argv[0]} cannot be run: ${error.code === 'ENOENT' ? 'not found' : error.message}\n`)
      done(error.code === 'ENOENT' ? 127 : 126)
    })
    child.on('exit', (code, signal) => done(signal ? 128 + constants.signals[signal] : (code ?? 1)))
  })
}
