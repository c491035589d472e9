import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { outcomeOf } from '../../src/doctor/judge-exit.ts'
import { detect } from '../../src/facts/detect.ts'
import { readRecording } from '../../src/host/recorded.ts'
import { data, judgeCaptures, root } from './machine.ts'

/** What a recorded machine must be told, beside "could not tell". Machines that are not named have no failure at all. */
const FAILURES: Record<string, string[]> = {
  'truenas-mismatch-580.178': ['driver-library-version-mismatch'],
  'gcp-driver-not-loaded': ['driver-not-loaded'],
  'rtx5090-no-devices': ['no-devices'],
  'rtx3060-wsl2-cuda-err': ['cuda-version-err'],
  'h200-mig-570.86.15': ['insufficient-permissions'],
  'gb10-twin-no-driver': ['driver-not-loaded'],
  'gb10-hung-smi': ['kernel-xid-this-boot'],
  'library-mismatch': ['driver-library-version-mismatch'],
}

type Expected = { dgxSpark: string; appOutputOnly?: string[] }

const check = (folder: string): void => {
  it.each(readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/host.yaml`)))('%s', async (name) => {
    const captures = await readRecording(`${folder}/${name}`)
    const verdicts = judgeCaptures(captures)
    const failures = verdicts.filter(({ status, severity }) => status === 'fail' && severity !== 'info').map(({ id }) => id)
    expect(failures).toEqual(FAILURES[name] ?? [])
    const expected = parse(readFileSync(`${folder}/${name}/expected.yaml`, 'utf8')) as Expected
    const platform = verdicts.find(({ id }) => id === 'platform-not-recognised')
    const known = expected.dgxSpark === 'yes' && !expected.appOutputOnly?.includes('dgxSpark')
    expect(platform?.status).toBe(known ? 'pass' : 'unknown')
    if (!known) expect(outcomeOf(verdicts, 'error', false)).not.toBe('good')
    // What nothing shows is never called healthy: without a GPU in a whole answer of nvidia-smi, none of these passes but before a later complaint.
    const answers = captures.filter((c) => c.argv?.some((word) => word.endsWith('nvidia-smi')) && !c.excerpt)
    const gpus = detect(answers, data).gpus
    if (!gpus.some((gpu) => gpu.name !== null) && failures.length === 0) {
      const passed = verdicts.filter(({ status, id }) => status === 'pass' && ['driver-not-loaded', 'no-devices', 'gpu-lost'].includes(id))
      expect(passed).toEqual([])
    }
  })
}

describe('recorded hosts of this repository', () => check(`${root}test/hosts`))

const shared = `${root}../shared/hosts`
describe.skipIf(!existsSync(shared))('recorded hosts beside this repository (skipped where the folder is absent)', () => {
  if (existsSync(shared)) check(shared)
})
