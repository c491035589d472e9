import type { KnownModel, KnownOcr, SmokeData, SmokeNeed } from '../model/smoke.ts'
import { observe, type Observed } from './judge-observed.ts'

/** Reads smoke/_models.yaml and smoke/_needs.yaml, already parsed, into what the judge rests on. Says what is wrong otherwise. */
export function readSmokeData(models: unknown, needs: unknown): SmokeData | { error: string } {
  const [known, listed] = [observe(models), observe(needs)]
  const getModels = known.text('getModels')
  if (getModels === '') return { error: '_models.yaml: getModels must be a command.' }
  const layout = readModel(known.inside('models', 'layout'))
  const table = readModel(known.inside('models', 'table'))
  if (layout === null || table === null)
    return { error: '_models.yaml: models.layout and models.table need name, parameters and sha256.' }
  const deepseekOcr = readOcr(known.inside('deepseekOcr'))
  if (deepseekOcr === null) return { error: '_models.yaml: deepseekOcr needs v1, v2, getModels and speeds.' }
  const torch = { cuda: known.text('torch', 'cuda'), archs: known.list('torch', 'archs').map(String) }
  if (torch.cuda === '' || torch.archs.length === 0) return { error: '_models.yaml: torch needs cuda and archs.' }
  const entries = listed.list('needs').map((_, index) => readNeed(listed.inside('needs', index)))
  if (entries.length === 0 || entries.includes(null))
    return { error: '_needs.yaml: each of needs must have id, match, what and command.' }
  return { models: { layout, table }, deepseekOcr, torch, getModels, needs: entries.filter((entry) => entry !== null) }
}

function readModel(seen: Observed): KnownModel | null {
  const name = seen.text('name')
  const sha256 = seen.list('sha256').map(String)
  if (name === '' || sha256.some((hash) => !/^[0-9a-f]{64}$/u.test(hash))) return null
  return { name, parameters: seen.number('parameters'), sha256 }
}

function readOcr(seen: Observed): KnownOcr | null {
  const [v1, v2] = [readModel(seen.inside('v1')), readModel(seen.inside('v2'))]
  const getModels = seen.text('getModels')
  const speeds = seen.list('speeds').map((_, index) => {
    const entry = seen.inside('speeds', index)
    const [machine, secondsPerPage, what] = [entry.text('machine'), entry.text('secondsPerPage'), entry.text('what')]
    return { machine, secondsPerPage, what, reported: entry.text('reported'), url: entry.text('url') }
  })
  const whole = speeds.every((speed) => Object.values(speed).every((text) => text !== ''))
  return v1 === null || v2 === null || getModels === '' || !whole ? null : { v1, v2, getModels, speeds }
}

function readNeed(seen: Observed): SmokeNeed | null {
  const need = {
    id: seen.text('id'),
    match: seen.list('match').map(String),
    what: seen.text('what'),
    command: seen.text('command'),
  }
  return need.id === '' || need.match.length === 0 || need.what === '' || need.command === '' ? null : need
}
