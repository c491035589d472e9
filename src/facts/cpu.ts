import type { Fact } from '../model/fact.ts'
import type { FactData } from './data.ts'
import { factOf, file, tool, type Reading } from './reading.ts'
import { pairOf } from './text.ts'

/** lscpu's "Model name" in the languages util-linux is translated to; the values are the same everywhere. */
const MODEL =
  /^(model name|modellname|nom de mod[èe]le|nombre del modelo|nome (do )?modello?|nome do modelo|モデル名|型号名称|型號名稱|имя модели|nazwa modelu|modelnaam|n[áa]zev modelu|jm[ée]no modelu|назва моделі|modellnamn|modelnavn|mallin nimi|model (adı|ismi)|모델 이름|naziv modela|nom del model|modelln[ée]v)$/i

type Entry = { label: string; value: string }

/** `label: value` lines; the colon may be the wide one; wrapped lines have none and are dropped. */
const entriesOf = (text: string): Entry[] => {
  const json = /^\s*\{/.test(text) ? entriesOfJson(text) : null
  return json ?? text.split('\n').flatMap((line) => pairOf(line) ?? [])
}

/** `lscpu -J`: nested `{field, data, children}` records. */
const entriesOfJson = (text: string): Entry[] | null => {
  type Node = { field?: unknown; data?: unknown; children?: Node[] }
  const flat = (nodes: Node[], depth: number): Entry[] =>
    depth > 8 || !Array.isArray(nodes)
      ? []
      : nodes.flatMap((n) => [
          { label: String(n?.field ?? '').replace(/:$/, ''), value: String(n?.data ?? '') },
          ...flat(n?.children ?? [], depth + 1),
        ])
  try {
    return flat((JSON.parse(text) as { lscpu: Node[] }).lscpu, 0)
  } catch {
    return null
  }
}

const modelsOfLscpu = (r: Reading): string[] | null => {
  const names = entriesOf(r.text)
    .filter((e) => MODEL.test(e.label) && !/^(-|)$/.test(e.value))
    .map((e) => e.value.replace(/\s+/g, ' '))
  return names.length === 0 ? null : [...new Set(names)]
}

/** The first plain number of lscpu is the number of CPUs, whatever its label is called; the list of them follows. */
const logicalOfLscpu = (r: Reading): number | null => {
  const entries = entriesOf(r.text)
  const at = entries.findIndex((e) => /^\d+$/.test(e.value))
  const next = entries[at + 1]?.value ?? ''
  if (at < 0 || !(/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(next) || /^CPU\(s\)$/.test(entries[at]?.label ?? ''))) return null
  return Number(entries[at]?.value)
}

const blocksOf = (text: string): string[] => text.split(/(?=^processor\s*:)/m).filter((b) => b.startsWith('processor'))
const cell = (block: string, key: string): string | undefined => new RegExp(`^${key}\\s*:\\s*(\\S.*?)\\s*$`, 'm').exec(block)?.[1]

/** Names of x86 are printed; Arm prints part numbers, which only a whole file with known parts turns into names. */
const modelsOfCpuinfo =
  (data: FactData) =>
  (r: Reading): string[] | null => {
    const blocks = blocksOf(r.text)
    const printed = blocks.flatMap((b) => cell(b, 'model name') ?? [])
    const names =
      printed.length > 0
        ? printed
        : r.excerpt
          ? []
          : blocks.flatMap((b) => data.armParts[cell(b, 'CPU implementer') ?? '']?.[cell(b, 'CPU part') ?? ''] ?? [])
    const unique = [...new Set(names)]
    const fast = data.gb10.cpus[0]
    return unique.length === 0 ? null : unique.sort((a, b) => Number(b === fast) - Number(a === fast))
  }

/** Facts `cpu.models` (each kind of core once, the fast one first as lscpu lists them) and `cpu.logical`. */
export const cpuFacts = (readings: readonly Reading[], data: FactData): Record<string, Fact> => ({
  'cpu.models': factOf(readings, [
    { of: tool('lscpu'), parse: modelsOfLscpu },
    { of: file('/proc/cpuinfo'), parse: modelsOfCpuinfo(data) },
  ]),
  'cpu.logical': factOf(readings, [
    { of: tool('lscpu'), parse: logicalOfLscpu },
    { of: tool('nproc'), parse: (r) => (/^\d+\s*$/.test(r.text) ? Number(r.text) : null) },
    { of: file('/proc/cpuinfo'), parse: (r) => (r.excerpt ? null : blocksOf(r.text).length || null) },
  ]),
})
