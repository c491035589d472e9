import type { Health } from '../model/verdict.ts'
import { jsonText } from '../report/json.ts'

export const FORMATS = ['human', 'json', 'junit', 'github', 'prometheus', 'markdown'] as const
export type Format = (typeof FORMATS)[number]

/** A health report in a format; only the code of that format is loaded. */
export async function render(
  health: Health,
  format: Format,
  { width, colourOut }: { width: number; colourOut: boolean },
): Promise<string> {
  switch (format) {
    case 'human':
      return (await import('../report/doctor-human.ts')).doctorText(health, width, colourOut)
    case 'json':
      return jsonText((await import('../report/doctor-json.ts')).doctorJson(health))
    case 'junit':
      return (await import('../report/doctor-junit.ts')).doctorJunit(health)
    case 'github':
      return (await import('../report/doctor-github.ts')).doctorGithub(health)
    case 'prometheus':
      return (await import('../report/doctor-prometheus.ts')).doctorPrometheus(health, Date.now() / 1000)
    case 'markdown':
      return (await import('../report/doctor-markdown.ts')).doctorMarkdown(health)
  }
}
