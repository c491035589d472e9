import type { Fact } from '../model/fact.ts'
import { derived, factOf, file, tool, type Reading } from './reading.ts'
import { numberOf } from './text.ts'

/** `"A=b" C=d` of a line of a unit; a name without a value has an undefined one. */
const assignments = (line: string): [string, string | undefined][] =>
  [...line.matchAll(/"([A-Za-z_]\w*)(?:=([^"]*))?"|'([A-Za-z_]\w*)(?:=([^']*))?'|([A-Za-z_]\w*)(?:=(\S*))?/g)].map((m) => [
    m[1] ?? m[3] ?? m[5] ?? '',
    m[2] ?? m[4] ?? m[6],
  ])

/**
 * Variables of a systemd unit and its drop-ins, in order. Later lines win; an empty line takes back those before it, and what
 * UnsetEnvironment names, alone or with its value, goes in the end.
 */
const unitVariables = (texts: readonly string[]): Record<string, string> => {
  let set: Record<string, string> = {}
  let unset: [string, string | undefined][] = []
  for (const [, key, value = ''] of texts.join('\n').matchAll(/^[ \t]*(Environment|UnsetEnvironment)=[ \t]*(.*)$/gm)) {
    const named = assignments(value)
    if (key === 'UnsetEnvironment') unset = named.length > 0 ? [...unset, ...named] : []
    else if (value === '') set = {}
    else for (const [name, text] of named) if (text !== undefined) set[name] = text
  }
  for (const [name, text] of unset) if (text === undefined || set[name] === text) delete set[name]
  return set
}

/** Whether more variables stand in a file that the unit names, which nobody reads: secrets are kept in such files. */
const hasFile = (texts: readonly string[]): boolean =>
  /\S/.test([...texts.join('\n').matchAll(/^[ \t]*EnvironmentFile=(.*)$/gm)].at(-1)?.[1] ?? '')

const UNIT = file(/^\/(etc|usr\/lib|lib)\/systemd\/system\/ollama\.service(\.d\/[^/]+\.conf)?$/)
const SHOW = tool('systemctl', (args) => args.includes('ollama') || args.includes('ollama.service'))

const ollamaEnvironment = (readings: readonly Reading[]): Fact<Record<string, string>> => {
  const units = readings.filter((r) => UNIT(r) && r.status === 'ok')
  const shown = readings.filter((r) => SHOW(r) && r.status === 'ok' && /^Environment=/m.test(r.text))
  const all = [...units.filter((r) => !r.path?.includes('.d/')), ...units.filter((r) => r.path?.includes('.d/')), ...shown]
  const absent = readings.some((r) => UNIT(r) && r.status === 'absent')
  const closed = readings.find((r) => UNIT(r) && r.status === 'denied')
  // What such a file sets would win over the others.
  if (closed !== undefined && shown.length === 0) return derived<Record<string, string>>(null, closed.source, 'denied')
  const texts = all.map((r) => r.text)
  const fact = derived(texts.length > 0 ? unitVariables(texts) : null, all[0]?.source, absent ? 'absent' : 'unrecorded')
  return hasFile(texts) ? { ...fact, partial: true } : fact
}

/** `ollama ps`: NAME ID SIZE PROCESSOR …, the processor as `100% GPU` or `48%/52% CPU/GPU`. */
const loaded = (r: Reading): { name: string; processor: string }[] | null =>
  /^NAME\s+ID\s+SIZE\s+PROCESSOR/m.test(r.text)
    ? [...r.text.matchAll(/^(\S+)\s+[0-9a-f]{8,}\s+.*?(\d+%(?:\/\d+%)? (?:CPU\/GPU|CPU|GPU))/gm)].map((m) => ({
        name: m[1] ?? '',
        processor: m[2] ?? '',
      }))
    : null

/** `nvidia-smi --query-compute-apps=pid,used_memory,name`. */
const processes = (r: Reading): { pid: number; name: string; usedMiB: number | null }[] =>
  r.text.split('\n').flatMap((line) => {
    const found = /^\s*(\d+),\s*([^,]+),\s*(\S.*?)\s*$/.exec(line)
    return found ? [{ pid: Number(found[1]), usedMiB: numberOf(found[2]), name: (found[3] ?? '').slice(0, 200) }] : []
  })

const APPS = tool('nvidia-smi', (args) => args.some((a) => a.startsWith('--query-compute-apps=')))

