/** How deep YAML of others may nest. */
export const MAX_DEPTH = 20

/**
 * A bound on the nesting that the parser, which recurses, would meet: brackets that are open at once (quotes are not looked at,
 * so this can only be too strict), and dashes or colons in a row on one line. Null when it is harmless.
 */
export function nesting(text: string): number | null {
  let open = 0
  let most = 0
  for (const char of text) {
    if (char === '[' || char === '{') most = Math.max(most, (open += 1))
    else if ((char === ']' || char === '}') && open > 0) open -= 1
  }
  const dashes = /^[ \t]*(?:[-?] +){20,}/m.test(text)
  return most > MAX_DEPTH ? most : dashes ? MAX_DEPTH + 1 : null
}
