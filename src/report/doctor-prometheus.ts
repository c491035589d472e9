import type { Health, VerdictStatus } from '../model/verdict.ts'
import { plain } from './text.ts'

const VALUE: Record<VerdictStatus, number> = { pass: 0, fail: 1, unknown: 2, skip: 3, blocked: 3, waived: 3 }

/** A waiver holds to the end of its last day. */
const DAY = 86_400

const label = (text: string): string => plain(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')

/** The health report for node_exporter's textfile collector. `at` = seconds since 1970. */
export function doctorPrometheus({ results, machine }: Health, at: number): string {
  const family = (name: string, help: string, samples: string[]): string[] => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples,
  ]
  const labels = Object.entries(machine).map(([name, value]) => `${name}="${label(value ?? '')}"`)
  return `${[
    ...family(
      'gb10_check_status',
      '0 passed, 1 failed, 2 could not be told, 3 skipped, blocked or waived.',
      results.map(
        ({ id, severity, area, status }) =>
          `gb10_check_status{id="${id}",area="${area}",severity="${severity}"} ${VALUE[status]}`,
      ),
    ),
    ...family(
      'gb10_check_duration_seconds',
      'Time that reading the facts of a check took.',
      results.map(({ id, ms }) => `gb10_check_duration_seconds{id="${id}"} ${(ms / 1000).toFixed(3)}`),
    ),
    ...family(
      'gb10_waiver_end_timestamp_seconds',
      'When a failure that is waived counts again.',
      results.flatMap(({ id, until }) =>
        until === null ? [] : [`gb10_waiver_end_timestamp_seconds{id="${id}"} ${Date.parse(until) / 1000 + DAY}`],
      ),
    ),
    ...family('gb10_last_run_timestamp_seconds', 'When the checks ran.', [`gb10_last_run_timestamp_seconds ${Math.round(at)}`]),
    ...family('gb10_info', 'What the machine is.', [`gb10_info{${labels.join(',')}} 1`]),
  ].join('\n')}\n`
}
