import type { App } from '../app.ts'
import { EXIT } from '../exit.ts'
import { look } from '../facts.ts'

/** `gb10 detect`: facts and the GB10 verdict. Exit 2 when it could not be told. */
export async function run(app: App, options: { host?: string; hardware?: string; force?: boolean }): Promise<number> {
  const detection = await look(app, options.host, options.force)
  if (options.hardware !== undefined) {
    const { writeHardware } = await import('../hardware.ts')
    const written = await writeHardware(app, options.hardware, detection, options.host)
    app.note(`written: ${written.join(', ')}`)
  }
  const { detectJson, detectText } = await import('../../report/detect.ts')
  app.show(() => detectJson(detection), () => detectText(detection, app.terminal.width, app.terminal.colourOut))
  return detection.machine.dgxSpark === 'unknown' ? EXIT.unsure : EXIT.good
}
