import { jsonText } from '../report/json.ts'
import { describeError, EXIT, wantsJson } from './exit.ts'
import { program } from './program.ts'
import { hasData } from './terminal.ts'

/**
 * A reader that has gone (`gb10 … | head`) is no error of ours, and a run goes on to its recorded end without it. Data that
 * cannot be written for another reason, such as a full disk, is a failure.
 */
let dataLost = false
process.stderr.on('error', () => undefined)
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || dataLost) return
  dataLost = true
  process.stderr.write(`gb10: the output could not be written (${error.code}); what was done stays done\n`)
})
process.on('exit', () => {
  if (dataLost && !process.exitCode) process.exitCode = EXIT.failed
})

const stop = new AbortController()
let signalCode = 0
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) {
      if (process.stderr.isTTY) process.stderr.write('\u001B[?25h') // the cursor, which a task list hides
      process.exit(code)
    }
    signalCode = code
    process.stderr.write('\ngb10: stopping; press Ctrl-C again to end at once.\n')
    stop.abort()
  })
}

const argv = process.argv.slice(2)
try {
  const code = await program(argv, stop.signal)
  process.exitCode = signalCode || code
} catch (error) {
  const { code, text, json } = describeError(error)
  process.stderr.write(`${text}\n`)
  // One document: what goes wrong after it was written is told on stderr and by the exit code.
  if (wantsJson(argv) && !hasData()) process.stdout.write(jsonText({ ...json, exitCode: signalCode || code }))
  process.exitCode = signalCode || code
}
