import type { Health } from '../model/verdict.ts'

/** The health report for programs. */
export const doctorJson = ({ summary, results, notes, machine, mended }: Health): object => ({
  formatVersion: '1.0',
  command: 'doctor',
  machine,
  summary,
  results,
  notes,
  ...(mended === undefined ? {} : { mended }),
})
