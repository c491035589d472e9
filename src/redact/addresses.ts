/** Words before an address, close enough to say that it is one. */
const SAYS_ADDRESS =
  /(?:(?<![a-z0-9])(?:inet|addr(?:ess)?|ip|ipv4|peer|gateway|via|nameserver|dns|src|dst|ping|host|server|endpoint|remote|listen(?:ing)?(?: on)?|connect(?:ed|ing|ion)?(?: to| from)?|client|proxy|route|login from|ssh(?: \S+@)?)\W{0,4}|:\/\/|@)$/i
/** What stands before a version: an operator, a package's name in its column, a word that says so. */
const SAYS_VERSION =
  /(?:[=<>~^]=?\s{0,2}|[-+~]|\b(?:v|ver|version|release|revision|firmware|bios|driver|build|kmd|nvml)\W{0,6}|\.so\.|"version"\s{0,2}:\s{0,2}")$/i
/** A Debian or Python version goes on like this. */
const GOES_ON = /^(?:-\d|\+|~|[a-z]|\.(?:dist-info|egg-info|post|dev|tar|whl|deb|so|el\d))/i
/** A package's name before its version: those of CUDA and its libraries have versions with four parts that begin with 10. */
const PACKAGE =
  /(?:^|[^\w./-])(?:lib[a-z][\w.+-]*|nvidia[\w.+-]*|cuda[\w.+-]*|cu[a-z]{2,}[\w.+-]*|tensorrt[\w.+-]*|[a-z][\w.+-]*-(?:dev|cu1\d|bin))(?::(?:arm64|amd64|all))?"?\s*:?\s*"?$/i

/**
 * Whether four numbers are an address rather than a version. Loopback, masks and "any" are kept. Networks that only people use
 * are always addresses;
 * 10.x and public ones are versions where their place says so, and public ones with a small first number unless their place
 * says address.
 */
export function addressV4(value: string, before: string, after: string): boolean {
  const parts = value.split('.').map(Number)
  const [a = 0, b = 0] = parts
  if (parts.some((part) => part > 255) || value.split('.').some((part) => part.length > 1 && part.startsWith('0'))) return false
  if (a === 127 || a === 0 || a === 255) return false
  const address = SAYS_ADDRESS.test(before) || /^(?::\d{2,5}\b|\/\d{1,2}\b)/.test(after)
  if (address) return true
  const home =
    (a === 192 && b === 168) || (a === 172 && b >= 16 && b < 32) || (a === 169 && b === 254) || (a === 100 && b >= 64 && b < 128)
  // Before a version stands `==`; one `=` alone sets a variable, to either.
  if (SAYS_VERSION.test(before) && !(home && /\w=$/.test(before))) return false
  if (GOES_ON.test(after)) return false
  if (home) return true
  if (before.endsWith('_') || after.startsWith('_')) return false
  if (PACKAGE.test(before)) return false
  return a === 10 || (a >= 20 && a < 224)
}

/** Global, unique local and link-local addresses; not `::1`, clock times, PCI addresses or names with two colons in a program. */
export function addressV6(value: string): boolean {
  const text = value.toLowerCase()
  const groups = text.split(':')
  const whole = groups.length === 8 && !text.includes('::')
  const short = text.split('::').length === 2 && groups.length <= 9
  if (text.includes(':::') || (!whole && !short)) return false
  return /^(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]|64):/.test(text) && /[0-9a-f]/.test(text.slice(5))
}
