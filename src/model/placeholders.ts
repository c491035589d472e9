const PLACEHOLDER = /\{\{|\}\}|\{([a-zA-Z][a-zA-Z0-9-]*)\}/g

/** The placeholders that every recipe may use beside its own parameters. `arch` is `aarch64` or `x86_64`. */
export const MACHINE_PLACEHOLDERS = ['home', 'data', 'cache', 'arch'] as const

/** The names in `{name}` placeholders of a text. `{{` and `}}` stand for a brace and name nothing. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap((match) => (match[1] === undefined ? [] : [match[1]]))
}

/** The text with its placeholders replaced. The catalogue has refused unknown names, so one here is a bug of ours. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(PLACEHOLDER, (whole, name: string | undefined) => {
    if (name === undefined) return whole.charAt(0)
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined) throw new TypeError(`placeholder {${name}} has no value`)
    return value
  })
}
