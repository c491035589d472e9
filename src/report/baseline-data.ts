/** One thing that a baseline holds, from checks/_baseline.yaml; their order is from the most suspicious on. */
export type BaselineItem = {
  id: string
  title: string
  suspicious: boolean
  required: boolean
  /** For numbers that vary by themselves: how many percent are no change, and which direction is the bad one. */
  tolerance: number
  worse: 'lower' | 'higher' | null
  /** What of a text another item tells already. */
  leaveOut: RegExp | null
  why: string
  references: { url: string; checked: string }[]
}

type Loose = Record<string, unknown>

/** The items out of the parsed checks/_baseline.yaml. Throws where one is incomplete. */
export function readBaselineData(document: unknown): BaselineItem[] {
  const items = (document as Loose | null)?.['items']
  if (!Array.isArray(items) || items.length === 0) throw new Error('checks/_baseline.yaml: items must be a list')
  const ids = new Set<string>()
  return (items as Loose[]).map((item) => {
    const { id, title, why, references, worse } = item
    if (typeof id !== 'string' || ids.has(id)) throw new Error(`checks/_baseline.yaml: ${String(id)} is no id of its own`)
    ids.add(id)
    if (typeof title !== 'string' || typeof why !== 'string') throw new Error(`checks/_baseline.yaml: ${id} needs title and why`)
    if (!Array.isArray(references) || references.length === 0)
      throw new Error(`checks/_baseline.yaml: ${id} needs a dated reference`)
    return {
      id,
      title,
      why,
      suspicious: item['suspicious'] === true,
      required: typeof item['required'] === 'boolean' ? item['required'] : item['suspicious'] === true,
      tolerance: typeof item['tolerance'] === 'number' ? item['tolerance'] : 0,
      worse: worse === 'lower' || worse === 'higher' ? worse : null,
      leaveOut: typeof item['leaveOut'] === 'string' ? new RegExp(item['leaveOut'], 'g') : null,
      references: (references as Loose[]).map((one) => ({ url: String(one['url']), checked: String(one['checked']) })),
    }
  })
}