/** Processes that hold 1 GiB or more of the shared memory. */
const servers = (readings: readonly Reading[]): Fact<string[]> => {
  const all = factOf(readings, [{ of: APPS, parse: processes }])
  return {
    ...all,
    value: all.value === null ? null : all.value.filter((p) => (p.usedMiB ?? 0) >= 1024).map((p) => `${p.name} (${p.pid})`),
  }
}

/** Models in the cache of the Hugging Face hub: `models--org--name` is org/name. */
const cachedModels = (readings: readonly Reading[]): Fact<string[]> => {
  const asked = readings.filter(
    (r) => r.tool === 'ls' && r.args.some((a) => a.includes('/models--')) && ['ok', 'absent'].includes(r.status),
  )
  const names = asked.flatMap((r) => [...r.text.matchAll(/\/models--([\w.-]+?)--([\w.-]+)/g)].map((m) => `${m[1]}/${m[2]}`))
  return derived(asked.length > 0 ? names : null, '~/.cache/huggingface/hub')
}

/** Clones of projects whose old guides left traces. */
const projects = (readings: readonly Reading[]): Fact<string[]> => {
  const asked = readings.filter(
    (r) => r.tool === 'ls' && r.args.some((a) => a.includes('DeepSeek-OCR-Web')) && ['ok', 'absent'].includes(r.status),
  )
  return derived(asked.length > 0 ? asked.flatMap((r) => r.text.split('\n').filter((l) => l.startsWith('/'))) : null, '~')
}

/** Samples of the short query that is repeated under load. */
const samples = (
  readings: readonly Reading[],
): { utilizationPercent: number | null; clockSmMHz: number | null; powerW: number | null }[] =>
  readings
    .filter(
      (r) => r.status === 'ok' && r.tool === 'nvidia-smi' && r.args.includes('--query-gpu=utilization.gpu,clocks.sm,power.draw'),
    )
    .flatMap((r) => r.text.split('\n').filter((line) => /^\s*\d/.test(line)))
    .map((line) => {
      const [busy, clock, power] = line.split(',')
      return { utilizationPercent: numberOf(busy), clockSmMHz: numberOf(clock), powerW: numberOf(power) }
    })

const variables = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^(?:export[ \t]+)?([A-Z_][A-Z0-9_]*)=(.*)$/gm)].map((m) => [
      m[1] ?? '',
      (m[2] ?? '').replace(/^(["'])(.*)\1$/, '$2'),
    ]),
  )

const SHELL = file(/\/\.(bashrc|profile|bash_profile|zshrc|bash_aliases)$/)

const shell = (readings: readonly Reading[]): Fact<{ path: string; name: string; value: string }[]> => {
  const files = readings.filter((r) => SHELL(r) && (r.status === 'ok' || r.status === 'absent'))
  const found = files.flatMap((r) =>
    Object.entries(variables(r.text.replaceAll(/^[ \t]+/gm, ''))).map(([name, value]) => ({ path: r.path ?? '', name, value })),
  )
  return derived(files.length > 0 ? found : null, '~/.bashrc')
}

/**
 * Facts of what runs and how it is told to: `ollama.environment` (of its service), `ollama.loaded`, `gpu.processes`,
 * `gpu.servers`, `gpu.samples` (repeated short
 * queries), `models.cached`, `projects.found`, `environment.variables` (of this process, a fixed list), `shell.variables` (the
 * same in the shell's start files), `services.enabled`.
 */
export const workloadFacts = (readings: readonly Reading[]): Record<string, Fact> => {
  const repeated = samples(readings)
  const environment = readings.find(
    (r) => (r.tool === 'printenv' || (r.tool === 'env' && r.args.length === 0)) && r.status === 'ok',
  )
  const wants = readings.filter(
    (r) => r.tool === 'ls' && r.args.some((a) => a.includes('.target.wants/')) && ['ok', 'absent'].includes(r.status),
  )
  return {
    'ollama.environment': ollamaEnvironment(readings),
    'ollama.loaded': factOf(readings, [{ of: tool('ollama', (args) => args.includes('ps')), parse: loaded }]),
    'gpu.processes': factOf(readings, [{ of: APPS, parse: processes }]),
    'gpu.servers': servers(readings),
    'gpu.samples': derived(repeated.length > 0 ? repeated : null, 'nvidia-smi'),
    'environment.variables': derived(environment ? variables(environment.text) : null, 'environment'),
    'shell.variables': shell(readings),
    'models.cached': cachedModels(readings),
    'projects.found': projects(readings),
    'services.enabled': derived(
      wants.length > 0 ? wants.flatMap((r) => [...r.text.matchAll(/\.wants\/(\S+)/g)].map((m) => m[1])) : null,
      '/etc/systemd/system',
    ),
  }
}
