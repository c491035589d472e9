/** What a script wrote, read without trust: a value of another type counts as absent. */
export type Observed = {
  /** The value at a path of keys. */
  at(...path: (string | number)[]): unknown
  text(...path: (string | number)[]): string
  number(...path: (string | number)[]): number | null
  list(...path: (string | number)[]): unknown[]
  /** The same reader, further in. */
  inside(...path: (string | number)[]): Observed
}

/** Wraps a parsed document. */
export function observe(value: unknown): Observed {
  const at = (...path: (string | number)[]): unknown => path.reduce<unknown>(step, value)
  return {
    at,
    text: (...path) => {
      const found = at(...path)
      return typeof found === 'string' ? found : ''
    },
    number: (...path) => {
      const found = at(...path)
      return typeof found === 'number' && Number.isFinite(found) ? found : null
    },
    list: (...path) => {
      const found = at(...path)
      return Array.isArray(found) ? found : []
    },
    inside: (...path) => observe(at(...path)),
  }
}

/** The last line of an output that is a JSON object; null when there is none. */
export function lastDocument(stdout: string): Observed | null {
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? observe(value) : null
  } catch {
    return null
  }
}

function step(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Record<string | number, unknown>)[key]
}
