import { CommanderError } from 'commander'
import { describeError, EXIT } from './exit.ts'
import { program } from './program.ts'

/** Output to a reader that has gone (`gb10 … | head`) is no error of ours. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.good)
    throw error
  })
}

const stop = new AbortController()
let signalCode = 0
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(code)
    signalCode = code
    process.stderr.write(`\ngb10: stopping after this step; press Ctrl-C again to end at once.\n`)
    stop.abort()
  })
}

try {
  const code = await program(process.argv.slice(2), stop.signal)
  process.exitCode = signalCode || code
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has written its message already. Help and version are no errors.
    process.exitCode = error.exitCode === 0 ? EXIT.good : EXIT.usage
  } else {
    const { code, text } = describeError(error)
    process.stderr.write(`${text}\n`)
    process.exitCode = signalCode || code
  }
}
