/** The tables of `checks/_gpus.yaml`: what follows from a name or an id that a machine prints. */
export type FactData = {
  computeCapability: Record<string, string[]>
  gb10: { name: string; computeCapability: string; pciIds: string[]; pciNames: string[]; firstDriver: string; cpus: string[] }
  /** Arm CPU names by implementer and part number. */
  armParts: Record<string, Record<string, string>>
  /** GB10 machines by firmware product text; `pattern` is a regular expression, `seen` the text of a recorded machine. */
  products: { maker: string; product: string; pattern: string; seen: string | null }[]
}

/** Reads the tables: JSON with whole-line comments. Throws SyntaxError on a torn file. */
export const parseData = (text: string): FactData => JSON.parse(text.replace(/^\s*#.*$/gm, '')) as FactData

/** The name without the maker, as the table has it: `NVIDIA GeForce RTX 3060 ...` → `GeForce RTX 3060`. */
const bare = (name: string): string =>
  name
    .replace(/^NVIDIA\s+/i, '')
    .replace(/\s*\.\.\.$/, '')
    .trim()
    .toLowerCase()

const goesOn = (rest: string): boolean => rest === '' || /^[\s-]/.test(rest)

/**
 * Compute capability of a GPU name by the public table, or null. A name that a table cut off ("...") inside a word counts when
 * everything it can be completed to has the same capability.
 */
export const capabilityOfName = (name: string, data: FactData): string | null => {
  const wanted = bare(name)
  const torn = /\S\.\.\.\s*$/.test(name)
  let best = { length: 0, cc: null as string | null }
  const completions = new Set<string>()
  for (const [cc, names] of Object.entries(data.computeCapability)) {
    for (const entry of names.map((n) => n.toLowerCase())) {
      if (
        wanted.startsWith(entry) &&
        goesOn(wanted.slice(entry.length)) &&
        !(torn && entry === wanted) &&
        entry.length > best.length
      )
        best = { length: entry.length, cc }
      if (entry.startsWith(wanted)) completions.add(cc)
    }
  }
  if (best.cc !== null) return best.cc
  return name.trim().endsWith('...') && wanted.length > 3 && completions.size === 1 ? ([...completions][0] ?? null) : null
}

/** The GB10 product whose pattern occurs in any of the firmware's texts, or null. */
export const productOf = (texts: readonly (string | null)[], data: FactData): string | null => {
  const all = texts.filter((t) => t !== null).join('\n')
  const found = data.products.find((p) => new RegExp(p.pattern, 'i').test(all))
  return found ? `${found.maker} ${found.product}` : null
}

/** True when the GPU's name says GB10 as a word of its own (GB100 and GB102 are other chips). */
export const isGb10Name = (name: string, data: FactData): boolean => new RegExp(`\\b${data.gb10.name}\\b`).test(name)
