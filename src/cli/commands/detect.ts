import type { App } from '../app.ts'
import { EXIT } from '../exit.ts'
import { look } from '../facts.ts'

/** `gb10 detect`: facts and the GB10 verdict. Exit 2 when it could not be told, or the time was over before everything had been asked. */
export async function run(app: App, options: { host?: string; hardware?: string; force?: boolean }): Promise<number> {
  let late = false
  const onDeadline = (seconds: number): void => {
    late = true
    app.note(`the ${seconds} s for all probes were over: what could not be told may only have been late`)
  }
  const detection = await look(app, options.host, { force: options.force === true, onDeadline })
  if (options.hardware !== undefined) {
    app.signal.throwIfAborted() // half a look is no specification
    const { writeHardware } = await import('../hardware.ts')
    const written = await writeHardware(app, options.hardware, detection, options.host)
    app.note(`written: ${written.join(', ')}`)
  }
  const { detectJson, detectText } = await import('../../report/detect.ts')
  app.show(() => detectJson(detection), () => detectText(detection, app.terminal.width, app.terminal.colourOut))
  return late || detection.machine.dgxSpark === 'unknown' ? EXIT.unsure : EXIT.good
}
