import { UserError, EXIT } from './exit.ts'

/** The flags that mean the same everywhere. */
export type GlobalOptions = {
  json: boolean
  plain: boolean
  quiet: boolean
  verbose: boolean
  color: 'auto' | 'always' | 'never'
  input: boolean
  sources: Record<string, string>
}

/** `name=value` pairs of a repeatable flag. Throws a usage error for one without `=`. */
export function pairs(flag: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new UserError(`${flag} takes NAME=VALUE, got ${JSON.stringify(text)}`, EXIT.usage, `${flag} ${text.replace(/=.*/, '')}=VALUE`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
